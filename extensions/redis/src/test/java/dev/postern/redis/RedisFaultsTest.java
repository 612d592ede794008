package dev.postern.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.stores.Pause;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreException;
import dev.postern.stores.StoreSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What stays right when an answer is lost, or one server of several gives none. */
class RedisFaultsTest {

    private static final String ACME = "acme";
    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);
    private static final StoreSettings SHORT =
            StoreSettings.defaults().withLease(Duration.ofSeconds(2)).withTimeout(Duration.ofMillis(300));

    private static Reservation granted(SharedStores node, String id) {
        return ((QuotaDecision.Granted) node.quota().reserve(QuotaRequest.of(id, ACME, TEN, 1))).reservation();
    }

    @Test
    void aMessageOfWhichARequestWasLostIsCountedOnceItIsSent() {
        try (RedisServer server = new RedisServer();
                SharedStores node = new RedisStoreServer(server).node(SHORT)) {
            Reservation held = granted(node, "m1");
            server.pause();
            assertThat(isRefused(() -> granted(node, "m1"))).isTrue();
            server.resume();
            // the client is told to come back for its second recipient, and sends to the first
            Optional<Reservation> confirmed = confirmed(node, held);
            for (int i = 0; i < 400; i++) { // while the upstream takes the message
                Pause.brief();
            }
            confirmed.ifPresent(node.quota()::commit);
            assertThat(node.quota().usage(ACME, TEN))
                    .extracting(QuotaUsage::used)
                    .isEqualTo(confirmed.isPresent() ? 1L : 0L);
        }
    }

    /** What the relay does right before it sends: nothing, when that fails. */
    private static Optional<Reservation> confirmed(SharedStores node, Reservation held) {
        try {
            if (node.quota().holds(held)) {
                return Optional.of(held);
            }
            node.quota().release(held);
            return Optional.of(granted(node, held.id()));
        } catch (StoreException e) {
            return Optional.empty();
        }
    }

    private static boolean isRefused(Runnable request) {
        try {
            request.run();
            return false;
        } catch (StoreException e) {
            return true;
        }
    }

    @Test
    void aServerThatDoesNotAnswerEndsNoLeaseThatAnotherHas() {
        try (RedisCluster cluster = new RedisCluster();
                SharedStores node = cluster.node(SHORT);
                SharedStores other = cluster.node(SHORT)) {
            List<Claim> claims = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                claims.add(new Claim(Scope.USER, "user-" + i, 1, "s"));
            }
            claims.forEach(claim ->
                    assertThat(node.sessions().acquire(claim)).as(claim.key()).isPresent());
            RedisServer silent = cluster.masterWith("session-user:user-0}");
            List<String> lost = cluster.names(silent);
            claims.removeIf(claim -> lost.contains("postern:{session-user:" + claim.key() + "}"));
            assertThat(claims).isNotEmpty();
            silent.pause();
            try {
                long end =
                        System.nanoTime() + Duration.ofSeconds(4).toNanos(); // two leases, before the cluster gives up
                while (System.nanoTime() - end < 0) {
                    claims.forEach(claim -> assertThat(other.sessions().acquire(claim))
                            .as(claim.key())
                            .isEmpty());
                    Pause.brief();
                }
            } finally {
                silent.resume();
            }
        }
    }
}
