package dev.postern;

/**
 * A relay's state. It only moves forward, except that a paused relay can run again. There is no starting state: {@link
 * SmtpRelayBuilder#start} returns a running relay.
 */
public enum RelayState {
    /** Accepts connections and messages. */
    RUNNING,
    /** Accepts no new connections for now; existing ones go on. */
    PAUSED,
    /** Accepts no more connections; messages in flight are finished. */
    DRAINING,
    /** Everything has ended. */
    CLOSED
}
