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

    private final ScheduledThreadPoolExecutor timer;
    private final long deadlineMillis;

    Watchdog(Duration deadline, ThreadFactory threads) {
        deadlineMillis = deadline.toMillis();
        timer = new ScheduledThreadPoolExecutor(1, threads);
        timer.setRemoveOnCancelPolicy(true); // what has ended in time is not kept until then
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

    /** Runs a task, whose thread is not interrupted any more when this returns. */
    void run(Runnable task) {
        Interruption interruption = new Interruption();
        Future<?> due = timer.schedule(interruption, deadlineMillis, TimeUnit.MILLISECONDS);
        try {
            task.run();
        } finally {
            interruption.end();
            due.cancel(false);
            Thread.interrupted(); // a pool's thread starts its next task without it
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
