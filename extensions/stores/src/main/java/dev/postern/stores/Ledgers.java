package dev.postern.stores;

import dev.postern.spi.QuotaAdjustment;
import java.time.Duration;
import java.util.List;

/**
 * An engine's counts of used and held units. Each operation is atomic, and uses the engine's clock. A process keeps
 * what it holds as long as it lives: the engine keeps the lease. Thread-safe.
 */
public interface Ledgers {

    /**
     * A ledger's key.
     *
     * @param kind {@code quota-} and a unit, or {@code session-} and a scope
     * @param name the owner
     */
    record Key(String kind, String name) {

        /**
         * Returns whether holds are sessions: these exist even after their lease was lost, unlike a lost reservation.
         *
         * @return true for sessions
         */
        public boolean ofSessions() {
            return kind.startsWith("session-");
        }
    }

    /**
     * The bounds of a hold: a limit, and a period of the engine's clock.
     *
     * @param key the ledger
     * @param start the period's start, in milliseconds since 1970
     * @param end the period's end, exclusive
     * @param limit for used and held units together; {@link Long#MAX_VALUE} for none
     */
    record Terms(Key key, long start, long end, long limit) {}

    /**
     * The state of a ledger.
     *
     * @param now the engine's time, in milliseconds since 1970
     * @param period when the period of the counts began
     * @param used permanently used units
     * @param held units held until they are settled
     */
    record Standing(long now, long period, long used, long held) {}

    /**
     * The result of a hold.
     *
     * @param granted whether the units are held
     * @param held how many units the id holds in all
     * @param standing the ledger right afterwards
     */
    record Answer(boolean granted, long held, Standing standing) {}

    /**
     * Holds units, in addition to those that the id already holds. Refuses when they exceed the limit, or the engine's
     * time is outside the period.
     *
     * @param terms the ledger and its bounds
     * @param id the holder
     * @param units 1 or more
     * @return whether they are held
     * @throws StoreException when it is unknown whether they are held
     */
    Answer hold(Terms terms, String id, long units);

    /**
     * Ends a hold: this many of its units become used, the rest is freed. An unknown hold changes nothing.
     *
     * @param key the ledger
     * @param id the holder
     * @param units 0 gives everything back
     * @return the ledger right afterwards
     * @throws StoreException when it is unknown whether it is done
     */
    Standing settle(Key key, String id, long units);

    /**
     * Returns whether an id still holds its units, and will for a while.
     *
     * @param key the ledger
     * @param id the holder
     * @return false when others may have its units
     * @throws StoreException when the engine does not answer
     */
    boolean holds(Key key, String id);

    /**
     * Returns the state of a ledger, without what dead processes hold.
     *
     * @param key the ledger
     * @return its counts, 0 for a ledger that was never written
     * @throws StoreException when the engine does not answer
     */
    Standing standing(Key key);

    /**
     * Changes the used units.
     *
     * @param key the ledger
     * @param start the current period's start
     * @param adjustment the change
     * @return the ledger right afterwards
     * @throws StoreException when it is unknown whether it is done
     */
    Standing adjust(Key key, long start, QuotaAdjustment adjustment);

    /**
     * Announces to all processes that the sessions of a user or an account must end.
     *
     * @param key {@code session-user} or {@code session-account}, and the owner
     * @return true when it is recorded; false, as by default, for an engine that does not record it
     * @throws StoreException when it is unknown whether it is done
     */
    default boolean revoke(Key key) {
        return false;
    }

    /**
     * Lists the recent revocations of all processes.
     *
     * @param within how far to look back, by the engine's clock
     * @return each ledger's latest revocation; none, as by default, for an engine that does not record them
     * @throws StoreException when the engine does not answer
     */
    default List<Revoked> revoked(Duration within) {
        return List.of();
    }

    /** How long an engine keeps revocations, if it does. */
    Duration REVOKED_KEPT = Duration.ofDays(2);

    /**
     * A revocation: the sessions of a ledger must end.
     *
     * @param key the ledger
     * @param age how long ago it was revoked, by the engine's clock
     */
    record Revoked(Key key, Duration age) {}
}
