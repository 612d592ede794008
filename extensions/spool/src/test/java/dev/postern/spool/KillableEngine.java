package dev.postern.spool;

/** An engine that ends as one ends whose process is killed. */
final class KillableEngine extends MortalEngine {

    KillableEngine(Engine engine) {
        super(engine);
    }

    void kill() {
        die();
        super.close(); // a process that has ended holds no lock
    }

    @Override
    public void close() {
        if (!isDead()) {
            super.close();
        }
    }
}
