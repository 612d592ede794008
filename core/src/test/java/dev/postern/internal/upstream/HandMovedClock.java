package dev.postern.internal.upstream;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. */
final class HandMovedClock implements RelayClock {

    private final AtomicLong nanos = new AtomicLong();

    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Override
    public Instant now() {
        return Instant.EPOCH;
    }

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    @Override
    public int waitMillis(long remaining) {
        return 5;
    }
}
