package dev.postern.spool;

import java.util.concurrent.atomic.AtomicBoolean;

/** An engine that fails once at a step, or dies there, as a process does that is killed: then it does nothing any more. */
final class BreakingEngine implements Engine {

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
    private final Engine engine;
    private final Step step;
    private final Break how;
    private volatile boolean dead;
    private volatile boolean broken;

    BreakingEngine(Engine engine, Step step, Break how) {
        this.engine = engine;
        this.step = step;
        this.how = how;
    }

    @Override
    public <T> T transact(Step asked, Work<T> work) {
        live();
        boolean here = asked == step && broke.compareAndSet(false, true);
        if (!here) {
            return engine.transact(asked, work);
        }
        if (!how.before()) {
            engine.transact(asked, work);
        }
        dead = how.kills();
        broken = true;
        throw new SpoolException(how + " at " + step);
    }

    private void live() {
        if (dead) {
            throw new SpoolException("killed at " + step);
        }
    }

    boolean hasBroken() {
        return broken;
    }

    boolean isDead() {
        return dead;
    }

    @Override
    public <T> T read(Work<T> work) {
        live();
        return engine.read(work);
    }

    @Override
    public boolean alone() {
        return engine.alone();
    }

    @Override
    public boolean combines() {
        return engine.combines();
    }

    @Override
    public String forUpdateSkipLocked() {
        return engine.forUpdateSkipLocked();
    }

    @Override
    public void close() {
        engine.close();
    }
}
