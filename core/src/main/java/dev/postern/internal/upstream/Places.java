package dev.postern.internal.upstream;

import dev.postern.internal.upstream.UpstreamPool.Pooling;
import dev.postern.spi.RelayClock;
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
     * @throws UpstreamException when none became free in time
     */
    void take() throws UpstreamException {
        if (!free.tryAcquire() && !await()) {
            throw new UpstreamException(
                    UpstreamException.Kind.UNUSABLE,
                    "all " + pooling.max() + " connections were in use for " + pooling.maxWait());
        }
    }

    private boolean await() {
        long deadline = clock.nanoTime() + pooling.maxWait().toNanos();
        try {
            while (true) {
                long remaining = deadline - clock.nanoTime();
                if (remaining <= 0) {
                    return false;
                }
                if (free.tryAcquire(clock.waitMillis(remaining), TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
