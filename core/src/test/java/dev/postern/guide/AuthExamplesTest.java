package dev.postern.guide;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.client.ScramClient;
import dev.postern.Scene;
import dev.postern.ServerTls;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.Identity;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples of docs/auth-scram.md and docs/auth-passwords.md. */
@OnAnyJdk
class AuthExamplesTest {

    // DOC scram
    static AuthSettings scram(Map<String, String> keysByUser, byte[] secret) {
        ScramDirectory users = (name, client) -> {
            String user = CanonicalName.ofUser(name);
            String keys = keysByUser.get(user); // SCRAM-SHA-256$65536:salt$StoredKey:ServerKey
            return keys == null
                    ? ScramLookup.unknown(
                            ScramKeys.parse(keysByUser.values().iterator().next()))
                    : ScramLookup.known(ScramKeys.parse(keys), Identity.of(user));
        };
        return AuthSettings.defaults().withScram(users).withScramSecret(secret); // the same in each relay
    }
    // end

    // DOC certificates
    static AuthSettings certificates(Map<String, String> usersBySubject) {
        return AuthSettings.defaults().withCertificates((chain, client) -> {
            String user =
                    usersBySubject.get(chain.get(0).getSubjectX500Principal().getName()); // RFC 2253
            return user == null ? AuthResult.denied() : AuthResult.authenticated(Identity.of(user));
        });
    }
    // end

    // DOC caching
    static AuthSettings caching(Authenticator directory) {
        return AuthSettings.passwords(Authenticator.caching(directory, Duration.ofMinutes(1)));
    }
    // end

    @Test
    void theKeysOfAUserLetItIn() throws Exception {
        String keys = ScramKeys.ofPrepared("correct horse".toCharArray(), new byte[16], 4096)
                .text();
        try (Scene scene = Scene.bare(
                b -> b.auth(scram(Map.of("ann@example.org", keys), new byte[32]).withPlaintext()))) {
            ScramClient client = ScramClient.builder()
                    .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                    .username("Ann@example.org")
                    .password("correct horse".toCharArray())
                    .build();
            SmtpProbe probe = scene.ready(Access.CLEAR);
            client.serverFirstMessage(
                    decoded(probe.send("AUTH SCRAM-SHA-256 " + encoded(client.clientFirstMessage()))));
            client.serverFinalMessage(decoded(probe.send(encoded(client.clientFinalMessage()))));
            assertThat(probe.send("")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            assertThat(decoded(scene.ready(Access.CLEAR).send("AUTH SCRAM-SHA-256 " + encoded("n,,n=bob,r=abc"))))
                    .endsWith(",i=4096");
        }
    }

    private static String encoded(Object message) {
        return Base64.getEncoder().encodeToString(message.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(ProbeReply reply) {
        assertThat(reply).hasCode(334);
        return new String(Base64.getDecoder().decode(reply.text()), StandardCharsets.UTF_8);
    }

    @Test
    void aCertificateIsAUsers() {
        TlsSettings tls = TlsSettings.of(ServerTls.context()).withClientCertificates(ClientCertificates.WANTED);
        for (boolean known : new boolean[] {true, false}) {
            try (Scene scene = Scene.bare(b -> b.tls(tls)
                            .auth(certificates(Map.of(known ? "CN=client.test" : "CN=another", "ann@example.org"))));
                    SmtpProbe probe = SmtpProbe.connectTls(
                            scene.relay.addresses().get(1), TestCertificates.clientContextWithCertificate())) {
                assertThat(probe.readReply()).hasCode(220);
                assertThat(probe.ehlo()).hasCode(250);
                assertThat(probe.send("AUTH EXTERNAL ="))
                        .isStandardReply(known ? StandardReply.AUTH_SUCCEEDED : StandardReply.AUTH_CREDENTIALS_INVALID);
            }
        }
    }

    @Test
    void aLoginIsRemembered() {
        int[] asked = new int[1];
        try (Scene scene = Scene.bare(b -> b.auth(caching((credentials, client) -> {
                    asked[0]++;
                    return AuthResult.authenticated(Identity.of(credentials.username()));
                })
                .withPlaintext()))) {
            scene.alice();
            scene.alice();
        }
        assertThat(asked).containsExactly(1);
    }
}
