package dev.postern.management;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
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

    private static final int THREADS = 16;
    private static final int WAITING = 64;
    private static final int IDLE_SECONDS = 30;

    private final AtomicInteger threads = new AtomicInteger();
    private final ThreadPoolExecutor pool;
    private final Watchdog watchdog;

    BoundedExecutor(Duration deadline) {
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "postern-management-" + threads.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        pool = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), daemons);
        pool.allowCoreThreadTimeOut(true);
        watchdog = new Watchdog(deadline, daemons);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(() -> watchdog.runRequest(task));
    }

    /** The request whose header this thread has read has all its time from now on. */
    void begun() {
        watchdog.begun();
    }

    @Override
    public void close() {
        pool.shutdownNow();
        watchdog.close();
    }
}
