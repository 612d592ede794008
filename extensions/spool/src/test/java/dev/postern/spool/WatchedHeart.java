package dev.postern.spool;

import dev.postern.spi.RelayClock;
import java.time.Duration;

/** Tells whether the node behind an engine shows that it is alive as often as it should. */
final class WatchedHeart extends MortalEngine {

    private final Engine engine;
    private final RelayClock clock;
    private final long longest;
    private volatile long lastBeat;
    private volatile boolean closed;

    WatchedHeart(Engine engine, RelayClock clock, Duration lease) {
        super(engine);
        this.engine = engine;
        this.clock = clock;
        longest = lease.toNanos() / 6 * 5; // two beats are due by then, of which a test may have broken one
        lastBeat = clock.nanoTime();
    }

    /** Whether it beats in time; nobody waits for one that is dead or has left. */
    boolean isInTime() {
        return closed
                || engine instanceof MortalEngine mortal && mortal.isDead()
                || clock.nanoTime() - lastBeat < longest;
    }

    /** Waits for no beat that it has missed: the clock has jumped after the last one, and the next is due later. */
    void forgive() {
        lastBeat = clock.nanoTime();
    }

    @Override
    public <T> T transact(Step step, Work<T> work) {
        T result = super.transact(step, work);
        if (step == Step.BEAT || step == Step.REGISTER) {
            lastBeat = clock.nanoTime();
        }
        return result;
    }

    @Override
    public void close() {
        closed = true;
        super.close();
    }
}
