package dev.postern.management;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts tasks that take too long: that closes the channel of a connection that they read or write. Safe for use by
 * several threads.
 */
final class Watchdog implements AutoCloseable {

    private static final ThreadLocal<Interruption> CURRENT = new ThreadLocal<>();

    private final ScheduledThreadPoolExecutor timer;
    private final long deadlineMillis;

    Watchdog(Duration deadline, ThreadFactory threads) {
        deadlineMillis = deadline.toMillis();
        timer = new ScheduledThreadPoolExecutor(1, threads);
        timer.setRemoveOnCancelPolicy(true); // what has ended in time is not kept until then
    }

    /** Interrupts a thread, but not when its task has ended and it may be about another one. */
    private final class Interruption implements Runnable {
        private final Thread thread = Thread.currentThread();
        private Future<?> due;
        private boolean ended;

        Interruption(long millis) {
            due = timer.schedule(this, millis, TimeUnit.MILLISECONDS);
        }

        void postpone(long millis) {
            due.cancel(false);
            due = timer.schedule(this, millis, TimeUnit.MILLISECONDS);
        }

        @Override
        public synchronized void run() {
            if (!ended) {
                thread.interrupt();
            }
        }

        void end() {
            synchronized (this) {
                ended = true;
            }
            due.cancel(false);
        }
    }

    /** Runs a task, whose thread is not interrupted any more when this returns. */
    void run(Runnable task) {
        run(deadlineMillis, task);
    }

    /**
     * Runs a task that has a fifth of the time until it says that it has begun: a request's header needs no longer, and
     * whoever sends none takes others' places so long.
     */
    void runRequest(Runnable task) {
        run(deadlineMillis / 5, task);
    }

    private void run(long millis, Runnable task) {
        Interruption interruption = new Interruption(millis);
        CURRENT.set(interruption);
        try {
            task.run();
        } finally {
            CURRENT.remove();
            interruption.end();
            Thread.interrupted(); // a pool's thread starts its next task without it
        }
    }

    /** The task that this thread runs has all its time from now on. */
    void begun() {
        Interruption interruption = CURRENT.get();
        if (interruption != null) {
            interruption.postpone(deadlineMillis);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
