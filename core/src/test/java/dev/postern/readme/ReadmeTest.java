package dev.postern.readme;

import static dev.postern.testkit.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reply;
import dev.postern.spi.Reservation;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.FakeUpstream;
import dev.postern.testkit.Fault;
import dev.postern.testkit.SmtpProbe;
import dev.postern.testkit.Stage;
import dev.postern.testkit.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the README to the code. To write the reply table anew after a change of the catalogue: {@code mvn test -pl
 * spi,testkit,core -Dtest=ReadmeTest -Dpostern.readme=write -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class ReadmeTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path EXAMPLES = Path.of("src/test/java/dev/postern/readme/Examples.java");
    private static final String TABLE_BEGIN = "<!-- replies: generated from StandardReply -->\n";
    private static final String TABLE_END = "<!-- end of replies -->\n";

    @Test
    void theReplyTableIsTheCatalogue() throws IOException {
        String readme = Files.readString(README);
        int begin = readme.indexOf(TABLE_BEGIN) + TABLE_BEGIN.length();
        int end = readme.indexOf(TABLE_END);
        String table = table();
        if ("write".equals(System.getProperty("postern.readme"))) {
            Files.writeString(README, readme.substring(0, begin) + table + readme.substring(end));
        } else {
            assertThat(readme.substring(begin, end)).isEqualTo(table);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"embedding", "authenticator", "quota", "delivery", "upstreams", "verify", "testkit"})
    void theExamplesAreCodeThatCompiles(String name) throws IOException {
        assertThat(Files.readString(README)).contains("```java\n" + snippet(name) + "```");
    }

    @ParameterizedTest
    @CsvSource({"connections, upstream.md", "alerts, upstream.md", "ownMailboxes, upstream.md", "conscrypt, tls.md"})
    void theExamplesOfThePagesAreCodeThatCompiles(String name, String page) throws IOException {
        assertThat(Files.readString(Path.of("..", "docs", page))).contains("```java\n" + snippet(name) + "```");
    }

    @Test
    void theEmbeddingExampleHasAtMost25Lines() throws IOException {
        assertThat(snippet("embedding").lines().count()).isLessThanOrEqualTo(25);
    }

    @Test
    void theExamplesOfThePlugInsWork(@TempDir Path spool) throws IOException {
        Authenticator authenticator =
                Examples.authenticator((user, password) -> "pw".equals(new String(password, StandardCharsets.UTF_8)));
        QuotaStore quota = new Examples.SuspendableQuota(new EveryoneMay(), account -> account.equals("nobody"));
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .allowPlaintextAuth()
                        .authenticator(authenticator)
                        .quota(QuotaPlan.perDay(10))
                        .quotaStore(quota)
                        .delivery(Examples.toDirectory(spool))
                        .start();
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            assertThat(probe.authPlain("alice", "wrong")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.authPlain("alice", "pw")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            probe.mail("alice@example.org");
            probe.rcpt("bob@example.net");
            assertThat(probe.data("From: alice@example.com\r\n\r\nhello\r\n"))
                    .isStandardReply(StandardReply.MESSAGE_ACCEPTED, "stored");
        }
        try (Stream<Path> files = Files.list(spool)) {
            List<Path> stored = files.toList();
            assertThat(stored).hasSize(1);
            assertThat(stored.get(0)).content().endsWith("From: alice@example.com\r\n\r\nhello\r\n");
        }
    }

    @Test
    void theExampleOfAlertsTellsTheOperator() {
        TestClock clock = new TestClock();
        List<String> alerts = new CopyOnWriteArrayList<>();
        try (FakeUpstream upstream = FakeUpstream.start();
                SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .trust("127.0.0.0/8", Identity.of("alice@example.com"))
                        .clock(clock)
                        .listener(Examples.alerts(alerts::add))
                        .upstream(Upstream.smtp("127.0.0.1", upstream.port()).circuitBreaker(1, Duration.ofSeconds(1)))
                        .start()) {
            upstream.script(Stage.GREETING, Fault.reply("421 4.3.2 busy"));
            send(relay);
            upstream.clearScripts();
            clock.advance(Duration.ofSeconds(1));
            send(relay);
            upstream.script(Stage.END_OF_DATA, Fault.close());
            send(relay);
            String name = "127.0.0.1:" + upstream.port();
            assertThat(alerts).hasSize(3);
            assertThat(alerts.get(0)).isEqualTo(name + " cannot be reached: greeting: 421 4.3.2 busy");
            assertThat(alerts.get(1)).isEqualTo(name + " is back after 1 s");
            assertThat(alerts.get(2)).startsWith(name + " may have message ").endsWith(" or not");
        }
    }

    private static void send(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            probe.mail("alice@example.com");
            probe.rcpt("bob@example.net");
            probe.data("From: alice@example.com\r\n\r\nhello\r\n");
        }
    }

    @Test
    void theExampleOfTokensWorks() {
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .allowPlaintextAuth()
                        .tokenAuthenticator(
                                Examples.tokens(token -> Optional.of("bert").filter(user -> token.equals("t0"))))
                        .delivery(submission -> {
                            throw new IllegalStateException("nothing is sent");
                        })
                        .start();
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            String token =
                    Base64.getEncoder().encodeToString("n,,\1auth=Bearer t0\1\1".getBytes(StandardCharsets.US_ASCII));
            assertThat(probe.send("AUTH OAUTHBEARER " + token)).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bob@corp.example, smtp://mail.corp.example:25",
        "bob@mail.corp.example, smtp://mail.corp.example:25",
        "bob@example.com, smtp+starttls://smtp.example.net:587",
    })
    void theExampleOfRoutesGoesWhereItSays(String recipient, String upstream) {
        UpstreamDelivery routes = Examples.routes(target ->
                submission -> new DeliveryResult.Accepted("test", Reply.fromUpstream(250, List.of(target.toString()))));
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .trust("127.0.0.0/8", Identity.of("alice@example.com"))
                        .delivery(routes)
                        .start();
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            probe.mail("alice@example.com");
            probe.rcpt(recipient);
            assertThat(probe.data("From: alice@example.com\r\n\r\nhello\r\n"))
                    .isStandardReply(StandardReply.MESSAGE_ACCEPTED, upstream);
        }
    }

    @Test
    void theExampleOfVerifyTellsProblems() {
        Instant soon = Instant.now().plus(Duration.ofDays(14));
        try (FakeUpstream server = FakeUpstream.start();
                SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .trust("127.0.0.0/8", Identity.of("alice@example.com"))
                        .upstream(Upstream.smtp("127.0.0.1", server.port()))
                        .start()) {
            assertThat(Examples.problem(relay.verify().get(0), soon)).isEmpty();
            server.refuseConnections();
            assertThat(Examples.problem(relay.verify().get(0), soon))
                    .hasValueSatisfying(text -> assertThat(text)
                            .startsWith("127.0.0.1:" + server.port() + ": CONNECT failed: ")
                            .contains("firewall"));
        }
    }

    private static String snippet(String name) throws IOException {
        String source = Files.readString(EXAMPLES);
        int begin = source.indexOf("// README " + name + "\n");
        assertThat(begin).as("the marker of " + name).isNotNegative();
        String behind = source.substring(source.indexOf('\n', begin) + 1);
        String region = behind.substring(0, behind.indexOf("// end"));
        return region.stripTrailing().stripIndent() + "\n";
    }

    private static String table() {
        return Arrays.stream(StandardReply.Part.values())
                .map(part -> (part == StandardReply.Part.CONTRACT
                                ? "**The contract**: exact, byte for byte.\n\n"
                                : "\n**Around it**, by the RFCs:\n\n")
                        + "| id | reply | given for | what to do | again? | closes |\n|---|---|---|---|---|---|\n"
                        + Arrays.stream(StandardReply.values())
                                .filter(row -> row.part() == part)
                                .map(ReadmeTest::row)
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
    }

    private static String row(StandardReply row) {
        return String.join(
                        " | ",
                        "| " + row,
                        "`" + row.wireText() + "`",
                        escaped(row.meaning()),
                        escaped(row.advice()),
                        row.retryable() ? "yes" : "",
                        row.closes() ? "yes" : "")
                + " |\n";
    }

    private static String escaped(String text) {
        return text.replace("<", "&lt;").replace(">", "&gt;").replace("*", "\\*");
    }

    /** A store without a limit. */
    private static final class EveryoneMay implements QuotaStore {
        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return new QuotaDecision.Granted(new Reservation(
                    request.reservationId(), request.account(), request.plan(), request.units(), Instant.EPOCH));
        }

        @Override
        public void commit(Reservation reservation) {}

        @Override
        public void release(Reservation reservation) {}

        @Override
        public QuotaUsage usage(String account, QuotaPlan plan) {
            return new QuotaUsage(0, 0, plan.limit(), Instant.MAX);
        }
    }
}
