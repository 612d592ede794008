package dev.postern.spi;

/**
 * Counts what accounts send. Units are reserved while a message's envelope is built, committed when the upstream has
 * accepted the message, and released otherwise. Called on the session's thread or one of the relay's, concurrently; may
 * block. One that throws, returns null or takes longer than the relay's plug-in time-out is answered with {@link
 * StandardReply#UPSTREAM_RELAY_FAILED}: nothing that was not granted passes.
 *
 * <p>Rules: {@link #reserve} is atomic, also between nodes, and never grants one unit more than the plan has; a
 * reservation that is neither committed nor released (its node died) returns by itself after a time that the store
 * documents; the store's own clock counts. An account has one plan: identities of the same account that carry different
 * plans share one count, whose period is that of the last request.
 */
public interface QuotaStore {

    /**
     * Reserves units.
     *
     * @param request which account, which reservation, how many
     * @return {@link QuotaDecision.Granted} with the grown reservation, or {@link QuotaDecision.Exceeded}; never null
     */
    QuotaDecision reserve(QuotaRequest request);

    /**
     * Turns reserved units into used ones. The second commit of a reservation does nothing.
     *
     * @param reservation the reservation with the units to commit; what it held beyond them is released
     */
    void commit(Reservation reservation);

    /**
     * Gives all units of a reservation back. Does nothing for a reservation that is committed, released or expired.
     *
     * @param reservation the reservation
     */
    void release(Reservation reservation);

    /**
     * Tells how much is used.
     *
     * @param account the account
     * @param plan the account's plan
     * @return the usage of the current period, never null
     */
    QuotaUsage usage(String account, QuotaPlan plan);
}
