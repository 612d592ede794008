package dev.postern.spi;

import java.time.Instant;

/** The clock of the machine; the only place in the product that asks it. */
enum SystemRelayClock implements RelayClock {
    INSTANCE;

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public int waitMillis(long nanos) {
        long millis = (nanos + 999_999) / 1_000_000; // up: a wait that is too short would come back for nothing
        return (int) Math.max(1, Math.min(millis, Integer.MAX_VALUE));
    }
}
