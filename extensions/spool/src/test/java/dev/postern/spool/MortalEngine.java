package dev.postern.spool;

/** An engine that does nothing any more once it is dead, as the one of a process that was killed. */
abstract class MortalEngine implements Engine {

    private final Engine engine;
    private volatile boolean dead;

    MortalEngine(Engine engine) {
        this.engine = engine;
    }

    final void die() {
        dead = true;
    }

    final boolean isDead() {
        return dead;
    }

    private Engine living() {
        if (dead) {
            throw new SpoolException("killed");
        }
        return engine;
    }

    @Override
    public <T> T transact(Step step, Work<T> work) {
        return living().transact(step, work);
    }

    @Override
    public <T> T read(Work<T> work) {
        return living().read(work);
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
    public long room() {
        return living().room();
    }

    @Override
    public void close() {
        engine.close();
    }
}
