package dev.postern.jdbc;

import dev.postern.stores.Holdings;
import dev.postern.stores.SharedSessionRegistry;

/** Sessions in a database. Safe for use by several threads. */
public final class JdbcSessionRegistry extends SharedSessionRegistry {

    JdbcSessionRegistry(Holdings holdings) {
        super(holdings);
    }
}
