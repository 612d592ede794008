package dev.postern.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.stores.ServerProcess;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreServer;
import dev.postern.stores.StoreSettings;
import org.jspecify.annotations.Nullable;

/** A database as the common tests see it; each node has a pool of its own. */
record JdbcServer(String address, @Nullable ServerProcess ownProcess) implements StoreServer {

    /** A database of a server that others use too, and that ends with the tests. */
    JdbcServer(String address) {
        this(address, null);
    }

    /** A node and its pool. */
    private record Node(JdbcStores stores, HikariDataSource database) implements SharedStores {
        @Override
        public JdbcQuotaStore quota() {
            return stores.quota();
        }

        @Override
        public JdbcSessionRegistry sessions() {
            return stores.sessions();
        }

        @Override
        public JdbcLoginThrottle throttle() {
            return stores.throttle();
        }

        @Override
        public void close() {
            stores.close();
            database.close();
        }
    }

    @Override
    public SharedStores node(StoreSettings settings) {
        HikariDataSource database = Backend.pool(address, 8, settings.timeout().toMillis());
        JdbcStores stores = JdbcStores.builder(database)
                .migrate()
                .lease(settings.lease())
                .timeout(settings.timeout())
                .clock(settings.clock())
                .start();
        return new Node(stores, database);
    }

    @Override
    public void stopHeart(SharedStores node) {
        ((Node) node).stores.stopHeart();
    }

    @Override
    public StoreServer behind(int port) {
        return new JdbcServer(address.replaceFirst(":\\d+/", ":" + port + "/"), ownProcess);
    }

    @Override
    public ServerProcess process() {
        if (ownProcess == null) {
            throw new UnsupportedOperationException("not this test's own server");
        }
        return ownProcess;
    }

    @Override
    public void close() {
        if (ownProcess != null) {
            ownProcess.close();
        }
    }
}
