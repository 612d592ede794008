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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster that makes a replica the master when the master is dead. */
@Tag("tools") // with the machine's Redis
class RedisClusterFailoverTest {

    private static final String ACCOUNT = "acme";
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(5);
    private static final int THREADS = 4;
    private static final long LIMIT = 1_500;
    private static final QuotaPlan MANY = QuotaPlan.perMonth(LIMIT);

    private static final StoreSettings SETTINGS =
            StoreSettings.defaults().withLease(Duration.ofSeconds(2)).withTimeout(Duration.ofSeconds(1));

    private static boolean send(SharedStores node, String id) {
        return send(node, id, PLAN);
    }

    private static boolean send(SharedStores node, String id, QuotaPlan plan) {
        if (node.quota().reserve(QuotaRequest.of(id, ACCOUNT, plan, 1)) instanceof QuotaDecision.Granted granted) {
            node.quota().commit(granted.reservation());
            return true;
        }
        return false;
    }

    /** Until it is granted: on a busy machine a replica may take longer than the stores have. */
    private static void sendAtLast(SharedStores node) {
        for (int message = 0; ; message++) {
            try {
                assertThat(send(node, "first-" + message, MANY)).isTrue();
                return;
            } catch (StoreException e) {
                Pause.brief();
            }
        }
    }

    /** Without WAIT, what the master has not sent yet is forgotten; what it has sent counts. */
    @Test
    void whatTheReplicaHasCountsWhenItTakesOver() {
        try (RedisCluster cluster = new RedisCluster().withReplicas();
                SharedStores node = cluster.node(SETTINGS)) {
            for (int i = 0; i < 3; i++) {
                assertThat(send(node, "before-" + i)).isTrue();
            }
            RedisServer master = cluster.masterWith(ACCOUNT);
            cluster.awaitCopied(master);
            master.kill();
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

    /** Until the quota is used up, by whatever master; counts what was granted. */
    private static void exhaust(SharedStores node, int thread, AtomicLong granted, AtomicLong refused) {
        for (int message = 0; ; message++) {
            try {
                if (send(node, "t" + thread + "-" + message, MANY)) {
                    granted.incrementAndGet();
                } else if (node.quota().usage(ACCOUNT, MANY).reserved() == 0) {
                    return;
                }
            } catch (StoreException e) {
                refused.incrementAndGet();
                Pause.brief();
            }
        }
    }

    @Test
    void nothingIsGrantedThatNoReplicaHasSoTheOneThatTakesOverKnowsItAll() throws Exception {
        AtomicLong granted = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (RedisCluster cluster = new RedisCluster().withReplicas();
                SharedStores node = cluster.careful(SETTINGS);
                SharedStores other = cluster.careful(SETTINGS)) {
            sendAtLast(node);
            long used = node.quota().usage(ACCOUNT, MANY).used();
            RedisServer master = cluster.masterWith(ACCOUNT);
            RedisServer replica = cluster.replicaOf(master);
            replica.pause();
            assertThatThrownBy(() -> send(node, "while", MANY)).isInstanceOf(StoreException.class);
            replica.resume();
            while (node.quota().usage(ACCOUNT, MANY).reserved() > 0) {
                Pause.brief(); // what was reserved without an answer is given back
            }
            assertThat(node.quota().usage(ACCOUNT, MANY).used()).isEqualTo(used);
            granted.set(used);

            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                running.add(threads.submit(() -> exhaust(thread % 2 == 0 ? node : other, thread, granted, refused)));
            }
            while (granted.get() < LIMIT / 3) {
                Pause.brief();
            }
            master.kill();
            cluster.awaitPromoted(replica);
            long grantedBefore = granted.get();
            long refusedBefore = refused.get();
            while (refused.get() < refusedBefore + THREADS) {
                Pause.brief(); // the promoted one has no replica yet
            }
            assertThat(granted.get()).as("granted without a replica").isEqualTo(grantedBefore);
            master.start(); // as the other's replica
            for (Future<?> each : running) {
                each.get(50, TimeUnit.SECONDS);
            }
            assertThat(other.quota().usage(ACCOUNT, MANY).used()).isEqualTo(LIMIT);
            // a commit whose answer was lost may have been done
            assertThat(granted.get()).isBetween(LIMIT - 2L * THREADS, LIMIT);
        } finally {
            threads.shutdownNow();
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
