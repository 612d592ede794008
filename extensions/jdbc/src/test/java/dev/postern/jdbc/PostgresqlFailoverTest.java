package dev.postern.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import dev.postern.stores.Pause;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreException;
import dev.postern.stores.StoreSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A primary, its standby, and the standby's promotion when the primary is dead. */
@Tag("tools") // what other databases do is tested in each build; this takes two servers of one engine
class PostgresqlFailoverTest {

    private static final String ACCOUNT = "acme";
    private static final int THREADS = 8;
    private static final long LIMIT = 3_000;
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(LIMIT);
    private static final String SYNCHRONOUS = "synchronous_standby_names=*";
    private static final String ASYNCHRONOUS = "synchronous_standby_names=";

    /** What threads have seen. */
    private static final class Load {
        final AtomicLong began = new AtomicLong();
        final AtomicLong done = new AtomicLong();
        final AtomicInteger refused = new AtomicInteger();
        final AtomicLong lastDone = new AtomicLong(System.nanoTime());
        final AtomicLong longestGap = new AtomicLong();

        void confirmed() {
            done.incrementAndGet();
            long now = System.nanoTime();
            longestGap.accumulateAndGet(now - lastDone.getAndSet(now), Math::max);
        }
    }

    private static PostgresServer primary(String synchronous) {
        return new PostgresServer(Long.MAX_VALUE, "max_connections=200", "wal_level=replica", synchronous);
    }

    /** Begins with the same files as the primary, and follows it from there. */
    private static PostgresServer standbyOf(PostgresServer primary) {
        PostgresServer standby = PostgresServer.standby("host=127.0.0.1 port=" + primary.port() + " user=postern");
        while (!"streaming".equals(ask(primary, "SELECT state FROM pg_stat_replication"))) {
            Pause.brief();
        }
        return standby;
    }

    private static String ask(PostgresServer server, String sql) {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Both, and the driver finds out which one takes writes. */
    private static JdbcServer both(PostgresServer primary, PostgresServer standby) {
        return new JdbcServer("jdbc:postgresql://127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port()
                + "/postgres?user=postern&targetServerType=primary&hostRecheckSeconds=1&connectTimeout=2");
    }

    private static SharedStores node(JdbcServer server) {
        return server.node(
                StoreSettings.defaults().withLease(Duration.ofSeconds(2)).withTimeout(Duration.ofSeconds(1)));
    }

    private static boolean send(SharedStores node, String id, Load load) {
        if (!(node.quota().reserve(QuotaRequest.of(id, ACCOUNT, PLAN, 1)) instanceof QuotaDecision.Granted granted)) {
            return false;
        }
        load.began.incrementAndGet();
        node.quota().commit(granted.reservation());
        load.confirmed();
        return true;
    }

    /** Until the quota is used up, by whatever server. */
    private static void exhaust(SharedStores node, int thread, Load load) {
        for (int message = 0; ; message++) {
            try {
                if (!send(node, "t" + thread + "-" + message, load)
                        && node.quota().usage(ACCOUNT, PLAN).reserved() == 0) {
                    return;
                }
            } catch (StoreException e) {
                load.refused.incrementAndGet();
                Pause.brief();
            }
        }
    }

    @Test
    void whatWasConfirmedIsKnownToTheStandbyThatTakesOverUnderLoad() throws Exception {
        Load load = new Load();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (PostgresServer primary = primary(SYNCHRONOUS);
                PostgresServer standby = standbyOf(primary);
                SharedStores node = node(both(primary, standby));
                SharedStores other = node(both(primary, standby))) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                running.add(threads.submit(() -> exhaust(thread % 2 == 0 ? node : other, thread, load)));
            }
            while (load.done.get() < LIMIT / 3) {
                Pause.brief();
            }
            primary.kill();
            long doneByPrimary = load.done.get();
            int refusedBefore = load.refused.get();
            while (load.refused.get() < refusedBefore + THREADS) {
                Pause.brief(); // nobody is granted anything meanwhile
            }
            assertThat(load.done.get() - doneByPrimary)
                    .as("confirmed by a dead server")
                    .isLessThanOrEqualTo(THREADS);
            assertThat(ask(standby, "SELECT pg_promote(true, 30)")).isEqualTo("t");
            for (Future<?> each : running) {
                each.get(50, TimeUnit.SECONDS);
            }
            QuotaUsage usage = other.quota().usage(ACCOUNT, PLAN);
            assertThat(usage.reserved()).isZero();
            assertThat(usage.used()).isEqualTo(LIMIT);
            // as in the test of killed nodes: a commit whose answer was lost may have been done
            assertThat(load.done.get()).isBetween(LIMIT - 2L * THREADS, LIMIT);
            assertThat(load.began.get()).isGreaterThanOrEqualTo(LIMIT);
            System.out.printf(
                    "fail-over under load: %d confirmed, %d refused, %d ms without any%n",
                    load.done.get(), load.refused.get(), TimeUnit.NANOSECONDS.toMillis(load.longestGap.get()));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void nothingIsGrantedThatNoStandbyHas() {
        Load load = new Load();
        try (PostgresServer primary = primary(SYNCHRONOUS);
                PostgresServer standby = standbyOf(primary);
                SharedStores node = node(both(primary, standby))) {
            assertThat(send(node, "m1", load)).isTrue();
            standby.pause();
            assertThatThrownBy(() -> send(node, "m2", load)).isInstanceOf(StoreException.class);
            standby.resume();
            while (node.quota().usage(ACCOUNT, PLAN).reserved() > 0) {
                Pause.brief(); // what was reserved without an answer is given back
            }
            assertThat(send(node, "m3", load)).isTrue();
            assertThat(node.quota().usage(ACCOUNT, PLAN).used()).isEqualTo(2);
        }
    }

    /** Why docs/shared-stores.md asks for it. */
    @Test
    void withoutSynchronousReplicationWhatTheStandbyDoesNotHaveIsForgotten() {
        Load load = new Load();
        try (PostgresServer primary = primary(ASYNCHRONOUS);
                PostgresServer standby = standbyOf(primary);
                SharedStores node = node(both(primary, standby))) {
            assertThat(send(node, "m1", load)).isTrue();
            String reached = ask(primary, "SELECT pg_current_wal_lsn()");
            while (ask(primary, "SELECT replay_lsn < '" + reached + "' FROM pg_stat_replication")
                    .equals("t")) {
                Pause.brief();
            }
            standby.kill();
            for (int i = 0; i < 5; i++) {
                assertThat(send(node, "late-" + i, load)).isTrue();
            }
            primary.kill();
            standby.start();
            assertThat(ask(standby, "SELECT pg_promote(true, 30)")).isEqualTo("t");
            try (SharedStores again = node(both(primary, standby))) {
                assertThat(load.done.get()).isEqualTo(6);
                assertThat(again.quota().usage(ACCOUNT, PLAN).used()).isLessThan(6);
            }
        }
    }
}
