package dev.postern.spool;

/** An engine that ends as one ends whose process is killed. */
final class KillableEngine implements Engine {

    private final Engine engine;
    private volatile boolean dead;

    KillableEngine(Engine engine) {
        this.engine = engine;
    }

    void kill() {
        dead = true;
        engine.close(); // a process that has ended holds no lock
    }

    private void live() {
        if (dead) {
            throw new SpoolException("killed");
        }
    }

    @Override
    public <T> T transact(Step step, Work<T> work) {
        live();
        return engine.transact(step, work);
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
        if (!dead) {
            engine.close();
        }
    }
}
