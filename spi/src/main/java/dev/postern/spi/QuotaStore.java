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
 * plans share one count for each {@link QuotaPlan.Unit}, whose period is that of the last request. A plan whose limit
 * changes within a period goes on with what was used.
 *
 * <p>Accounts are named in their canonical form ({@link CanonicalName#ofAccount}), and are the same when their names are
 * the same, octet for octet: a store folds nothing, or it would merge accounts that differ.
 *
 * <p>A reservation and its units belong to the period in which they were reserved: what is settled after its end neither
 * uses nor frees units of the next one. A wall clock that is put back into an earlier period gives nothing back. An account
 * that is null is a {@link NullPointerException}, and so is a request or reservation that is; one that is closed throws.
 *
 * <p>A live process can outlast the time that a store lends reservations for: it was suspended, or the store was away.
 * {@link #holds} says so, and a message whose units went to others is not sent.
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
     * Turns reserved units into used ones. Does nothing for a reservation that is committed, released, expired or unknown.
     *
     * @param reservation the reservation with the units to commit; what it held beyond them is released, and of more units
     *     than it held only those become used
     * @throws NullPointerException when the reservation is null
     */
    void commit(Reservation reservation);

    /**
     * Commits, and tells how the account stands then; the relay tells its listener by it when a threshold is crossed. A
     * store that can do both at once should: the default asks after it has committed, and another message may have come
     * in between.
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
