package dev.postern.management;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs few tasks at a time, and interrupts one that takes too long: that closes the channel of a connection that it reads
 * or writes, whose client is slow. What there is no place for is rejected, and the server closes its connection. Safe for
 * use by several threads.
 */
final class BoundedExecutor implements Executor, AutoCloseable {

    private static final int THREADS = 4;
    private static final int WAITING = 64;
    private static final int IDLE_SECONDS = 30;

    private final AtomicInteger threads = new AtomicInteger();
    private final ThreadPoolExecutor pool;
    private final ScheduledThreadPoolExecutor watchdog;
    private final long deadlineMillis;

    BoundedExecutor(Duration deadline) {
        deadlineMillis = deadline.toMillis();
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "postern-management-" + threads.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        pool = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), daemons);
        pool.allowCoreThreadTimeOut(true);
        watchdog = new ScheduledThreadPoolExecutor(1, daemons);
        watchdog.setRemoveOnCancelPolicy(true); // what has ended in time is not kept until then
    }

    /** Interrupts a thread, but not when its task has ended and it may be about another one. */
    private static final class Interruption implements Runnable {
        private final Thread thread = Thread.currentThread();
        private boolean ended;

        @Override
        public synchronized void run() {
            if (!ended) {
                thread.interrupt();
            }
        }

        synchronized void end() {
            ended = true;
        }
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(() -> {
            Interruption interruption = new Interruption();
            Future<?> due = watchdog.schedule(interruption, deadlineMillis, TimeUnit.MILLISECONDS);
            try {
                task.run();
            } finally {
                interruption.end();
                due.cancel(false);
                Thread.interrupted(); // the pool's thread starts its next task without it
            }
        });
    }

    @Override
    public void close() {
        pool.shutdownNow();
        watchdog.shutdownNow();
    }
}
