package dev.postern.stores;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Renews a lease three times as often as it would end, on a thread of its own. Safe for use by several threads. */
public final class Heart implements AutoCloseable {

    private static final int BEATS = 3;

    private final ScheduledThreadPoolExecutor executor;

    /**
     * Begins to beat.
     *
     * @param name of the thread
     * @param lease what to renew
     * @param beat how; throws nothing
     */
    public Heart(String name, Duration lease, Runnable beat) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, lease.toMillis() / BEATS);
        Future<?> unused = executor.scheduleWithFixedDelay(beat, period, period, TimeUnit.MILLISECONDS);
    }

    /** Stops; a beat that is under way is interrupted. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
