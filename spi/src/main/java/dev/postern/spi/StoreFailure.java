package dev.postern.spi;

/** What a relay does when a shared store (quota, sessions, failed logins) does not answer. */
public enum StoreFailure {
    /** Temporarily refuses what it cannot count. */
    REFUSE,
    /**
     * Counts in its own process until the store answers again. With several relays, each counts for itself, so accounts
     * can send their quota once through each relay.
     */
    COUNT_IN_PROCESS
}
