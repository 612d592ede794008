package dev.postern.jdbc;

import dev.postern.stores.Holdings;
import dev.postern.stores.SharedSessionRegistry;

/** Counts sessions in a database. Thread-safe. */
public final class JdbcSessionRegistry extends SharedSessionRegistry {

    JdbcSessionRegistry(Holdings holdings) {
        super(holdings);
    }
}
