package dev.postern.jdbc;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.stores.Opened;
import dev.postern.stores.StoreException;
import dev.postern.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever case a name is typed in, and whatever a database takes for the same, it is one user and one account. */
class NamesTest {

    private static final ClientInfo CLIENT = TestMessage.clientAt("192.0.2.1");
    private static final List<String> SPELLINGS =
            List.of("alice@example.org", "ALICE@Example.org", "Alice@example.ORG", "aLICE@example.org");

    @AutoClose
    private final Opened open = new Opened();

    private static void sql(HikariDataSource database, String... statements) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    private static String user(String name, String account, String password) {
        return "INSERT INTO postern_user (name, account, password) VALUES ('" + name + "', '" + account + "', '"
                + Hashes.quick(password) + "')";
    }

    private static AuthResult login(JdbcStores stores, String user, String password) {
        return stores.authenticator()
                .authenticate(new Credentials("PLAIN", user, password.getBytes(StandardCharsets.UTF_8)), CLIENT);
    }

    private static Identity identity(JdbcStores stores, String user, String password) {
        return ((AuthResult.Authenticated) login(stores, user, password)).identity();
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aUserLogsInInAnyCaseAndIsOne(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        JdbcStores stores = open.add(JdbcStores.builder(database).migrate().start());
        sql(
                database,
                "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('acme', 'UTC', TRUE)",
                "INSERT INTO postern_domain (account, name, validated) VALUES ('acme', 'example.org', TRUE)",
                user("alice@example.org", "acme", "secret"),
                user("j\u00fcrgen", "acme", "geheim"));
        for (String spelling : SPELLINGS) {
            Identity alice = identity(stores, spelling, "secret");
            assertThat(alice.user()).isEqualTo("alice@example.org");
            assertThat(alice.userAsGiven()).isEqualTo(spelling);
            assertThat(alice.account()).isEqualTo("acme");
            assertThat(stores.authenticator().check(alice, "example.org")).isEqualTo(Status.VALIDATED);
        }
        assertThat(identity(stores, "J\u00dcRGEN", "geheim").user()).isEqualTo("j\u00fcrgen");
        assertThat(identity(stores, "ju\u0308rgen", "geheim").user()).isEqualTo("j\u00fcrgen");
        for (String lookAlike : List.of("jurgen", "j\u00fcrgen ", "alice@example.org.", "\u00e0lice@example.org")) {
            assertThat(stores.authenticator().find(lookAlike, CLIENT).whenProven()) // without a hash's work for each
                    .as(lookAlike)
                    .isEqualTo(AuthResult.denied());
        }
        assertThat(stores.authenticator().find("J\u00dcRGEN", CLIENT).whenProven())
                .isInstanceOf(AuthResult.Authenticated.class);
        assertThat(login(stores, "jurgen", "geheim")).isEqualTo(AuthResult.denied());
    }

    // from the tables of version 2

    private static void tablesOfVersion2(HikariDataSource database) throws SQLException {
        Dialect dialect = new Database(database, Duration.ofSeconds(20)).dialect();
        for (int version = 1; version <= 2; version++) {
            sql(database, Schema.statements(version, dialect).toArray(new String[0]));
        }
        sql(
                database,
                "CREATE TABLE postern_schema (one INT NOT NULL PRIMARY KEY, version INT NOT NULL)"
                        + dialect.tableOptions,
                "INSERT INTO postern_schema (one, version) VALUES (1, 2)");
    }

    /** There each statement is committed by itself, so that a node may die between any two. */
    @ParameterizedTest
    @EnumSource(value = Backend.class, names = "MARIADB")
    void anUpgradeGoesOnWhereOneBeforeHasBrokenOff(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        tablesOfVersion2(database);
        List<String> last = Schema.statements(3, Dialect.MARIADB);
        sql(database, last.subList(0, last.size() - 1).toArray(new String[0]));
        sql(database, "UPDATE postern_schema SET version = 0");
        JdbcStores.builder(database).migrate().start().close();
        assertThatExceptionOfType(SQLException.class)
                .as("what was not there yet")
                .isThrownBy(() -> sql(
                        database,
                        "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('acme', 'UTC', TRUE)",
                        "INSERT INTO postern_domain (account, name, validated) VALUES ('acme', 'Example.org', TRUE)"));
        JdbcStores.builder(database).start().close();
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void anUpgradeMakesNamesCanonical(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        tablesOfVersion2(database);
        sql(
                database,
                "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('ACME', 'UTC', TRUE)",
                "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('other', 'UTC', TRUE)",
                "INSERT INTO postern_domain (account, name, validated) VALUES ('ACME', 'Example.ORG', TRUE)",
                "INSERT INTO postern_domain (account, name, validated) VALUES ('other', 'Example.ORG', TRUE)",
                "INSERT INTO postern_domain (account, name, validated) VALUES ('other', 'example.org', FALSE)",
                "INSERT INTO postern_domain (account, name, validated) VALUES ('other', '*.B\u00fccher.example', TRUE)",
                user("Alice@Example.org", "ACME", "secret"),
                user("bob", "other", "secret"));
        try (JdbcStores stores = JdbcStores.builder(database).migrate().start()) {
            Identity alice = identity(stores, "alice@example.org", "secret");
            assertThat(alice)
                    .isEqualTo(
                            Identity.of("alice@example.org").withAccount("acme").withLimits(IdentityLimits.none()));
            assertThat(stores.authenticator().check(alice, "example.org")).isEqualTo(Status.VALIDATED);
            Identity bob = identity(stores, "BOB", "secret");
            assertThat(bob.domains()).containsExactlyInAnyOrder("example.org", "*.xn--bcher-kva.example");
            assertThat(stores.authenticator().check(bob, "example.org"))
                    .as("the row that was looked up before")
                    .isEqualTo(Status.UNVALIDATED);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void anUpgradeAddsUpWhatSpellingsOfAnAccountHaveUsed(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        tablesOfVersion2(database);
        QuotaPlan plan = QuotaPlan.perMonth(10);
        long period = plan.periodStart(Instant.now()).toEpochMilli();
        String ledger = "INSERT INTO postern_ledger (kind, name, period, used, held) VALUES ('quota-recipients', ";
        sql(
                database,
                ledger + "'Acme', " + period + ", 2, 0)",
                ledger + "'ACME', " + period + ", 3, 0)",
                ledger + "'acme', " + (period - 1) + ", 9, 0)",
                ledger + "'Other', " + period + ", 4, 0)",
                ledger + "'Past', " + (period - 1) + ", 4, 0)",
                ledger + "'past', " + period + ", 1, 0)");
        try (JdbcStores stores = JdbcStores.builder(database).migrate().start()) {
            assertThat(stores.quota().usage("acme", plan).used()).isEqualTo(5);
            assertThat(stores.quota().usage("other", plan).used()).isEqualTo(4);
            assertThat(stores.quota().usage("past", plan).used()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void anUpgradeLeavesTwoUsersWhoBecomeOneToAPerson(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        tablesOfVersion2(database);
        sql(
                database,
                "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('acme', 'UTC', TRUE)",
                user("alice", "acme", "secret"),
                user("Alice", "acme", "other"));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> JdbcStores.builder(database).migrate().start())
                .withMessageContaining("'Alice' and 'alice' of postern_user");
        sql(database, "DELETE FROM postern_user WHERE name = 'Alice'");
        try (JdbcStores stores = JdbcStores.builder(database).migrate().start()) {
            assertThat(login(stores, "ALICE", "secret")).isInstanceOf(AuthResult.Authenticated.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aNameThatIsNotCanonicalCannotBeWritten(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        open.add(JdbcStores.builder(database).migrate().start());
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> sql(
                        database,
                        "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('Acme', 'UTC', TRUE)"));
        sql(database, "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('acme', 'UTC', TRUE)");
        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> sql(database, user("Alice", "acme", "secret")));
    }

    /** MariaDB's own collations take accents, case and blanks at the end for nothing. */
    @ParameterizedTest
    @EnumSource(value = Backend.class, names = "MARIADB")
    void tablesWithALaxCollationAreRefused(Backend backend) throws Exception {
        HikariDataSource database = open.add(backend.freshDatabase());
        JdbcStores.builder(database).migrate().start().close();
        sql(database, "ALTER TABLE postern_ledger CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> JdbcStores.builder(database).start())
                .withMessageContaining("postern_ledger")
                .withMessageContaining("utf8mb4_general_ci")
                .withMessageContaining("utf8mb4_nopad_bin");
    }
}
