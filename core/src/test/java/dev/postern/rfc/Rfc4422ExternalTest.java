package dev.postern.rfc;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.postern.Scene;
import dev.postern.ServerTls;
import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.CertificateAuthenticator;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.Identity;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 4422 appendix A, SASL EXTERNAL, by a client's certificate. */
class Rfc4422ExternalTest {

    private static final AuthResult ALICE = AuthResult.authenticated(Identity.of("alice@client.test"));

    private final List<String> shown = new CopyOnWriteArrayList<>();

    private static Scene scene(CertificateAuthenticator authenticator, AuthSettings others) {
        return Scene.bare(
                b -> b.tls(TlsSettings.of(ServerTls.context()).withClientCertificates(ClientCertificates.WANTED))
                        .auth(others.withCertificates(authenticator)));
    }

    private Scene scene(AuthResult result) {
        return scene(
                (chain, client) -> {
                    shown.add(chain.get(0).getSubjectX500Principal().getName());
                    return result;
                },
                AuthSettings.defaults());
    }

    private static SmtpProbe certified(Scene scene) {
        SmtpProbe probe =
                SmtpProbe.connectTls(scene.relay.addresses().get(1), TestCertificates.clientContextWithCertificate());
        assertThat(probe.readReply()).hasCode(220);
        return probe;
    }

    private static String base64(String text) {
        return text.isEmpty() ? "=" : Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void isOfferedToWhoHasShownACertificate() {
        try (Scene scene = scene((chain, client) -> ALICE, Scene.auth())) {
            try (SmtpProbe probe = certified(scene)) {
                assertThat(probe.ehlo().extensions()).contains("AUTH EXTERNAL PLAIN LOGIN");
            }
            assertThat(scene.ready(Access.IMPLICIT_TLS).ehlo().extensions()).contains("AUTH PLAIN LOGIN");
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).contains("AUTH PLAIN LOGIN");
            assertThat(scene.ready(Access.IMPLICIT_TLS).send("AUTH EXTERNAL ="))
                    .isStandardReply(StandardReply.MECHANISM_UNSUPPORTED);
        }
    }

    @Test
    void aClientIsWhoItsCertificateSays() {
        try (Scene scene = scene(ALICE)) {
            try (SmtpProbe probe = certified(scene)) {
                assertThat(probe.ehlo().extensions()).contains("AUTH EXTERNAL");
                assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
                assertThat(probe.send("AUTH external =")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
                Scene.send(probe);
                assertThat(probe.quit()).hasCode(221);
            }
            try (SmtpProbe probe = certified(scene)) {
                assertThat(probe.ehlo()).hasCode(250);
                assertThat(probe.send("AUTH EXTERNAL")).hasWire("334 \r\n");
                assertThat(probe.send("")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
                assertThat(probe.quit()).hasCode(221);
            }
        }
        assertThat(shown).hasSize(2).allMatch(name -> name.startsWith("CN="));
    }

    @ParameterizedTest
    @CsvSource({
        "alice@client.test, AUTH_SUCCEEDED",
        "ALICE@Client.Test, AUTH_SUCCEEDED",
        "bert@beta.test, AUTH_CREDENTIALS_INVALID",
        "a\u0007b, AUTH_MALFORMED",
    })
    void anAuthorizationIdentityIsTheUserOrRefused(String authorization, StandardReply row) {
        try (Scene scene = scene(ALICE);
                SmtpProbe probe = certified(scene)) {
            assertThat(probe.ehlo()).hasCode(250);
            assertThat(probe.send("AUTH EXTERNAL " + base64(authorization))).isStandardReply(row);
            assertThat(probe.quit()).hasCode(221);
        }
    }

    @Test
    void whatTheHostSaysOfACertificateIsTheReply() {
        try (Scene scene = scene(AuthResult.relayDisabled());
                SmtpProbe probe = certified(scene)) {
            assertThat(probe.ehlo()).hasCode(250);
            assertThat(probe.send("AUTH EXTERNAL =")).isStandardReply(StandardReply.AUTH_RELAY_DISABLED);
        }
        try (Scene scene = scene(
                        (chain, client) -> {
                            throw new IllegalStateException("broken");
                        },
                        AuthSettings.defaults());
                SmtpProbe probe = certified(scene)) {
            assertThat(probe.ehlo()).hasCode(250);
            assertThat(probe.send("AUTH EXTERNAL =")).isStandardReply(StandardReply.AUTH_UNAVAILABLE);
        }
        try (Scene scene = scene(
                        (chain, client) -> AuthResult.denied(),
                        AuthSettings.defaults().withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5)));
                SmtpProbe probe = certified(scene)) {
            assertThat(probe.ehlo()).hasCode(250);
            assertThat(probe.send("AUTH EXTERNAL =")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.send("AUTH EXTERNAL =")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.send("AUTH EXTERNAL =")).isStandardReply(StandardReply.AUTH_BLOCKED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "certificates"})
    void doesNotStartWithoutCertificates(String missing) {
        assertThatIllegalStateException()
                .isThrownBy(() -> {
                    var builder = SmtpRelay.builder()
                            .listen("127.0.0.1", 0)
                            .delivery(submission -> {
                                throw new IllegalStateException("nothing is sent");
                            })
                            .auth(AuthSettings.defaults().withPlaintext().withCertificates((chain, client) -> ALICE));
                    if (missing.equals("certificates")) {
                        builder.tls(TlsSettings.of(ServerTls.context()));
                    }
                    builder.start();
                })
                .withMessageContaining("withClientCertificates");
    }
}
