package dev.postern.jwt;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.HeldPage;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds docs/auth-jwt.md to code that compiles, and runs it in a relay, with tokens of an identity provider. */
class JwtPageTest {

    private static final Path PAGE = Path.of("../../docs/auth-jwt.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/postern/jwt/JwtPageTest.java");
    private static final Map<String, Object> CLAIMS = Map.of(
            "scope",
            "openid mail.send",
            "preferred_username",
            "ann@example.org",
            "tenant",
            "acme",
            "max_recipients",
            2);

    /** The provider's first answers take it seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static MockOAuth2Server provider;

    // example
    static TokenAuthenticatorBuilder tokens(String issuer, String jwksUri) {
        return TokenAuthenticator.ofKeys(issuer, jwksUri) // as the issuer's metadata have them
                .audience("mail-relay") // what the issuer calls this relay
                .scopes("mail.send")
                .user("preferred_username")
                .account("tenant")
                .limit(Limit.RECIPIENTS_PER_MESSAGE, "max_recipients"); // .build() is for AuthSettings.withTokens
    }
    // end

    @BeforeAll
    static void start() {
        provider = new MockOAuth2Server();
        provider.start();
    }

    @AfterAll
    static void stop() {
        provider.shutdown();
    }

    @Test
    void theExampleIsThisCode() throws IOException {
        HeldPage.holdExample(PAGE, SOURCE);
    }

    private static SmtpRelay relay(Authenticator tokens, FakeUpstream upstream) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.defaults().withPlaintext().withTokens(tokens))
                .times(TimeLimits.defaults().withPlugin(PATIENCE))
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .start();
    }

    private static Authenticator byKeys() {
        return tokens(
                        provider.issuerUrl("staff").toString(),
                        provider.jwksUrl("staff").toString())
                .plaintext()
                .timeout(PATIENCE)
                .build();
    }

    private static String token(String issuer, String audience) {
        return provider.issueToken(issuer, "4711", audience, CLAIMS).serialize();
    }

    private static String bearer(String user, String token) {
        String response = "n,a=" + user + ",\1auth=Bearer " + token + "\1\1";
        return "AUTH OAUTHBEARER " + Base64.getEncoder().encodeToString(response.getBytes(StandardCharsets.UTF_8));
    }

    private static SmtpProbe ready(SmtpRelay relay) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        probe.readReply();
        probe.ehlo();
        return probe;
    }

    @Test
    void theExamplesRelayServes() {
        try (FakeUpstream upstream = FakeUpstream.start();
                SmtpRelay relay = relay(byKeys(), upstream);
                SmtpProbe probe = ready(relay)) {
            for (String wrong : List.of(token("staff", "another-service"), token("customers", "mail-relay"))) {
                assertThat(probe.send(bearer("ann@example.org", wrong))).hasCode(334);
                assertThat(probe.send("AQ==")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            }
            assertThat(probe.send(bearer("bob@example.org", token("staff", "mail-relay"))))
                    .hasCode(334);
            assertThat(probe.send("AQ==")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.send(bearer("ann@example.org", token("staff", "mail-relay"))))
                    .isStandardReply(StandardReply.AUTH_SUCCEEDED);
            probe.mail("ann@example.org");
            probe.rcpt("bob@example.net");
            probe.rcpt("carl@example.net");
            assertThat(probe.rcpt("dora@example.net")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS);
            assertThat(probe.data("From: ann@example.org\r\n\r\nhello\r\n"))
                    .isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(upstream.messages()).hasSize(1);
        }
    }

    @Test
    void theProviderIsAskedAboutTokens() {
        Authenticator tokens = TokenAuthenticator.ofIntrospection(
                        provider.url("staff/introspect").toString(), "relay", "secret")
                .audience("mail-relay")
                .plaintext()
                .timeout(PATIENCE)
                .user("sub")
                .build();
        assertThat(SignedTokensTest.identity(SignedTokensTest.login(tokens, "4711", token("staff", "mail-relay")))
                        .user())
                .isEqualTo("4711");
        for (String wrong : List.of("nonsense", token("staff", "another-service"), token("customers", "mail-relay"))) {
            assertThat(SignedTokensTest.login(tokens, "4711", wrong)).isEqualTo(AuthResult.denied());
        }
    }

    @Test
    @Needs(Tool.CURL)
    void curlSendsWithAToken(@TempDir Path folder) throws Exception {
        Path message = Files.writeString(folder.resolve("message"), "From: ann@example.org\r\n\r\nhello\r\n");
        try (FakeUpstream upstream = FakeUpstream.start();
                SmtpRelay relay = relay(byKeys(), upstream)) {
            for (String audience : List.of("mail-relay", "another-service")) {
                Process curl = new ProcessBuilder(
                                Tool.CURL.path(),
                                "-sS",
                                "smtp://127.0.0.1:" + relay.port() + "/client.test",
                                "--user",
                                "ann@example.org:",
                                "--oauth2-bearer",
                                token("staff", audience),
                                "--mail-from",
                                "ann@example.org",
                                "--mail-rcpt",
                                "bob@example.net",
                                "--upload-file",
                                message.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile())
                        .start();
                assertThat(curl.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(curl.exitValue() == 0)
                        .as(Files.readString(folder.resolve("output")))
                        .isEqualTo(audience.equals("mail-relay"));
            }
            assertThat(upstream.messages()).hasSize(1);
        }
    }
}
