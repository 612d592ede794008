package dev.postern;

/** How far a relay has come; it only goes forward. A relay that is starting is not yet in anybody's hands. */
public enum RelayState {
    /** Takes connections and messages. */
    RUNNING,
    /** Takes no more connections; messages in flight are finished. */
    DRAINING,
    /** Everything has ended. */
    CLOSED
}
