package dev.postern.spi;

import java.time.Instant;

/** The machine's clock; nothing else in the product reads it. */
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
        // up: a wait that is too short would come back for nothing
        long millis = nanos / 1_000_000 + (nanos % 1_000_000 > 0 ? 1 : 0);
        return (int) Math.max(1, Math.min(millis, Integer.MAX_VALUE));
    }
}
