package dev.postern.jdbc;

import dev.postern.spi.RelayClock;
import dev.postern.stores.Holdings;
import dev.postern.stores.SharedQuotaStore;

/**
 * Quota in a database: a reservation is one statement, whose lock on the account's row decides. Safe for use by several
 * threads.
 */
public final class JdbcQuotaStore extends SharedQuotaStore {

    JdbcQuotaStore(Holdings holdings, RelayClock clock) {
        super(holdings, clock);
    }
}
