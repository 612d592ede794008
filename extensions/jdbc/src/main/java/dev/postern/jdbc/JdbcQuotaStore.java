package dev.postern.jdbc;

import dev.postern.spi.RelayClock;
import dev.postern.stores.Holdings;
import dev.postern.stores.SharedQuotaStore;

/**
 * Counts quota in a database: a reservation is one statement, serialised by its lock on the account's row. Thread-safe.
 */
public final class JdbcQuotaStore extends SharedQuotaStore {

    JdbcQuotaStore(Holdings holdings, RelayClock clock) {
        super(holdings, clock);
    }
}
