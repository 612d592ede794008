package dev.postern.stores;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.SessionRegistry.Permit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes in processes of their own on one server, killed and suspended. For the long run, with more
 * messages: {@code -Dpostern.exactness.runs=20}.
 */
public abstract class NodesTests {

    private static final int NODES = 4;
    private static final int THREADS = 16;
    private static final int RUNS = Integer.getInteger("postern.exactness.runs", 1);
    private static final long LIMIT = RUNS > 1 ? 10_000 : 2_500;
    private static final int KILLED = 2;

    /** A server whose stores are empty. */
    protected abstract StoreServer server();

    /** Whose main method starts stores with {@link NodeMain#settings} and serves them by {@link NodeMain#serve}. */
    protected abstract Class<?> nodeMain();

    private NodeProcess nodeOn(StoreServer server, long limit) {
        return new NodeProcess(nodeMain(), server.address(), limit);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void grantsExactlyTheQuotaWhileNodesAreKilled() {
        long seed = Long.getLong("postern.exactness.seed", new Random().nextLong());
        for (int run = 0; run < RUNS; run++) {
            exhaust("run " + run + ", seed " + (seed + run), new Random(seed + run));
        }
    }

    private void exhaust(String run, Random random) {
        QuotaPlan plan = QuotaPlan.perMonth(LIMIT);
        List<NodeProcess> nodes = new ArrayList<>();
        try (StoreServer server = server();
                SharedStores witness = server.node(NodeMain.settings())) {
            for (int i = 0; i < NODES; i++) {
                nodes.add(nodeOn(server, LIMIT));
            }
            nodes.forEach(NodeProcess::ready);
            nodes.forEach(node -> node.tell("exhaust " + THREADS));
            for (int i = 0; i < KILLED; i++) {
                long at = LIMIT / 10 + random.nextLong(LIMIT / 2);
                while (witness.quota().usage(NodeMain.ACCOUNT, plan).used() < at) {
                    Pause.brief();
                }
                nodes.get(i).kill();
            }
            for (NodeProcess node : nodes.subList(KILLED, NODES)) {
                assertThat(node.answer())
                        .as(run)
                        .isEqualTo(Long.toString(node.tally().done()));
            }
            // the units that the killed ones held return within the lease, and go to somebody else
            long used = awaitNothingReserved(witness, plan).used();
            assertThat(used).as(run).isBetween(LIMIT - NODES * THREADS, LIMIT);
            // the killed ones had asked for one commit a thread whose answer they did not live to see
            long done = nodes.stream().mapToLong(node -> node.tally().done()).sum();
            long began = nodes.stream().mapToLong(node -> node.tally().began()).sum();
            assertThat(used).as(run).isBetween(done, began);
            for (long rest = used; rest < LIMIT; rest++) {
                assertThat(witness.quota().reserve(QuotaRequest.of("rest-" + rest, NodeMain.ACCOUNT, plan, 1)))
                        .as(run)
                        .isInstanceOfSatisfying(
                                QuotaDecision.Granted.class,
                                granted -> witness.quota().commit(granted.reservation()));
            }
            assertThat(witness.quota().reserve(QuotaRequest.of("over", NodeMain.ACCOUNT, plan, 1)))
                    .as(run)
                    .isInstanceOf(QuotaDecision.Exceeded.class);
            assertThat(witness.quota().usage(NodeMain.ACCOUNT, plan).used())
                    .as(run)
                    .isEqualTo(LIMIT);
            if (RUNS > 1) {
                System.out.printf(
                        "%s: %d used while nodes were killed, of which %d were told so; %d in the end%n",
                        run, used, done, LIMIT);
            }
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private static QuotaUsage awaitNothingReserved(SharedStores witness, QuotaPlan plan) {
        long deadline = System.nanoTime() + 10 * NodeMain.LEASE.toNanos();
        QuotaUsage usage = witness.quota().usage(NodeMain.ACCOUNT, plan);
        while (usage.reserved() > 0 && System.nanoTime() - deadline < 0) {
            Pause.brief();
            usage = witness.quota().usage(NodeMain.ACCOUNT, plan);
        }
        assertThat(usage.reserved()).isZero();
        return usage;
    }

    @Test
    void aKilledNodesSessionsAreFreeWhenItsLeaseIsOver() {
        try (StoreServer server = server();
                SharedStores other = server.node(NodeMain.settings());
                NodeProcess node = nodeOn(server, 10).ready()) {
            assertThat(node.ask("acquire ann")).isEqualTo("admitted");
            assertThat(node.ask("acquire ann")).isEqualTo("admitted");
            assertThat(node.ask("acquire ann")).isEqualTo("refused");
            assertThat(other.sessions().acquire(NodeMain.place("ann"))).isEmpty();
            node.kill();
            awaitPlace(other);
            awaitPlace(other);
            assertThat(other.sessions().acquire(NodeMain.place("ann"))).isEmpty();
        }
    }

    private static void awaitPlace(SharedStores node) {
        long deadline = System.nanoTime() + 10 * NodeMain.LEASE.toNanos();
        Optional<Permit> permit = node.sessions().acquire(NodeMain.place("ann"));
        while (permit.isEmpty() && System.nanoTime() - deadline < 0) {
            Pause.brief();
            permit = node.sessions().acquire(NodeMain.place("ann"));
        }
        assertThat(permit).isPresent();
    }

    @Test
    void aSuspendedNodeThatReturnsFreesNothingThatIsNotItsOwn() {
        QuotaPlan plan = QuotaPlan.perMonth(10);
        try (StoreServer server = server();
                SharedStores other = server.node(NodeMain.settings());
                NodeProcess node = nodeOn(server, 10).ready()) {
            assertThat(node.ask("reserve m1 6")).isEqualTo("granted");
            assertThat(node.ask("reserve m2 2")).isEqualTo("granted");
            assertThat(node.ask("holds m1")).isEqualTo("true");
            node.signal("STOP");
            awaitNothingReserved(other, plan);
            QuotaRequest all = QuotaRequest.of("m3", NodeMain.ACCOUNT, plan, 10);
            QuotaDecision decision = other.quota().reserve(all);
            while (!(decision instanceof QuotaDecision.Granted)) { // until the other may take it for dead
                Pause.brief();
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
