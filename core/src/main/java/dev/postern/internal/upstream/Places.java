package dev.postern.internal.upstream;

import dev.postern.internal.upstream.UpstreamPool.Pooling;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The right to use a connection: so many at a time, and who comes first is served first. Safe for use by several threads. */
final class Places {

    private final Pooling pooling;
    private final RelayClock clock;
    private final Semaphore free;

    Places(Pooling pooling, RelayClock clock) {
        this.pooling = pooling;
        this.clock = clock;
        this.free = new Semaphore(pooling.max(), true);
    }

    /**
     * Waits for a place.
     *
     * @param end when its message must be delivered: no longer than until then
     * @throws UpstreamException when none became free in time
     */
    void take(long end) throws UpstreamException {
        long begun = clock.nanoTime();
        long deadline = begun + Math.min(pooling.maxWait().toNanos(), Math.max(0, end - begun));
        try {
            // the one without a time would overtake those that wait, also in a fair semaphore
            while (!free.tryAcquire(clock.waitMillis(deadline - clock.nanoTime()), TimeUnit.MILLISECONDS)) {
                if (deadline - clock.nanoTime() <= 0) {
                    throw inUse(Duration.ofNanos(deadline - begun).toString());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw inUse("as long as could be waited");
        }
    }

    private UpstreamException inUse(String time) {
        return new UpstreamException(
                UpstreamException.Kind.UNUSABLE, "all " + pooling.max() + " connections were in use for " + time);
    }

    /** Takes a place that nobody waits for. */
    boolean tryTake() {
        return !free.hasQueuedThreads() && free.tryAcquire();
    }

    void giveBack() {
        free.release();
    }

    int taken() {
        return pooling.max() - free.availablePermits();
    }
}
