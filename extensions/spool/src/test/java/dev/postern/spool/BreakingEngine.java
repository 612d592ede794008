package dev.postern.spool;

import java.util.concurrent.atomic.AtomicBoolean;

/** An engine that fails once at a step, or dies there, as a process does that is killed: then it does nothing any more. */
final class BreakingEngine extends MortalEngine {

    /** What happens, and on which side of the commit. */
    enum Break {
        KILLED_BEFORE,
        KILLED_AFTER,
        FAILS_BEFORE,
        FAILS_AFTER;

        boolean kills() {
            return this == KILLED_BEFORE || this == KILLED_AFTER;
        }

        boolean before() {
            return this == KILLED_BEFORE || this == FAILS_BEFORE;
        }
    }

    private final AtomicBoolean broke = new AtomicBoolean();
    private final Step step;
    private final Break how;
    private volatile boolean broken;

    BreakingEngine(Engine engine, Step step, Break how) {
        super(engine);
        this.step = step;
        this.how = how;
    }

    @Override
    public <T> T transact(Step asked, Work<T> work) {
        boolean here = !isDead() && asked == step && broke.compareAndSet(false, true);
        if (!here) {
            return super.transact(asked, work);
        }
        if (!how.before()) {
            super.transact(asked, work);
        }
        if (how.kills()) {
            die();
        }
        broken = true;
        throw new SpoolException(how + " at " + step);
    }

    boolean hasBroken() {
        return broken;
    }
}
