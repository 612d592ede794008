package dev.postern.spool;

import dev.postern.jdbc.Backend;

/** A database server that nodes share. */
class PostgresqlPromiseTest extends PromiseTests {

    @Override
    SpoolStore newStore() {
        return SpoolStore.migratedDatabase(Backend.pool(Backend.POSTGRESQL.freshUrl(), 20));
    }
}
