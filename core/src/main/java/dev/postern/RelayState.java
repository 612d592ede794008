package dev.postern;

/**
 * How far a relay has come. It goes forward, but for a pause, after which it runs again. There is no state of a relay that is
 * starting: {@link SmtpRelayBuilder#start} returns one that runs.
 */
public enum RelayState {
    /** Takes connections and messages. */
    RUNNING,
    /** Takes no new connections for now; those that are there go on. */
    PAUSED,
    /** Takes no more connections; messages in flight are finished. */
    DRAINING,
    /** Everything has ended. */
    CLOSED
}
