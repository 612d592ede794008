package dev.postern.spool;

import dev.postern.jdbc.Backend;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A database server that nodes share, with {@code -Dpostern.spool.engines=all}: SQLite goes through the same steps always. */
@EnabledIfSystemProperty(named = "postern.spool.engines", matches = "all")
class PostgresqlPromiseTest extends PromiseTests {

    @Override
    SpoolStore newStore() {
        return SpoolStore.migratedDatabase(Backend.pool(Backend.POSTGRESQL.freshUrl(), 20));
    }
}
