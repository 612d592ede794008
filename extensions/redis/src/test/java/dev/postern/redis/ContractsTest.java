package dev.postern.redis;

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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** The testkit's contracts on Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContractsTest {

    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final ContractTime TIME = ContractTime.ofServer(Instant::now, Duration.ofMillis(500));

    private final RedisServer server = new RedisServer();
    private final Map<Object, RedisStores> nodes = new HashMap<>();

    @AfterAll
    void stopServer() {
        server.close();
    }

    private RedisStores node(Duration lease) {
        RedisStores node = RedisStores.builder(server.uri())
                .lease(lease)
                .timeout(Duration.ofSeconds(20))
                .start();
        nodes.put(node.quota(), node);
        nodes.put(node.sessions(), node);
        return node;
    }

    private RedisStores nodeOf(Object store) {
        return Objects.requireNonNull(nodes.get(store));
    }

    private void closeNodes() {
        nodes.values().forEach(RedisStores::close);
        nodes.clear();
    }

    @Nested
    class Quota extends QuotaStoreContract {
        @Override
        protected QuotaStore newStore() {
            return node(Duration.ofSeconds(30)).quota();
        }

        @Override
        protected ContractTime time() {
            return TIME;
        }

        @Override
        protected Expiring<QuotaStore> newExpiringStore() {
            RedisStores dead = node(LEASE);
            dead.stopHeart();
            return new Expiring<>(dead.quota(), LEASE);
        }

        @Override
        protected Optional<QuotaStore> anotherNode(QuotaStore first) {
            return Optional.of(newStore());
        }

        @AfterEach
        void close() {
            closeNodes();
        }
    }

    @Nested
    class Sessions extends SessionRegistryContract {
        @Override
        protected SessionRegistry newRegistry() {
            return node(LEASE).sessions();
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
            nodeOf(node).stopHeart();
            return true;
        }

        @Override
        protected Optional<ContractTime> time() {
            return Optional.of(TIME);
        }

        @AfterEach
        void close() {
            closeNodes();
        }
    }

    @Nested
    class Throttle extends LoginThrottleContract {
        @Override
        protected LoginThrottle newThrottle() {
            return node(Duration.ofSeconds(30)).throttle();
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
            closeNodes();
        }
    }
}
