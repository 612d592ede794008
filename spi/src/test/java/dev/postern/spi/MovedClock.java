package dev.postern.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands until a test moves it; the testkit's needs this module. */
final class MovedClock implements RelayClock {

    private final long start;
    private final AtomicLong nanos;

    MovedClock(long start) {
        this.start = start;
        nanos = new AtomicLong(start);
    }

    long elapsed() {
        return nanos.get() - start;
    }

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
        return 1;
    }
}
