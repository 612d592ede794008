package dev.postern.jdbc;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.SessionRegistry;
import dev.postern.testkit.tck.ContractTime;
import dev.postern.testkit.tck.Expiring;
import dev.postern.testkit.tck.LoginThrottleContract;
import dev.postern.testkit.tck.QuotaStoreContract;
import dev.postern.testkit.tck.SessionRegistryContract;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The testkit's contracts on one database. Most of their time is waited for, so the databases do it side by side. */
abstract class JdbcContracts {

    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final ContractTime TIME = ContractTime.ofServer(Instant::now, Duration.ofMillis(500));

    private final Backend backend;

    JdbcContracts(Backend backend) {
        this.backend = backend;
    }

    /** The nodes of one test. */
    private final class Nodes {
        private final Map<Object, JdbcStores> byStore = new HashMap<>();

        private JdbcStores start(Duration lease) {
            JdbcStores node = JdbcStores.builder(backend.sharedDatabase())
                    .migrate()
                    .lease(lease)
                    .timeout(Duration.ofSeconds(20))
                    .start();
            byStore.put(node.quota(), node);
            byStore.put(node.sessions(), node);
            byStore.put(node.throttle(), node);
            return node;
        }

        private JdbcStores of(Object store) {
            return Objects.requireNonNull(byStore.get(store));
        }

        private void close() {
            byStore.values().forEach(JdbcStores::close);
        }
    }

    @Nested
    class Quota extends QuotaStoreContract {
        private final Nodes nodes = new Nodes();

        @Override
        protected QuotaStore newStore() {
            return nodes.start(Duration.ofSeconds(30)).quota();
        }

        @Override
        protected ContractTime time() {
            return TIME;
        }

        @Override
        protected Expiring<QuotaStore> newExpiringStore() {
            JdbcStores dead = nodes.start(LEASE);
            dead.stopHeart();
            return new Expiring<>(dead.quota(), LEASE);
        }

        @Override
        protected Optional<QuotaStore> anotherNode(QuotaStore first) {
            return Optional.of(newStore());
        }

        @AfterEach
        void close() {
            nodes.close();
        }
    }

    @Nested
    class Sessions extends SessionRegistryContract {
        private final Nodes nodes = new Nodes();

        @Override
        protected SessionRegistry newRegistry() {
            return nodes.start(LEASE).sessions();
        }

        @Override
        protected Optional<SessionRegistry> anotherNode(SessionRegistry first) {
            return Optional.of(newRegistry());
        }

        @Override
        protected Optional<Expiring<SessionRegistry>> newExpiringRegistry() {
            return Optional.of(new Expiring<>(newRegistry(), LEASE.multipliedBy(2)));
        }

        @Override
        protected boolean crash(SessionRegistry node) {
            nodes.of(node).stopHeart();
            return true;
        }

        @Override
        protected Optional<ContractTime> time() {
            return Optional.of(TIME);
        }

        @AfterEach
        void close() {
            nodes.close();
        }
    }

    @Nested
    class Throttle extends LoginThrottleContract {
        private final Nodes nodes = new Nodes();

        @Override
        protected LoginThrottle newThrottle() {
            return nodes.start(Duration.ofSeconds(30)).throttle();
        }

        @Override
        protected ContractTime time() {
            return TIME;
        }

        @Override
        protected Optional<LoginThrottle> anotherNode(LoginThrottle first) {
            return Optional.of(newThrottle());
        }

        @AfterEach
        void close() {
            nodes.close();
        }
    }
}
