package dev.postern.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.stores.ServerProcess;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreServer;
import dev.postern.stores.StoreSettings;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A database as the common tests see it; each node has a pool of its own. On a server that others use too, a node that has
 * ended leaves its pool to the next one: each connection costs the server a process or a thread.
 */
record JdbcServer(String address, @Nullable ServerProcess ownProcess) implements StoreServer {

    /** Pools of nodes that have ended, by address and timeout; they end with the tests. */
    private static final Map<String, Queue<HikariDataSource>> LEFT = new ConcurrentHashMap<>();

    /** A database of a server that others use too, and that ends with the tests. */
    JdbcServer(String address) {
        this(address, null);
    }

    /** A node and its pool, and where it leaves it. */
    private record Node(
            JdbcStores stores, HikariDataSource database, Consumer<HikariDataSource> end, AtomicBoolean ended)
            implements SharedStores {
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
            if (ended.compareAndSet(false, true)) {
                end.accept(database);
            }
        }
    }

    @Override
    public SharedStores node(StoreSettings settings) {
        long timeout = settings.timeout().toMillis();
        Queue<HikariDataSource> left =
                LEFT.computeIfAbsent(address + " " + timeout, key -> new ConcurrentLinkedQueue<>());
        HikariDataSource idle = left.poll();
        HikariDataSource database = idle == null ? Backend.pool(address, 8, timeout) : idle;
        JdbcStores stores = JdbcStores.builder(database)
                .migrate()
                .lease(settings.lease())
                .timeout(settings.timeout())
                .clock(settings.clock())
                .start();
        return new Node(
                stores, database, ownProcess == null ? left::add : HikariDataSource::close, new AtomicBoolean());
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
