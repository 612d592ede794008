package dev.postern.jdbc;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.StandardReply;
import dev.postern.stores.Again;
import dev.postern.stores.Opened;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A relay whose users and counts are in a database, as its clients see it. */
class JdbcRelayTest {

    private static final String MESSAGE = "From: alice@example.org\r\nSubject: hello\r\n\r\nHow are you?\r\n";
    private static final List<String> SPELLINGS =
            List.of("alice@example.org", "ALICE@Example.org", "Alice@example.ORG", "aLICE@example.org");

    @AutoClose
    private final Opened open = new Opened();

    private SmtpProbe ready(SmtpRelay relay) {
        SmtpProbe probe = open.add(SmtpProbe.connect("127.0.0.1", relay.port()));
        assertThat(probe.readReply()).isStandardReply(StandardReply.GREETING);
        probe.ehlo();
        return probe;
    }

    private SmtpRelay relay(JdbcStores stores, Authenticator authenticator) {
        FakeUpstream upstream = open.add(FakeUpstream.start());
        return open.add(SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(authenticator).withPlaintext())
                .sessions(SessionLimits.defaults().withLoginWait(Duration.ZERO).withPerUser(2))
                .quota(QuotaPlan.perMonth(2))
                .stores(Stores.defaults().withQuota(stores.quota()).withSessions(stores.sessions()))
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .start());
    }

    /** The relay learns after its client that a session has ended, and a login over the limit is not to wait here. */
    private SmtpProbe inOnceAPlaceIsFree(SmtpRelay relay, String user) {
        List<SmtpProbe> probes = new ArrayList<>();
        assertThat(Again.whileRefused(454, Duration.ofSeconds(20), () -> {
                    probes.add(ready(relay));
                    return probes.get(probes.size() - 1).authPlain(user, "secret");
                }))
                .isStandardReply(StandardReply.AUTH_SUCCEEDED);
        return probes.get(probes.size() - 1);
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aDirectoryThatIgnoresCaseMultipliesNeitherSessionsNorQuota(Backend backend) {
        HikariDataSource database = open.add(backend.freshDatabase());
        JdbcStores stores = open.add(JdbcStores.builder(database).migrate().start());
        SmtpRelay relay = relay(
                stores,
                (credentials, client) -> credentials.username().equalsIgnoreCase("alice@example.org")
                                && credentials.secretEquals("secret")
                        ? AuthResult.authenticated(Identity.of(credentials.username()))
                        : AuthResult.denied());
        SmtpProbe first = ready(relay);
        assertThat(first.authPlain(SPELLINGS.get(0), "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        SmtpProbe second = ready(relay);
        assertThat(second.authPlain(SPELLINGS.get(1), "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(ready(relay).authPlain(SPELLINGS.get(2), "secret"))
                .isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        for (SmtpProbe probe : List.of(first, second)) {
            assertThat(probe.mail("alice@example.org")).isOk();
            assertThat(probe.rcpt("bob@example.net")).isOk();
            assertThat(probe.data(MESSAGE)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        }
        first.close();
        SmtpProbe third = inOnceAPlaceIsFree(relay, SPELLINGS.get(3));
        assertThat(third.mail("alice@example.org")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        assertThat(relay.usage("EXAMPLE.org").orElseThrow().used()).isEqualTo(2);
    }

    @Test
    void theDocumentationsRelayServes() throws SQLException {
        HikariDataSource database = open.add(Backend.H2.freshDatabase());
        JdbcStores stores = open.add(Examples.stores(database));
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('acme', 'Europe/Vienna', TRUE)");
            statement.execute(
                    "INSERT INTO postern_domain (account, name, validated) VALUES ('acme', 'example.org', TRUE)");
            statement.execute("INSERT INTO postern_user (name, account, password) VALUES ('ann', 'acme', '"
                    + Hashes.of("correct horse") + "')");
        }
        try (SmtpRelay relay = Examples.relay(stores, 0);
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            // behind a load balancer: the client's address comes first
            probe.write("PROXY TCP4 192.0.2.1 192.0.2.2 4711 587\r\n");
            probe.readReply();
            probe.ehlo();
            assertThat(probe.authPlain("ann", "wrong")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.authPlain("ann", "correct horse")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            assertThat(probe.mail("ann@example.org")).isStandardReply(StandardReply.SENDER_OK);
        }
    }

    @Test
    void theDocumentationShowsTheExample() throws IOException {
        String docs = Files.readString(Path.of("../../docs/shared-stores.md"));
        String example = docs.substring(
                docs.indexOf("static SmtpRelay relay"), docs.indexOf("```", docs.indexOf("```java") + 7));
        String source = Files.readString(Path.of("src/test/java/dev/postern/jdbc/Examples.java"));
        assertThat(source.replaceAll("\\s+", " ")).contains(example.strip().replaceAll("\\s+", " "));
    }
}
