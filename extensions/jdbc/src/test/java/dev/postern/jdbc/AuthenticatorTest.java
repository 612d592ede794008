package dev.postern.jdbc;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.CompressedPBKDF2Function;
import com.password4j.HashingFunction;
import com.password4j.types.Hmac;
import com.sun.management.ThreadMXBean;
import com.zaxxer.hikari.HikariDataSource;
import dev.postern.passwords.PasswordHashes;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramLookup;
import dev.postern.spi.SenderDomains.Status;
import dev.postern.testkit.TestMessage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users in a database. */
class AuthenticatorTest {

    private static final ClientInfo CLIENT = TestMessage.clientAt("192.0.2.1");

    private final HikariDataSource database = Backend.H2.freshDatabase();
    private final JdbcStores stores = JdbcStores.builder(database).migrate().start();

    @BeforeEach
    void fill() throws SQLException {
        sql("INSERT INTO postern_plan (name, quota_limit, quota_period, quota_unit, sessions_per_user, message_size)"
                + " VALUES ('small', 100, 'day', 'messages', 2, 5000)");
        sql(
                "INSERT INTO postern_account (name, plan, zone, relay_enabled) VALUES ('acme', 'small', 'Europe/Vienna', TRUE)");
        sql("INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('closed', 'UTC', FALSE)");
        sql("INSERT INTO postern_domain (account, name, validated) VALUES ('acme', 'example.org', TRUE)");
        sql("INSERT INTO postern_domain (account, name, validated) VALUES ('acme', 'example.com', FALSE)");
        user("ann", "acme", Hashes.of("correct horse"));
        user("carl", "closed", Hashes.of("closed"));
    }

    @AfterEach
    void close() {
        stores.close();
        database.close();
    }

