package dev.postern.spool;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that make attempts. Safe for use by several threads. */
final class Workers {

    private final ThreadPoolExecutor threads;

    private static final class Worker extends Thread {
        private Worker(Runnable work, String name) {
            super(work, name);
            setDaemon(true);
        }
    }

    Workers(int attempts) {
        AtomicInteger count = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                attempts,
                attempts,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> new Worker(work, "postern-spool-" + count.incrementAndGet()));
    }

    /** Whether this is a thread in the middle of an attempt, of this spool or another: that one cannot be waited for here. */
    static boolean isAttempting() {
        return Thread.currentThread() instanceof Worker;
    }

    /** Makes all threads: one that cannot be started fails here, not with a message in its hands. */
    void start() {
        threads.prestartAllCoreThreads();
    }

    /** False when they have been closed. */
    boolean begin(Runnable attempt) {
        try {
            threads.execute(attempt);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Begins nothing any more. */
    void close() {
        threads.shutdown();
    }

    /** Waits for what is under way; false when it did not end in time. */
    boolean awaitEnd(long seconds) throws InterruptedException {
        return threads.awaitTermination(seconds, TimeUnit.SECONDS);
    }

    /** Interrupts what is under way. */
    void cut() {
        threads.shutdownNow();
    }
}
