package dev.postern.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.stores.FailedLogin;
import dev.postern.stores.Opened;
import dev.postern.stores.StoreException;
import dev.postern.testkit.TestClock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the stores do beyond the contracts, on each database: several nodes, leases, the database's clock. */
class StoresTest {

    static final String ACME = "acme";
    static final QuotaPlan TEN = QuotaPlan.perMonth(10);
    private static final Duration LEASE = Duration.ofSeconds(30);

    @AutoClose
    private final Opened open = new Opened();

    private final TestClock clock = new TestClock();

    private HikariDataSource database(Backend backend) {
        HikariDataSource database = backend.freshDatabase();
        open.add(database);
        return database;
    }

    private JdbcStores node(HikariDataSource database) {
        JdbcStores node = JdbcStores.builder(database)
                .migrate()
                .timeout(Duration.ofSeconds(20))
                .clock(clock)
                .start();
        open.add(node);
        return node;
    }

    static QuotaDecision reserve(JdbcStores node, String id, long units) {
        return node.quota().reserve(QuotaRequest.of(id, ACME, TEN, units));
    }

    static Reservation granted(JdbcStores node, String id, long units) {
        QuotaDecision decision = reserve(node, id, units);
        assertThat(decision).isInstanceOf(QuotaDecision.Granted.class);
        return ((QuotaDecision.Granted) decision).reservation();
    }

    private static void assertUsage(JdbcStores node, long used, long reserved) {
        QuotaUsage usage = node.quota().usage(ACME, TEN);
        assertThat(List.of(usage.used(), usage.reserved(), usage.limit())).containsExactly(used, reserved, 10L);
    }