    private void sql(String statement, String... parameters) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(statement)) {
            for (int i = 0; i < parameters.length; i++) {
                update.setString(i + 1, parameters[i]);
            }
            update.executeUpdate();
        }
    }

    private void user(String name, String account, String hash) throws SQLException {
        sql("INSERT INTO postern_user (name, account, password) VALUES (?, ?, ?)", name, account, hash);
    }

    private String hashOf(String name) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement query =
                        connection.prepareStatement("SELECT password FROM postern_user WHERE name = ?")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private AuthResult login(String user, String password) {
        return stores.authenticator().authenticate(new Credentials("PLAIN", user, utf8(password)), CLIENT);
    }

    @Test
    void anIdentityHasItsAccountsDomainsAndPlan() {
        assertThat(login("ann", "correct horse")).isInstanceOfSatisfying(AuthResult.Authenticated.class, result -> {
            Identity ann = result.identity();
            assertThat(List.of(ann.user(), ann.account())).containsExactly("ann", "acme");
            assertThat(ann.domains()).containsExactlyInAnyOrder("example.org", "example.com");
            assertThat(ann.limits().quota())
                    .contains(
                            QuotaPlan.perDay(100).in(ZoneId.of("Europe/Vienna")).counting(QuotaPlan.Unit.MESSAGES));
            assertThat(ann.limits().sessionsPerUser()).hasValue(2);
            assertThat(ann.limits().sessionsPerAccount()).isEmpty();
            assertThat(ann.limits().messageSize()).hasValue(5000);
            assertThat(stores.authenticator().check(ann, "example.org")).isEqualTo(Status.VALIDATED);
            assertThat(stores.authenticator().check(ann, "example.com")).isEqualTo(Status.UNVALIDATED);
            assertThat(stores.authenticator().check(ann, "example.net")).isEqualTo(Status.FOREIGN);
        });
    }

    /** As {@link Identity#covering} has it: the nearest row counts. */
    @Test
    void aRowMayStandForSubDomains() throws SQLException {
        sql("INSERT INTO postern_domain (account, name, validated) VALUES ('acme', '*.example.net', TRUE)");
        sql("INSERT INTO postern_domain (account, name, validated) VALUES ('acme', '*.new.example.net', FALSE)");
        Identity ann = ((AuthResult.Authenticated) login("ann", "correct horse")).identity();
        Map<String, Status> expected = Map.of(
                "a.example.net", Status.VALIDATED,
                "b.a.example.net", Status.VALIDATED,
                "new.example.net", Status.VALIDATED,
                "a.new.example.net", Status.UNVALIDATED,
                "example.net", Status.FOREIGN,
                "aexample.net", Status.FOREIGN,
                "a.example.org", Status.FOREIGN);
        expected.forEach((domain, status) ->
                assertThat(stores.authenticator().check(ann, domain)).as(domain).isEqualTo(status));
        assertThat(stores.authenticator().check(Identity.of("ann@acme.example"), "a.example.net"))
                .isEqualTo(Status.FOREIGN);
    }

    @Test
    void deniesWrongPasswordsAndUnknownUsersAlike() {
        assertThat(login("ann", "wrong")).isEqualTo(AuthResult.denied());
        assertThat(login("ann", "")).isEqualTo(AuthResult.denied());
        assertThat(login("nobody", "nobody")).isEqualTo(AuthResult.denied());
        assertThat(login("carl", "wrong")).isEqualTo(AuthResult.denied());
        assertThat(login("carl", "closed")).isEqualTo(AuthResult.relayDisabled());
    }

    /** Argon2id's work is in its memory, which can be measured without a clock: 19 MiB, 2 passes. */
    @Test
    void anUnknownUserCostsAsMuchAsAWrongPassword() {
        login("nobody", "nobody"); // loads what is loaded once
        login("ann", "wrong");
        long wrong = allocatedBy(() -> login("ann", "wrong"));
        long unknown = allocatedBy(() -> login("nobody", "wrong"));
        assertThat(wrong).isGreaterThan(19L << 20);
        assertThat(unknown).isBetween(wrong * 9 / 10, wrong * 11 / 10);
    }

    private static long allocatedBy(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void replacesOldHashesAtTheNextLogin() throws SQLException {
        List<HashingFunction> old = new ArrayList<>();
        old.add(BcryptFunction.getInstance(4));
        old.add(CompressedPBKDF2Function.getInstance(Hmac.SHA256, 1000, 256));
        for (HashingFunction function : old) {
            String name = function.getClass().getSimpleName().toLowerCase(Locale.ROOT);
            String before = function.hash(utf8("old secret")).getResult();
            user(name, "acme", before);
            assertThat(login(name, "wrong")).isEqualTo(AuthResult.denied());
            assertThat(hashOf(name)).isEqualTo(before);
            assertThat(login(name, "old secret")).isInstanceOf(AuthResult.Authenticated.class);
            assertThat(hashOf(name)).startsWith("$argon2id$");
            String after = hashOf(name);
            assertThat(login(name, "old secret")).isInstanceOf(AuthResult.Authenticated.class);
            assertThat(hashOf(name)).isEqualTo(after);
        }
    }

    @Test
    void theDocumentationShowsTheTables() throws IOException {
        String docs = Files.readString(Path.of("../../docs/shared-stores.md"));
        assertThat(docs).contains(JdbcStores.ddl());
    }

    @Test
    void keysOfScramAreFoundAndStay() throws SQLException {
        String keys = PasswordHashes.scramKeys(utf8("pencil")).text();
        user("dora", "acme", keys);
        user("emil", "closed", keys);
        ScramDirectory directory = stores.authenticator();
        assertThat(directory.find("DORA", CLIENT).keys().orElseThrow().text()).isEqualTo(keys);
        assertThat(directory.find("DORA", CLIENT).whenProven())
                .isInstanceOfSatisfying(
                        AuthResult.Authenticated.class,
                        result -> assertThat(result.identity().account()).isEqualTo("acme"));
        assertThat(directory.find("emil", CLIENT).whenProven()).isEqualTo(AuthResult.relayDisabled());
        for (String user : List.of("ann", "nobody")) {
            ScramLookup lookup = directory.find(user, CLIENT);
            assertThat(lookup.whenProven()).isEqualTo(AuthResult.denied());
            assertThat(lookup.keys().orElseThrow().iterations()).isEqualTo(65_536);
        }
        assertThat(login("dora", "pencil")).isInstanceOf(AuthResult.Authenticated.class);
        assertThat(hashOf("dora")).isEqualTo(keys);
    }
}
