package dev.postern.spi;

/** What a relay does while a shared store (quota, sessions, failed logins) does not answer. */
public enum StoreFailure {
    /** Refuses temporarily what it cannot count. */
    REFUSE,
    /**
     * Counts in its own process, each relay for itself, until the store answers again. Accounts can then send more than
     * their quota, by as much as there are relays.
     */
    COUNT_IN_PROCESS
}
