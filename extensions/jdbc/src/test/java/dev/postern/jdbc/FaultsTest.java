package dev.postern.jdbc;

import static dev.postern.jdbc.StoresTest.ACME;
import static dev.postern.jdbc.StoresTest.TEN;
import static dev.postern.jdbc.StoresTest.granted;
import static dev.postern.jdbc.StoresTest.reserve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.stores.Opened;
import dev.postern.stores.Pause;
import dev.postern.stores.StoreException;
import dev.postern.testkit.TestClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What stays right when a statement is lost, or when another node does something between two statements. */
class FaultsTest {

    private static final int AT_ONCE = 32;
    private static final Duration LEASE = Duration.ofSeconds(30);

    @AutoClose
    private final Opened open = new Opened();

    private final TestClock clock = new TestClock();

    private HikariDataSource database(Backend backend) {
        return open.add(backend.freshDatabase());
    }

    private static void sql(DataSource database, String statement) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement update = connection.createStatement()) {
            update.executeUpdate(statement);
        }
    }

    private static long number(DataSource database, String query) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Waits until a heart has beaten so often. */
    private static void awaitBeats(DataSource database, int beats) throws SQLException {
        long before = number(database, "SELECT MAX(expires) FROM postern_node");
        for (int seen = 0; seen < beats; ) {
            long now = number(database, "SELECT MAX(expires) FROM postern_node");
            seen += now == before ? 0 : 1;
            before = now;
            Pause.brief();
        }
    }

    @Test
    void aMessageOfWhichARequestWasLostIsCountedOnceItIsSent() throws Exception {
        HikariDataSource database = database(Backend.POSTGRESQL);
        JdbcStores node = open.add(JdbcStores.builder(database)
                .migrate()
                .lease(Duration.ofSeconds(3))
                .timeout(Duration.ofSeconds(1))
                .start());
        Reservation held = granted(node, "m1", 1);
        try (Connection other = database.getConnection()) {
            other.setAutoCommit(false);
            try (Statement lock = other.createStatement()) {
                lock.executeQuery("SELECT * FROM postern_ledger FOR UPDATE").close();
                assertThatExceptionOfType(StoreException.class).isThrownBy(() -> reserve(node, "m1", 1));
            }
            other.rollback();
        }
        // the client is told to come back for its second recipient, and sends to the first
        Optional<Reservation> confirmed = confirmed(node, held);
        awaitBeats(database, 4); // while the upstream takes the message
        confirmed.ifPresent(node.quota()::commit);
        assertThat(node.quota().usage(ACME, TEN))
                .extracting(QuotaUsage::used)
                .isEqualTo(confirmed.isPresent() ? 1L : 0L);
    }

    /** What the relay does right before it sends: nothing, when that fails. */
    private static Optional<Reservation> confirmed(JdbcStores node, Reservation held) {
        if (node.quota().holds(held)) {
            return Optional.of(held);
        }
        try {
            node.quota().release(held);
            return Optional.of(granted(node, held.id(), held.units()));
        } catch (StoreException e) {
            return Optional.empty();
        }
    }

    @Test
    void whatANodeHeldReturnsOnceThoughItGoesWhileAnotherGivesItBack() throws Exception {
        for (Backend backend : Backend.values()) {
            HikariDataSource database = database(backend);
            JdbcStores going = open.add(JdbcStores.builder(database)
                    .migrate()
                    .timeout(Duration.ofSeconds(20))
                    .clock(clock)
                    .start());
            granted(going, "m1", 4);
            sql(database, "UPDATE postern_node SET expires = 1"); // so that the other looks for what can be given back
            List<String> deletions = new ArrayList<>();
            DataSource hooked = before("DELETE FROM postern_hold", database, statement -> {
                if (deletions.isEmpty()) {
                    going.close();
                }
                deletions.add(statement);
            });
            JdbcStores other = open.add(JdbcStores.builder(hooked)
                    .timeout(Duration.ofSeconds(20))
                    .clock(clock)
                    .start());
            if (reserve(other, "m2", 10) instanceof QuotaDecision.Granted early) {
                other.quota().release(early.reservation());
            }
            assertThat(deletions).as(backend.name()).isNotEmpty();
            granted(other, "m3", 10);
        }
    }

    @Test
    void placesThatCouldNotBeTakenAgainAreTakenWithTheNextBeat() throws Exception {
        HikariDataSource database = database(Backend.POSTGRESQL);
        JdbcStores returns = open.add(JdbcStores.builder(database)
                .migrate()
                .timeout(Duration.ofSeconds(1))
                .clock(clock)
                .start());
        JdbcStores other = open.add(JdbcStores.builder(database)
                .timeout(Duration.ofSeconds(20))
                .clock(clock)
                .start());
        Claim claim = new Claim(Scope.USER, "ann", 1, "s");
        Permit permit = returns.sessions().acquire(claim).orElseThrow();
        sql(
                database,
                "UPDATE postern_node SET expires = 1 WHERE id = (SELECT node FROM postern_hold WHERE kind = 'session-user')");
        clock.advance(LEASE);
        try (Connection lost = database.getConnection()) {
            lost.setAutoCommit(false);
            try (Statement lock = lost.createStatement()) {
                lock.executeQuery("SELECT * FROM postern_ledger FOR UPDATE").close();
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> returns.sessions().acquire(new Claim(Scope.USER, "bob", 1, "s")));
            }
            lost.rollback();
        }
        returns.sessions().acquire(new Claim(Scope.USER, "bob", 1, "s")).orElseThrow();
        clock.advance(LEASE);
        assertThat(other.sessions().acquire(claim)).isEmpty();
        permit.close();
        assertThat(other.sessions().acquire(claim)).isPresent();
    }

    /** As one that was stopped in the middle of a login: it goes on under a new name, and the place is the former one's. */
    @Test
    void aPlaceThatIsTakenWhileItsNodeIsTakenForDeadIsTakenAgain() throws Exception {
        HikariDataSource database = database(Backend.H2);
        List<JdbcStores> nodes = new ArrayList<>();
        List<Permit> meanwhile = new ArrayList<>();
        DataSource hooked = before("INSERT INTO postern_hold", database, statement -> {
            if (nodes.size() == 1) {
                JdbcStores node = nodes.remove(0);
                new Database(database, Duration.ofSeconds(20))
                        .run(connection -> Database.update(connection, "UPDATE postern_node SET expires = 1"));
                clock.advance(LEASE);
                meanwhile.add(node.sessions()
                        .acquire(new Claim(Scope.USER, "bob", 1, "s"))
                        .orElseThrow());
            }
        });
        JdbcStores node = open.add(JdbcStores.builder(hooked)
                .migrate()
                .timeout(Duration.ofSeconds(20))
                .clock(clock)
                .start());
        nodes.add(node);
        Claim claim = new Claim(Scope.USER, "ann", 1, "s");
        Permit permit = node.sessions().acquire(claim).orElseThrow();
        JdbcStores other = open.add(JdbcStores.builder(database)
                .timeout(Duration.ofSeconds(20))
                .clock(clock)
                .start());
        assertThat(meanwhile).hasSize(1);
        assertThat(other.sessions().acquire(claim)).isEmpty();
        permit.close();
        assertThat(other.sessions().acquire(claim)).isPresent();
    }

    @Test
    void aNodeThatIsClosedWhileItsLeaseIsRenewedIsNotThereAgain() throws Exception {
        HikariDataSource database = database(Backend.H2);
        List<JdbcStores> nodes = new ArrayList<>();
        Thread closing = new Thread(() -> nodes.get(0).close());
        DataSource hooked = before("UPDATE postern_node", database, statement -> {
            if (closing.getState() == Thread.State.NEW) {
                closing.start();
                awaitABit(closing);
            }
        });
        JdbcStores node = JdbcStores.builder(hooked)
                .migrate()
                .timeout(Duration.ofSeconds(20))
                .clock(clock)
                .start();
        nodes.add(node);
        Claim claim = new Claim(Scope.USER, "ann", 2, "s");
        assertThat(node.sessions().acquire(claim)).isPresent();
        clock.advance(LEASE);
        assertThat(node.sessions().acquire(claim)).isPresent();
        closing.join();
        assertThat(number(database, "SELECT COUNT(*) FROM postern_node")).isZero();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> node.sessions().acquire(claim));
    }

    /** What a relay held that was killed may take minutes: in that time nobody else renews the lease. */
    @Test
    void aNodeThatGivesBackWhatAnotherHeldKeepsItsOwnLease() throws Exception {
        HikariDataSource database = database(Backend.H2);
        JdbcStores dead = open.add(JdbcStores.builder(database).migrate().start());
        for (int i = 1; i <= 2; i++) {
            assertThat(dead.sessions().acquire(new Claim(Scope.ADDRESS, "192.0.2." + i, 9, "s")))
                    .isPresent();
        }
        dead.stopHeart();
        sql(database, "DELETE FROM postern_node");
        List<String> order = new ArrayList<>();
        DataSource hooked = before("DELETE FROM postern_hold", database, statement -> order.add("given back"));
        Housekeeping.run(new Database(hooked, Duration.ofSeconds(20)), () -> order.add("renewed"));
        assertThat(order).containsExactly("renewed", "given back", "renewed", "given back");
    }

    /** It ends meanwhile, or it waits. */
    private static void awaitABit(Thread thread) {
        try {
            thread.join(200);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aMigrationMayTakeLongerThanAStatement() throws Exception {
        HikariDataSource database = database(Backend.POSTGRESQL);
        open.add(JdbcStores.builder(database).migrate().start());
        ExecutorService threads = Executors.newFixedThreadPool(1);
        open.add(threads::shutdownNow);
        try (Connection migrating = database.getConnection()) {
            migrating.setAutoCommit(false);
            Future<JdbcStores> second;
            try (Statement lock = migrating.createStatement()) {
                lock.executeUpdate("UPDATE postern_schema SET version = version");
                second = threads.submit(() -> open.add(JdbcStores.builder(database)
                        .migrate()
                        .timeout(Duration.ofSeconds(1))
                        .start()));
                for (int i = 0; i < 200 && !second.isDone(); i++) {
                    Pause.brief();
                }
            }
            migrating.rollback();
            assertThat(second.get()).isNotNull();
        }
    }

    /** MySQL's DDL is no part of a transaction: without its lock, two nodes would change the tables at once. */
    @Test
    void aMigrationThatDoesNotGetItsTurnChangesNothing() throws Exception {
        HikariDataSource database = database(Backend.MARIADB);
        DataSource busy = proxy(
                DataSource.class,
                database,
                (method, arguments, result) -> result instanceof Connection connection
                        ? proxy(
                                Connection.class,
                                connection,
                                (name, given, statement) -> name.equals("prepareStatement")
                                                && given[0].toString().startsWith("SELECT GET_LOCK")
                                        ? connection.prepareStatement("SELECT 0") // as after its time
                                        : statement)
                        : result);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> JdbcStores.builder(busy).migrate().start());
        assertThat(number(database, "SELECT version FROM postern_schema")).isZero();
    }

    @Test
    void accountsAndAddressesDoNotStandInEachOthersWay() throws Exception {
        HikariDataSource database = open.add(Backend.pool(Backend.MARIADB.freshUrl(), AT_ONCE));
        JdbcStores node = open.add(JdbcStores.builder(database)
                .migrate()
                .timeout(Duration.ofSeconds(20))
                .start());
        assertNoneFails(
                "a message of a new account", number -> reserveOf(node, "account-" + number, "first-" + number));
        assertNoneFails(
                "a further message",
                number -> node.quota()
                        .commit(((QuotaDecision.Granted) reserveOf(node, "account-" + number, "next-" + number))
                                .reservation()));
        LoginThrottle.Rule rule = new LoginThrottle.Rule(10, Duration.ofMinutes(10), Duration.ofMinutes(5));
        assertNoneFails("a login of a new address", number -> node.throttle().attempt("address-" + number, rule));
        assertNoneFails(
                "a further login",
                number -> ((LoginThrottle.Decision.Granted) node.throttle().attempt("address-" + number, rule))
                        .attempt()
                        .withdraw());
    }

    private static QuotaDecision reserveOf(JdbcStores node, String account, String id) {
        return node.quota().reserve(QuotaRequest.of(id, account, TEN, 1));
    }

    private void assertNoneFails(String what, IntConsumer work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        open.add(threads::shutdownNow);
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int number = i;
            calls.add(() -> {
                try {
                    work.accept(number);
                    return true;
                } catch (StoreException e) {
                    return false;
                }
            });
        }
        int failed = 0;
        for (Future<Boolean> done : threads.invokeAll(calls)) {
            failed += done.get() ? 0 : 1;
        }
        assertThat(failed).as(what).isZero();
    }

    /** A data source that does something before it prepares a statement with that beginning. */
    private static DataSource before(String beginning, DataSource database, Consumer<String> action) {
        return proxy(
                DataSource.class,
                database,
                (method, arguments, result) -> result instanceof Connection connection
                        ? proxy(Connection.class, connection, (name, given, statement) -> {
                            if (name.equals("prepareStatement")
                                    && given[0].toString().startsWith(beginning)) {
                                action.accept(given[0].toString());
                            }
                            return statement;
                        })
                        : result);
    }

    private interface After {
        Object of(String method, Object[] arguments, Object result) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, T target, After after) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, given) -> {
            try {
                return after.of(method.getName(), given, method.invoke(target, given));
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
