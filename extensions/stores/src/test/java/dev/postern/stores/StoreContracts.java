package dev.postern.stores;

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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The testkit's contracts on one server; side by side, since most of their time is waited for. */
@Execution(ExecutionMode.CONCURRENT)
public abstract class StoreContracts {

    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final ContractTime TIME = ContractTime.ofServer(Instant::now, Duration.ofMillis(500));

    /** The server, which all tests share: they keep to names of their own. */
    protected abstract StoreServer server();

    /** The nodes of one test. */
    private final class Nodes {
        private final Map<Object, SharedStores> byStore = new HashMap<>();

        private SharedStores start(Duration lease) {
            SharedStores node =
                    server().node(StoreSettings.defaults().withLease(lease).withTimeout(Duration.ofSeconds(20)));
            byStore.put(node.quota(), node);
            byStore.put(node.sessions(), node);
            byStore.put(node.throttle(), node);
            return node;
        }

        private void die(Object store) {
            server().stopHeart(Objects.requireNonNull(byStore.get(store)));
        }

        private void close() {
            byStore.values().forEach(SharedStores::close);
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
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
            QuotaStore dead = nodes.start(LEASE).quota();
            nodes.die(dead);
            return new Expiring<>(dead, LEASE);
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
    @Execution(ExecutionMode.CONCURRENT)
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
            nodes.die(node);
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
    @Execution(ExecutionMode.CONCURRENT)
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
