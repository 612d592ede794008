package dev.postern.stores;

import dev.postern.spi.QuotaAdjustment;
import java.time.Duration;
import java.util.List;

/**
 * Counts of what is used and held, as an engine keeps them. Each operation happens wholly or not at all, whoever else
 * asks at the same time, and goes by the engine's clock. What a process holds is its own as long as it lives: the engine
 * keeps the lease. Safe for use by several threads.
 */
public interface Ledgers {

    /**
     * A ledger's key.
     *
     * @param kind {@code quota-} and a unit, or {@code session-} and a scope
     * @param name whose
     */
    record Key(String kind, String name) {

        /**
         * Whether holds are sessions: they are there, whatever became of their lease; a reservation that was lost is not.
         *
         * @return true for sessions
         */
        public boolean ofSessions() {
            return kind.startsWith("session-");
        }
    }

    /**
     * What may be held: up to a limit, within a period of the engine's clock.
     *
     * @param key the ledger
     * @param start of the period, in milliseconds since 1970
     * @param end of the period, exclusive
     * @param limit of used and held together; {@link Long#MAX_VALUE} for none
     */
    record Terms(Key key, long start, long end, long limit) {}

    /**
     * How a ledger stands.
     *
     * @param now the engine's time, in milliseconds since 1970
     * @param period when the period began that the counts are of
     * @param used units for good
     * @param held units until they are settled
     */
    record Standing(long now, long period, long used, long held) {}

    /**
     * What came of a wish to hold.
     *
     * @param granted whether units were held
     * @param held how many the id holds in all
     * @param standing the ledger right after
     */
    record Answer(boolean granted, long held, Standing standing) {}

    /**
     * Holds units, beside those that the id holds already; refuses when they are over the limit or the engine's time is
     * not in the period.
     *
     * @param terms the ledger and its bounds
     * @param id what holds
     * @param units 1 or more
     * @return whether they are held
     * @throws StoreException when nobody knows whether they are held
     */
    Answer hold(Terms terms, String id, long units);

    /**
     * Ends a hold: so many of its units become used, the rest returns. One that is not there changes nothing.
     *
     * @param key the ledger
     * @param id what held
     * @param units 0 gives everything back
     * @return the ledger right after
     * @throws StoreException when nobody knows whether it is done
     */
    Standing settle(Key key, String id, long units);

    /**
     * Tells whether an id still holds what it held, and will for a while.
     *
     * @param key the ledger
     * @param id what held
     * @return false when others may have its units
     * @throws StoreException when the engine does not answer
     */
    boolean holds(Key key, String id);

    /**
     * Tells how a ledger stands, without what dead processes hold.
     *
     * @param key the ledger
     * @return its counts, 0 for one that was never written
     * @throws StoreException when the engine does not answer
     */
    Standing standing(Key key);

    /**
     * Changes what is used.
     *
     * @param key the ledger
     * @param start of the present period
     * @param adjustment how
     * @return the ledger right after
     * @throws StoreException when nobody knows whether it is done
     */
    Standing adjust(Key key, long start, QuotaAdjustment adjustment);

    /**
     * Makes known to all processes that the sessions of a user or an account are to end.
     *
     * @param key {@code session-user} or {@code session-account}, and whose
     * @return true when it is known; false, as by default, for an engine that does not keep it
     * @throws StoreException when nobody knows whether it is done
     */
    default boolean revoke(Key key) {
        return false;
    }

    /**
     * Tells what any process has revoked lately.
     *
     * @param within how far to look back, by the engine's clock
     * @return each ledger's last time; none, as by default, of an engine that does not keep it
     * @throws StoreException when the engine does not answer
     */
    default List<Revoked> revoked(Duration within) {
        return List.of();
    }

    /** How long what was revoked is kept, by an engine that does. */
    Duration REVOKED_KEPT = Duration.ofDays(2);

    /**
     * That the sessions of a ledger are to end.
     *
     * @param key the ledger
     * @param age how long ago it was revoked, by the engine's clock
     */
    record Revoked(Key key, Duration age) {}
}