    private static void sql(HikariDataSource database, String statement) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement update = connection.createStatement()) {
            update.executeUpdate(statement);
        }
    }

    // quota

    @ParameterizedTest
    @EnumSource(Backend.class)
    void whatADeadNodeHeldReturnsAndItsReturnFreesNothing(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        JdbcStores dead = node(database);
        JdbcStores other = node(database);
        Reservation inFlight = granted(dead, "m1", 4);
        Reservation abandoned = granted(dead, "m2", 3);
        assertThat(dead.quota().holds(inFlight)).isTrue();
        sql(database, "UPDATE postern_node SET expires = 0 WHERE id = (SELECT node FROM postern_hold WHERE id = 'm1')");
        assertUsage(other, 0, 0); // nobody needs the units yet, but they are not shown any more
        clock.advance(LEASE);
        granted(other, "m3", 10);
        assertUsage(other, 0, 10);

        assertThat(dead.quota().holds(inFlight)).isFalse();
        assertThat(reserve(dead, "m4", 1)).isInstanceOf(QuotaDecision.Exceeded.class);
        dead.quota().release(abandoned);
        assertUsage(other, 0, 10);
        dead.quota().commit(inFlight);
        assertUsage(other, 0, 10);
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aNewPeriodBeginsByTheDatabasesClock(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        JdbcStores node = node(database);
        Reservation before = granted(node, "m1", 4);
        node.quota().commit(granted(node, "m2", 3));
        assertUsage(node, 3, 4);
        sql(database, "UPDATE postern_ledger SET period = period - 4000000000");
        sql(database, "UPDATE postern_hold SET period = period - 4000000000");
        assertUsage(node, 0, 0);
        granted(node, "m3", 10);
        node.quota().commit(before); // counts for its own period, which nobody asks for any more
        assertUsage(node, 0, 10);
    }

    // sessions

    @ParameterizedTest
    @EnumSource(Backend.class)
    void twoNodesShareThePlacesOfAUser(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        JdbcStores dead = node(database);
        JdbcStores other = node(database);
        Claim claim = new Claim(Scope.USER, "ann", 2, "s");
        Permit first = dead.sessions().acquire(claim).orElseThrow();
        Permit second = other.sessions().acquire(claim).orElseThrow();
        assertThat(other.sessions().acquire(claim)).isEmpty();
        assertThat(other.sessions().acquire(new Claim(Scope.ACCOUNT, "ann", 2, "s")))
                .isPresent();
        second.close();
        second.close();
        second = other.sessions().acquire(claim).orElseThrow();

        sql(
                database,
                "UPDATE postern_node SET expires = 0 WHERE id = (SELECT MIN(node) FROM postern_hold WHERE kind ="
                        + " 'session-user' AND node NOT IN (SELECT node FROM postern_hold WHERE kind = 'session-account'))");
        clock.advance(LEASE);
        Permit third = other.sessions().acquire(claim).orElseThrow();
        assertThat(dead.sessions().acquire(claim)).isEmpty(); // it has returned, and taken its own place again
        third.close();
        second.close();
        assertThat(other.sessions().acquire(claim)).isPresent();
        assertThat(other.sessions().acquire(claim)).isEmpty();
        first.close();
        assertThat(dead.sessions().acquire(claim)).isPresent();
        assertThat(other.sessions().acquire(claim)).isEmpty();
    }

    // failed logins

    @ParameterizedTest
    @EnumSource(Backend.class)
    void blocksAnAddressOnEveryNode(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        LoginThrottle one = node(database).throttle();
        LoginThrottle other = node(database).throttle();
        LoginThrottle.Rule rule = new LoginThrottle.Rule(3, Duration.ofMinutes(10), Duration.ofMinutes(5));
        FailedLogin.of(one, "192.0.2.1", rule);
        sql(database, "UPDATE postern_failed_login SET at = at - 600000"); // out of the window
        FailedLogin.of(other, "192.0.2.1", rule);
        FailedLogin.of(one, "192.0.2.1", rule);
        assertThat(other.blocked("192.0.2.1", rule)).isFalse();
        FailedLogin.of(other, "192.0.2.1", rule);
        assertThat(one.blocked("192.0.2.1", rule)).isTrue();
        assertThat(one.blocked("192.0.2.2", rule)).isFalse();
        FailedLogin.of(one, "192.0.2.1", rule); // does not extend it
        sql(database, "UPDATE postern_throttle SET blocked_until = blocked_until - 300000");
        assertThat(one.blocked("192.0.2.1", rule)).isFalse();
        FailedLogin.of(other, "192.0.2.1", rule);
        FailedLogin.of(other, "192.0.2.1", rule);
        assertThat(one.blocked("192.0.2.1", rule)).isFalse();
    }

    // the tables

    @ParameterizedTest
    @EnumSource(Backend.class)
    void nodesThatMigrateAtTheSameTimeWaitForEachOther(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        open.add(threads::shutdownNow);
        List<Callable<JdbcStores>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starts.add(() -> node(database));
        }
        for (Future<JdbcStores> start : threads.invokeAll(starts)) {
            assertUsage(start.get(), 0, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void refusesTablesOfAnotherVersion(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> JdbcStores.builder(database).start())
                .withMessageContaining("version 0")
                .withMessageContaining("call migrate()");
        node(database);
        sql(database, "UPDATE postern_schema SET version = 7");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> JdbcStores.builder(database).migrate().start())
                .withMessageContaining("version 7");
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void housekeepingKeepsWhatIsNeeded(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        JdbcStores node = node(database);
        LoginThrottle.Rule once = new LoginThrottle.Rule(1, Duration.ofMinutes(10), Duration.ofMinutes(5));
        FailedLogin.of(node.throttle(), "192.0.2.1", once);
        FailedLogin.of(node.throttle(), "192.0.2.2", once);
        node.quota().commit(granted(node, "m1", 1));
        granted(node, "m2", 1);
        granted(node, "m3", 1);
        assertThat(node.sessions().acquire(new Claim(Scope.USER, "ann", 1, "s")))
                .isPresent();
        node.sessions()
                .acquire(new Claim(Scope.USER, "bob", 1, "s"))
                .orElseThrow()
                .close();
        sql(database, "UPDATE postern_throttle SET forget_at = 1 WHERE address = '192.0.2.2'");
        Housekeeping.run(new Database(database, Duration.ofSeconds(20)), () -> {});
        assertThat(count(database, "postern_ledger")).isEqualTo(2);
        assertThat(count(database, "postern_hold")).isEqualTo(3);
        assertThat(count(database, "postern_throttle")).isEqualTo(1);
        assertThat(node.throttle().blocked("192.0.2.1", once)).isTrue();
    }

    /** A client chooses its address, and may never come again: then nobody meets its place when they are all taken. */
    @ParameterizedTest
    @EnumSource(Backend.class)
    void nothingIsLeftOfADeadNode(Backend backend) throws Exception {
        HikariDataSource database = database(backend);
        JdbcStores dead = node(database);
        granted(dead, "m1", 1);
        for (int i = 1; i <= 3; i++) {
            assertThat(dead.sessions().acquire(new Claim(Scope.ADDRESS, "192.0.2." + i, 9, "s")))
                    .isPresent();
        }
        JdbcStores alive = node(database);
        granted(alive, "m2", 2);
        sql(database, "DELETE FROM postern_node WHERE id = (SELECT node FROM postern_hold WHERE id = 'm1')");
        Housekeeping.run(new Database(database, Duration.ofSeconds(20)), () -> {});
        assertThat(count(database, "postern_hold")).isEqualTo(1);
        assertThat(count(database, "postern_ledger")).isEqualTo(1);
        assertUsage(alive, 0, 2);
    }

    private static int count(HikariDataSource database, String table) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
