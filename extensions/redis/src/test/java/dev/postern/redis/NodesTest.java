package dev.postern.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes in processes of their own on one Redis, killed and suspended. For the long run: {@code
 * -Dpostern.exactness.runs=20}.
 */
class NodesTest {

    private static final int NODES = 4;
    private static final int THREADS = 16;
    private static final long LIMIT = 10_000;
    private static final int KILLED = 2;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void grantsExactlyTheQuotaWhileNodesAreKilled() {
        long seed = Long.getLong("postern.exactness.seed", new Random().nextLong());
        for (int run = 0; run < Integer.getInteger("postern.exactness.runs", 1); run++) {
            exhaust(run, seed + run);
        }
    }

    private static void exhaust(int run, long seed) {
        QuotaPlan plan = QuotaPlan.perMonth(LIMIT);
        Random random = new Random(seed);
        List<NodeProcess> nodes = new ArrayList<>();
        try (RedisServer server = new RedisServer();
                RedisStores witness =
                        RedisStores.builder(server.uri()).lease(NodeMain.LEASE).start()) {
            for (int i = 0; i < NODES; i++) {
                nodes.add(new NodeProcess(server.uri(), LIMIT));
            }
            nodes.forEach(NodeProcess::ready);
            nodes.forEach(node -> node.tell("exhaust " + THREADS));
            for (int i = 0; i < KILLED; i++) {
                long at = LIMIT / 10 + random.nextLong(LIMIT / 2);
                while (witness.quota().usage(NodeMain.ACCOUNT, plan).used() < at) {
                    Thread.onSpinWait();
                }
                nodes.get(i).kill();
            }
            long accepted = 0;
            for (NodeProcess node : nodes.subList(KILLED, NODES)) {
                String answer = node.answer();
                assertThat(answer).as("run %s, seed %s", run, seed).matches("\\d+");
                accepted += Long.parseLong(answer);
            }
            // the units that the killed ones held return within the lease, and go to somebody else
            QuotaUsage usage = awaitNothingReserved(witness, plan);
            assertThat(usage.used()).as("seed %s", seed).isBetween(LIMIT - NODES * THREADS, LIMIT);
            assertThat(accepted).isLessThanOrEqualTo(usage.used());
            for (long rest = usage.used(); rest < LIMIT; rest++) {
                assertThat(witness.quota().reserve(new QuotaRequest("rest-" + rest, NodeMain.ACCOUNT, plan, 1)))
                        .isInstanceOfSatisfying(
                                QuotaDecision.Granted.class,
                                granted -> witness.quota().commit(granted.reservation()));
            }
            assertThat(witness.quota().reserve(new QuotaRequest("over", NodeMain.ACCOUNT, plan, 1)))
                    .as("run %s, seed %s", run, seed)
                    .isInstanceOf(QuotaDecision.Exceeded.class);
            assertThat(witness.quota().usage(NodeMain.ACCOUNT, plan).used()).isEqualTo(LIMIT);
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private static QuotaUsage awaitNothingReserved(RedisStores witness, QuotaPlan plan) {
        long deadline = System.nanoTime() + 3 * NodeMain.LEASE.toNanos();
        QuotaUsage usage = witness.quota().usage(NodeMain.ACCOUNT, plan);
        while (usage.reserved() > 0 && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
            usage = witness.quota().usage(NodeMain.ACCOUNT, plan);
        }
        assertThat(usage.reserved()).isZero();
        return usage;
    }

    @Test
    void aSuspendedNodeThatReturnsFreesNothingThatIsNotItsOwn() {
        QuotaPlan plan = QuotaPlan.perMonth(10);
        try (RedisServer server = new RedisServer();
                RedisStores other = RedisStores.builder(server.uri())
                        .lease(NodeMain.LEASE)
                        .timeout(Duration.ofSeconds(20))
                        .start();
                NodeProcess node = new NodeProcess(server.uri(), 10).ready()) {
            assertThat(node.ask("reserve m1 6")).isEqualTo("granted");
            assertThat(node.ask("reserve m2 2")).isEqualTo("granted");
            assertThat(node.ask("holds m1")).isEqualTo("true");
            node.signal("STOP");
            awaitNothingReserved(other, plan);
            QuotaRequest all = new QuotaRequest("m3", NodeMain.ACCOUNT, plan, 10);
            QuotaDecision decision = other.quota().reserve(all);
            while (!(decision instanceof QuotaDecision.Granted)) { // until the other may take it for dead
                decision = other.quota().reserve(all);
            }
            node.signal("CONT");
            assertThat(node.ask("holds m1")).isEqualTo("false");
            assertThat(node.ask("release m2")).isEqualTo("released");
            assertThat(other.quota().usage(NodeMain.ACCOUNT, plan).reserved()).isEqualTo(10);
            assertThat(node.ask("reserve m4 1")).isEqualTo("exceeded");
            other.quota().release(((QuotaDecision.Granted) decision).reservation());
            assertThat(node.ask("reserve m5 10")).isEqualTo("granted");
            assertThat(node.ask("commit m5")).isEqualTo("committed");
            assertThat(other.quota().usage(NodeMain.ACCOUNT, plan).used()).isEqualTo(10);
        }
    }
}
