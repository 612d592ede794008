package dev.postern.spi;

/**
 * Counts what accounts send. The relay reserves units while a client builds a message's envelope, commits them when the
 * upstream has accepted the message, and releases them otherwise. Called on the session's thread or one of the relay's,
 * concurrently. May block. When a store throws, returns null or takes longer than the relay's plug-in time-out, the client
 * gets {@link StandardReply#UPSTREAM_RELAY_FAILED}: no message passes whose units were not granted.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>{@link #reserve} is atomic, also between nodes, and never grants one unit more than the plan has.
 *   <li>A reservation that nobody commits or releases, because its node died, expires after a time that the store documents.
 *       The store's own clock counts.
 *   <li>An account has one plan. Identities of the same account that carry different plans share one count for each {@link
 *       QuotaPlan.Unit}, with the period of the last request. When a plan's limit changes within a period, used units stay used.
 *   <li>Accounts are named in canonical form ({@link CanonicalName#ofAccount}) and compared octet for octet: a store that
 *       folded names would merge accounts that differ.
 *   <li>A reservation belongs to the period in which it was made: settling it later neither uses nor frees units of the next
 *       period. Setting the wall clock back into an earlier period gives nothing back.
 *   <li>A null account, request or reservation is a {@link NullPointerException}. A closed store throws.
 *   <li>A call that takes too long is interrupted. Whatever comes of it, later calls are answered as if it had not been.
 *   <li>A process can outlive the time for which a store lends reservations: it was suspended, or the store was away. {@link
 *       #holds} says so, and the relay does not send a message whose units went to others.
 * </ul>
 */
public interface QuotaStore {

    /**
     * Reserves units. Units for the same reservation add up; those that are refused change nothing, and leave the
     * reservation with those it had. No number of units overflows into a grant. A plan without limit grants everything, and
     * counts.
     *
     * @param request which account, which reservation, how many
     * @return {@link QuotaDecision.Granted} with the grown reservation, or {@link QuotaDecision.Exceeded} with the usage that
     *     it goes by; never null
     * @throws NullPointerException when the request is null
     */
    QuotaDecision reserve(QuotaRequest request);

    /**
     * Makes reserved units used. Does nothing for a reservation that is committed, released, expired or unknown.
     *
     * @param reservation the reservation with the units to commit; what it held beyond them is released, and of more units
     *     than it held only those become used
     * @throws NullPointerException when the reservation is null
     */
    void commit(Reservation reservation);

    /**
     * Commits, and returns the account's usage right after, by which the relay notices that a threshold was crossed. A
     * store that can do both at once should: the default asks after the commit, when another message may have come in
     * between.
     *
     * @param reservation as for {@link #commit}
     * @return the usage right after, never null
     */
    default QuotaUsage commitAndTell(Reservation reservation) {
        commit(reservation);
        return usage(reservation.account(), reservation.plan());
    }

    /**
     * Gives all units of a reservation back. Does nothing for a reservation that is committed, released, expired or unknown.
     *
     * @param reservation the reservation
     * @throws NullPointerException when the reservation is null
     */
    void release(Reservation reservation);

    /**
     * Tells whether a reservation still holds its units. Asked right before the message is sent, so it should answer from
     * memory while its lease cannot have run out. There is no default: a store that always says yes sends messages whose
     * units went to others.
     *
     * @param reservation the reservation, with all of its units
     * @return false when its units may have gone to others; the relay then reserves them anew, or refuses the message
     * @throws NullPointerException when the reservation is null
     */
    boolean holds(Reservation reservation);

    /**
     * Tells how much is used.
     *
     * @param account the account, in its canonical form
     * @param plan the account's plan
     * @return the usage of the current period in the plan's unit, 0 for an account that has not sent; never null
     * @throws NullPointerException when the account is null
     */
    QuotaUsage usage(String account, QuotaPlan plan);

    /**
     * Changes what counts as used, by an operator's hand. Reservations stay.
     *
     * @param adjustment what to change
     * @return the usage right after, never null
     * @throws UnsupportedOperationException when the store cannot; the default
     */
    default QuotaUsage adjust(QuotaAdjustment adjustment) {
        throw new UnsupportedOperationException(getClass().getName() + " cannot adjust what is used");
    }
}
