package dev.postern.spi;

/**
 * Counts what accounts send. The relay reserves units while a client builds a message's envelope, commits them when the
 * upstream has accepted the message, and releases them otherwise. Called on the session's thread or a relay thread,
 * concurrently. May block. When a store throws, returns null or takes longer than the relay's plug-in time-out, the
 * client gets {@link StandardReply#UPSTREAM_RELAY_FAILED}: a message whose units were not granted never passes.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>{@link #reserve} is atomic, even across nodes, and never grants more units than the plan has.
 *   <li>A reservation that is never committed or released, because its node died, expires after a time that the store
 *       documents, measured by the store's own clock.
 *   <li>An account has one plan. If identities of the same account carry different plans, they share one count for each
 *       {@link QuotaPlan.Unit}, with the period of the last request. When a plan's limit changes within a period, used
 *       units stay used.
 *   <li>Accounts are named in canonical form ({@link CanonicalName#ofAccount}) and compared octet for octet: a store
 *       that folds names would merge different accounts.
 *   <li>A reservation belongs to the period in which it was made: committing or releasing it later neither uses nor
 *       frees units of the next period. Setting the wall clock back into an earlier period gives no units back.
 *   <li>A null account, request or reservation causes a {@link NullPointerException}. A closed store throws.
 *   <li>A call that takes too long is interrupted. That must not affect the answers to later calls.
 *   <li>A process can outlive the lease of its reservations, because it was suspended or the store was unreachable.
 *       {@link #holds} then returns false, and the relay does not send a message whose units may have gone to others.
 * </ul>
 */
public interface QuotaStore {

    /**
     * Reserves units. Units for the same reservation add up; a refused request leaves the reservation as it was. No
     * number of units overflows into a grant. An unlimited plan grants everything, but still counts.
     *
     * @param request the account, the reservation and the number of units
     * @return {@link QuotaDecision.Granted} with the grown reservation, or {@link QuotaDecision.Exceeded} with the
     *     usage that it is based on; never null
     * @throws NullPointerException when the request is null
     */
    QuotaDecision reserve(QuotaRequest request);

    /**
     * Turns reserved units into used ones. Does nothing for a reservation that is committed, released, expired or
     * unknown.
     *
     * @param reservation the reservation with the units to commit; units that it held beyond these are released, and no
     *     more than it held become used
     * @throws NullPointerException when the reservation is null
     */
    void commit(Reservation reservation);

    /**
     * Commits, and returns the account's usage right after, so that the relay notices when a threshold is crossed. A
     * store that can do both at once should: the default asks after the commit, and another message may come in
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
     * Gives back all units of a reservation. Does nothing for a reservation that is committed, released, expired or
     * unknown.
     *
     * @param reservation the reservation
     * @throws NullPointerException when the reservation is null
     */
    void release(Reservation reservation);

    /**
     * Returns whether a reservation still holds its units. Called right before the message is sent, so it should answer
     * from memory while the lease cannot have expired. There is no default: a store that always returned true would let
     * messages go whose units went to others.
     *
     * @param reservation the reservation, with all of its units
     * @return false when its units may have gone to others; the relay then reserves them anew, or refuses the message
     * @throws NullPointerException when the reservation is null
     */
    boolean holds(Reservation reservation);

    /**
     * Returns an account's usage.
     *
     * @param account the account, in its canonical form
     * @param plan the account's plan
     * @return the usage of the current period in the plan's unit, 0 for an account that has sent nothing; never null
     * @throws NullPointerException when the account is null
     */
    QuotaUsage usage(String account, QuotaPlan plan);

    /**
     * Changes an account's used units for an operator. Reservations are not affected.
     *
     * @param adjustment what to change
     * @return the usage right after, never null
     * @throws UnsupportedOperationException when the store cannot do this, as by default
     */
    default QuotaUsage adjust(QuotaAdjustment adjustment) {
        throw new UnsupportedOperationException(getClass().getName() + " cannot adjust what is used");
    }
}
