package dev.postern;

import dev.postern.spi.RelayClock;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Threads for sessions, one each: virtual threads if the JVM has them (21 and later), else platform threads. */
final class Threads {

    private Threads() {}

    /** Waits until a task has ended, successfully or not, or the clock has reached {@code end}. */
    static boolean awaitDone(Future<?> task, long end, RelayClock clock) throws InterruptedException {
        for (long left = end - clock.nanoTime(); !task.isDone() && left > 0; left = end - clock.nanoTime()) {
            try {
                task.get(clock.waitMillis(left), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // the clock says whether the time is over
            } catch (ExecutionException e) {
                return true; // get() tells of it again
            }
        }
        return task.isDone();
    }

    static ExecutorService newExecutor() {
        return Runtime.version().feature() >= 21 ? newVirtualThreads() : newPlatformThreads();
    }

    /** Uses reflection: this code is compiled for a JVM without that method. */
    private static ExecutorService newVirtualThreads() {
        try {
            MethodHandle factory = MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class));
            return (ExecutorService) factory.invokeExact();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a JVM of 21 or later without virtual threads", e);
        }
    }

    private static ExecutorService newPlatformThreads() {
        AtomicLong number = new AtomicLong();
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "postern-session-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }
}
