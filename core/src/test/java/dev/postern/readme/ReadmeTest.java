package dev.postern.readme;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.UpstreamConnector;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.Stores;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.tls.CertificateExtension;
import dev.postern.testkit.internal.tls.KeyAndCertificate;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the examples of README.md and docs/; DocsTest holds the pages to them. */
@OnAnyJdk
class ReadmeTest {

    @Test
    void theExamplesOfThePlugInsWork(@TempDir Path spool) throws IOException {
        Authenticator authenticator =
                Examples.authenticator((user, password) -> "pw".equals(new String(password, StandardCharsets.UTF_8)));
        QuotaStore quota = new Examples.SuspendableQuota(
                SmtpRelay.inMemoryQuota(RelayClock.system()), account -> account.equals("nobody"));
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.passwords(authenticator).withPlaintext())
                        .quota(QuotaPlan.perDay(10))
                        .stores(Stores.defaults().withQuota(quota))
                        .delivery(new DirectoryDelivery(spool))
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
            assertThat(stored.get(0))
                    .content()
                    .startsWith("MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\nReceived: ")
                    .endsWith("From: alice@example.com\r\n\r\nhello\r\n");
        }
    }

    @Test
    void theExampleOfADeliveryEndsInTime() {
        TestClock clock = new TestClock();
        List<Duration> longest = new CopyOnWriteArrayList<>();
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@example.com")))
                .times(TimeLimits.defaults().withReply(Duration.ofSeconds(20)))
                .clock(clock)
                .delivery(Examples.into((message, time) -> {
                    longest.add(time);
                    clock.advance(time);
                    return message.timeLeft().filter(Duration::isZero).isEmpty();
                }))
                .start()) {
            assertThat(send(relay)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        }
        assertThat(longest).containsExactly(Duration.ofSeconds(20));
    }

    @Test
    void theExampleOfAlertsTellsTheOperator() {
        TestClock clock = new TestClock();
        List<String> alerts = new CopyOnWriteArrayList<>();
        try (FakeUpstream upstream = FakeUpstream.start();
                SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@example.com")))
                        .clock(clock)
                        .listener(Examples.alerts(alerts::add))
                        .upstream(Upstream.smtp("127.0.0.1", upstream.port())
                                .circuit(CircuitSettings.defaults()
                                        .withFailures(1)
                                        .withPause(Duration.ofSeconds(1))))
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

    private static ProbeReply send(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            probe.mail("alice@example.com");
            probe.rcpt("bob@example.net");
            return probe.data("From: alice@example.com\r\n\r\nhello\r\n");
        }
    }

    @Test
    void theExampleOfTokensWorks() {
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults()
                                .withPlaintext()
                                .withTokens(Examples.tokens(
                                        token -> Optional.of("bert").filter(user -> token.equals("t0")))))
                        .delivery(submission -> {
                            throw new IllegalStateException("nothing is sent");
                        })
                        .start();
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            String token = Base64.getEncoder()
                    .encodeToString("n,a=bert,\1auth=Bearer t0\1\1".getBytes(StandardCharsets.US_ASCII));
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
                submission -> DeliveryResult.accepted("test", Reply.fromUpstream(250, List.of(target.toString()))));
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@example.com")))
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
    void theExampleOfFilesGoesByAccount() {
        UpstreamConnector connect = target ->
                submission -> DeliveryResult.accepted("test", Reply.fromUpstream(250, List.of(target.toString())));
        UpstreamDelivery filed = Examples.filed(
                connect, submission -> DeliveryResult.accepted("files", Reply.fromUpstream(250, List.of("stored"))));
        TestMessage message = TestMessage.of("Subject: hello\r\n\r\nhello\r\n");
        Identity ann = Identity.of("ann@example.org");
        assertThat(filed.deliver(message.withIdentity(ann.withAccount("acme")).submission())
                        .upstream())
                .isEqualTo("files");
        assertThat(filed.deliver(message.withIdentity(ann).submission()).upstream())
                .isEqualTo("test");
    }

    @Test
    void theExampleOfVerifyTellsProblems() {
        Instant soon = Instant.now().plus(Duration.ofDays(14));
        try (FakeUpstream server = FakeUpstream.start();
                SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@example.com")))
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

    @Test
    void theExampleOfPemFilesServesTls(@TempDir Path folder) throws Exception {
        KeyAndCertificate made = KeyAndCertificate.selfSigned(
                KeyAndCertificate.keys("EC"), "CN=localhost", CertificateExtension.names("localhost", "127.0.0.1"));
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        Files.writeString(chain, pem("CERTIFICATE", made.certificate().getEncoded()));
        Files.writeString(key, pem("PRIVATE KEY", made.key().getEncoded()));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", made.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext client = SSLContext.getInstance("TLS");
        client.init(null, trust.getTrustManagers(), null);
        try (SmtpRelay relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .tls(Examples.tls(chain, key))
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@example.com")))
                        .upstream(Upstream.smtp("127.0.0.1", 25))
                        .start();
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            assertThat(probe.startTls(client)).isStandardReply(StandardReply.TLS_READY);
            assertThat(probe.ehlo()).isOk();
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }
}
