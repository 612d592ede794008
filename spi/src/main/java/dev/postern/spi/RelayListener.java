package dev.postern.spi;

/**
 * Is told what happens; cannot change it. Called on the session's thread, or on one of the relay's that looks after kept
 * connections, concurrently; must be quick, for the client waits, and keep the thread's interruption. One that throws is
 * logged and otherwise ignored; the event is then lost.
 */
@FunctionalInterface
public interface RelayListener {

    /**
     * Takes an event.
     *
     * @param event what happened
     */
    void on(RelayEvent event);

    /**
     * Ignores everything.
     *
     * @return the default
     */
    static RelayListener none() {
        return event -> {};
    }
}
