package dev.postern.spool;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.jdbc.Backend;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

class PostgresqlSpoolContractTest extends SpoolContracts {

    private @Nullable HikariDataSource pool;

    @Override
    SpoolStore newStore() {
        HikariDataSource opened = Backend.pool(Backend.POSTGRESQL.freshUrl(), 20);
        pool = opened;
        return SpoolStore.migratedDatabase(opened);
    }

    @AfterEach
    void closePool() {
        Objects.requireNonNull(pool).close();
    }
}
