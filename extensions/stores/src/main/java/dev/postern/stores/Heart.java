package dev.postern.stores;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews a lease three times as often as it would end, on a thread of its own. Safe for use by several threads. */
public final class Heart implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heart.class);
    private static final int BEATS = 3;

    private final ScheduledThreadPoolExecutor executor;

    /**
     * Begins to beat.
     *
     * @param name of the thread
     * @param lease what to renew
     * @param beat how; what it throws ends this beat alone
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

    /** Whatever happens here, the next beat must come: else all that this process holds would return. */
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

    /** Stops; a beat that is under way is interrupted. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
