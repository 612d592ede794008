package dev.postern.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.stores.Pause;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreException;
import dev.postern.stores.StoreSettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster that makes a replica the master when the master is dead. */
@Tag("tools") // with the machine's Redis
class RedisClusterFailoverTest {

    private static final String ACCOUNT = "acme";
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(5);

    private static boolean send(SharedStores node, String id) {
        if (node.quota().reserve(QuotaRequest.of(id, ACCOUNT, PLAN, 1)) instanceof QuotaDecision.Granted granted) {
            node.quota().commit(granted.reservation());
            return true;
        }
        return false;
    }

    /** Without WAIT, what the master has not sent yet is forgotten; what it has sent counts. */
    @Test
    void whatTheReplicaHasCountsWhenItTakesOver() {
        try (RedisCluster cluster = new RedisCluster().withReplicas();
                SharedStores node = cluster.node(StoreSettings.defaults()
                        .withLease(Duration.ofSeconds(2))
                        .withTimeout(Duration.ofSeconds(1)))) {
            for (int i = 0; i < 3; i++) {
                assertThat(send(node, "before-" + i)).isTrue();
            }
            cluster.masterWith(ACCOUNT).kill();
            assertThatThrownBy(() -> send(node, "while")).isInstanceOf(StoreException.class);
            long from = System.nanoTime();
            while (!answers(node)) {
                Pause.brief();
            }
            System.out.printf(
                    "fail-over of a cluster: refused for %d ms%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from));
            while (node.quota().usage(ACCOUNT, PLAN).reserved() > 0) {
                Pause.brief(); // what was reserved without an answer is given back
            }
            assertThat(node.quota().usage(ACCOUNT, PLAN).used()).isEqualTo(3);
            assertThat(send(node, "after-1")).isTrue();
            assertThat(send(node, "after-2")).isTrue();
            assertThat(send(node, "over")).isFalse();
        }
    }

    private static boolean answers(SharedStores node) {
        try {
            return node.quota().usage(ACCOUNT, PLAN).used() >= 0;
        } catch (StoreException e) {
            return false;
        }
    }
}
