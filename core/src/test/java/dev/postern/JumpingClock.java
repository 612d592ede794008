package dev.postern;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Runs by itself, says that waits last as long as they are, and jumps all the same. */
public final class JumpingClock implements RelayClock {

    private final AtomicLong ahead = new AtomicLong();

    public void jump(Duration time) {
        ahead.addAndGet(time.toNanos());
    }

    @Override
    public Instant now() {
        return Instant.now().plusNanos(ahead.get());
    }

    @Override
    public long nanoTime() {
        return System.nanoTime() + ahead.get();
    }

    @Override
    public int waitMillis(long nanos) {
        return RelayClock.system().waitMillis(nanos);
    }
}
