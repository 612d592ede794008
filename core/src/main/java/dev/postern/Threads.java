package dev.postern;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Threads for sessions, one each: virtual ones where the JVM has them (21 and later), else platform threads. */
final class Threads {

    private Threads() {}

    static ExecutorService newExecutor() {
        return Runtime.version().feature() >= 21 ? newVirtualThreads() : newPlatformThreads();
    }

    /** By name: this code is compiled for a JVM without that method. */
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
