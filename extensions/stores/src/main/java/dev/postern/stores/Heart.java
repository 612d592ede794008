package dev.postern.stores;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews a lease three times per lease period, on its own thread. Thread-safe. */
public final class Heart implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heart.class);
    private static final int BEATS = 3;

    private final ScheduledThreadPoolExecutor executor;

    /**
     * Starts the heartbeat.
     *
     * @param name the thread's name
     * @param lease the lease to renew
     * @param beat renews it; an exception ends only this beat
     */
    public Heart(String name, Duration lease, Runnable beat) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, lease.toMillis() / BEATS);
        Future<?> unused =
                executor.scheduleWithFixedDelay(() -> attempt(name, beat), period, period, TimeUnit.MILLISECONDS);
    }

    /** Must not throw: without further beats, everything that this process holds would be freed. */
    private static void attempt(String name, Runnable beat) {
        try {
            beat.run();
        } catch (RuntimeException | Error e) {
            try {
                LOG.error("{} missed a beat", name, e);
            } catch (RuntimeException | Error again) {
                return; // the heap may have no room for a line either
            }
        }
    }

    /** Stops, and interrupts a running beat. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
