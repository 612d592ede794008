package dev.postern.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.jdbc.JdbcStores;
import dev.postern.redis.RedisStores;
import dev.postern.stores.SharedStores;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Shared stores by their address, and the pool that they need. */
final class OpenStores implements AutoCloseable {

    private static final int CONNECTIONS = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    final SharedStores stores;
    private final @Nullable HikariDataSource database;

    private OpenStores(SharedStores stores, @Nullable HikariDataSource database) {
        this.stores = stores;
        this.database = database;
    }

    static OpenStores at(String address) {
        if (!address.startsWith("jdbc:")) {
            return new OpenStores(RedisStores.builder(address).timeout(TIMEOUT).start(), null);
        }
        HikariDataSource database = Pools.open(address, CONNECTIONS);
        return new OpenStores(
                JdbcStores.builder(database).migrate().timeout(TIMEOUT).start(), database);
    }

    @Override
    public void close() {
        stores.close();
        if (database != null) {
            database.close();
        }
    }
}
