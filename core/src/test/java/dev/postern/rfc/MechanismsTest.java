package dev.postern.rfc;

import static dev.postern.rfc.ScramExchange.base64;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.client.ScramClient;
import dev.postern.Scene;
import dev.postern.ServerTls;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ChannelBinding;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
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
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows 1 to 5 of the contract by each mechanism, octet by octet. */
class MechanismsTest {

    private static final String ALICE = "alice@client.test";
    private static final String DORA = "dora@dead.test";
    private static final Map<String, AuthResult> USERS = Map.of(
            ALICE, AuthResult.authenticated(Identity.of(ALICE).withAccount("acme")), DORA, AuthResult.relayDisabled());
    private static final byte[] SALT = "a salt of theirs".getBytes(StandardCharsets.US_ASCII);
    private static final Map<String, ScramLookup> KEYS = Map.of(
            ALICE, ScramLookup.known(keys("alice"), Identity.of(ALICE)), DORA, ScramLookup.withoutRelay(keys("dora")));
    private static final ScramDirectory SCRAM = (user, client) -> KEYS.getOrDefault(user, ScramLookup.unknown());

    private static ScramKeys keys(String password) {
        return ScramKeys.ofPrepared(password.toCharArray(), SALT, ScramKeys.MIN_ITERATIONS);
    }

    /** In the order in which they are offered. */
    enum Mechanism {
        EXTERNAL,
        SCRAM_SHA_256_PLUS,
        SCRAM_SHA_256,
        PLAIN,
        LOGIN,
        OAUTHBEARER,
        XOAUTH2;

        @Override
        public String toString() {
            return name().replace('_', '-');
        }

        /** A whole exchange; returns its last reply. */
        ProbeReply logIn(Relay relay, SmtpProbe probe, String user, String secret) throws Exception {
            return switch (this) {
                case EXTERNAL -> {
                    relay.certified = user.equals(userOf(secret)) ? user : "nobody";
                    yield probe.send("AUTH EXTERNAL =");
                }
                case SCRAM_SHA_256_PLUS ->
                    afterProof(probe, ScramExchange.bound(user, secret, ScramExchange.endPoint(relay.listener())));
                case SCRAM_SHA_256 -> afterProof(probe, ScramExchange.client(user, secret));
                case PLAIN -> probe.authPlain(user, secret);
                case LOGIN -> probe.authLogin(user, secret);
                case OAUTHBEARER -> afterExplanation(probe, "n,a=" + user + ",\1auth=Bearer " + secret + "\1\1");
                case XOAUTH2 -> afterExplanation(probe, "user=" + user + "\1auth=Bearer " + secret + "\1\1");
            };
        }

        /** Any command that begins an exchange. */
        String command() {
            return switch (this) {
                case LOGIN, XOAUTH2 -> "AUTH " + this; // without an initial response
                default -> "AUTH " + this + " " + base64("n,,n=" + ALICE + ",r=abc");
            };
        }

        private static ProbeReply afterProof(SmtpProbe probe, ScramClient client) throws Exception {
            ProbeReply reply = ScramExchange.prove(probe, client);
            if (reply.code() != 334) {
                return reply;
            }
            client.serverFinalMessage(ScramExchange.challenge(reply));
            return probe.send("");
        }

        private ProbeReply afterExplanation(SmtpProbe probe, String response) {
            ProbeReply reply = probe.send("AUTH " + this + " " + base64(response));
            return reply.code() == 334 ? probe.send("AQ==") : reply;
        }
    }

    /** Everybody's secret is the name before the at sign. */
    private static String userOf(String secret) {
        return USERS.keySet().stream()
                .filter(user -> user.startsWith(secret + "@"))
                .findFirst()
                .orElse("");
    }

    /** A relay that offers all of them, to clients with a certificate. */
    private static final class Relay implements AutoCloseable {

        private final Scene scene;
        private volatile String certified = "nobody";

        private Relay(int failures) {
            Authenticator secrets = (credentials, client) ->
                    credentials.secretEquals(credentials.username().replaceFirst("@.*", ""))
                            ? USERS.getOrDefault(credentials.username(), AuthResult.denied())
                            : AuthResult.denied();
            scene = Scene.bare(b -> b.tls(
                            TlsSettings.of(ServerTls.context()).withClientCertificates(ClientCertificates.WANTED))
                    .auth(AuthSettings.passwords(secrets)
                            .withTokens(secrets)
                            .withScram(SCRAM)
                            .withChannelBinding(ChannelBinding.TLS_SERVER_END_POINT)
                            .withCertificates((chain, client) -> USERS.getOrDefault(certified, AuthResult.denied()))
                            .withFailures(failures, Duration.ofMinutes(10), Duration.ofMinutes(5))));
        }

        private InetSocketAddress listener() {
            return scene.relay.addresses().get(1);
        }

        private SmtpProbe ready() {
            SmtpProbe probe = SmtpProbe.connectTls(listener(), TestCertificates.clientContextWithCertificate());
            assertThat(probe.readReply()).hasCode(220);
            assertThat(probe.ehlo()).hasCode(250);
            return probe;
        }

        @Override
        public void close() {
            scene.close();
        }
    }

    /** So that a further mechanism does not go without the rows. */
    @Test
    void theseAreAllThatIsOffered() {
        String all = Arrays.stream(Mechanism.values()).map(Mechanism::toString).collect(Collectors.joining(" "));
        try (Relay relay = new Relay(10);
                SmtpProbe probe = relay.ready()) {
            assertThat(probe.ehlo().extensions()).contains("AUTH " + all);
            assertThat(probe.quit()).hasCode(221);
        }
    }

    /** What TLS is bound by otherwise (RFC 9266), Conscrypt gives by a way of its own alone, and a JDK before 25 not at all. */
    @Test
    void plusIsOfferedByDefaultWhereTheJdkGivesAnExporter() {
        boolean given = Runtime.version().feature() >= 25 && !"Conscrypt".equals(System.getProperty("postern.tls"));
        try (Scene scene = Scene.open(b -> b.auth(Scene.auth().withScram(SCRAM)))) {
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions())
                    .contains("AUTH " + (given ? "SCRAM-SHA-256-PLUS " : "") + "SCRAM-SHA-256 PLAIN LOGIN");
        }
    }

    @ParameterizedTest
    @EnumSource
    void row1_aWrongSecretAndAnUnknownUserAreRefusedAlike(Mechanism mechanism) throws Exception {
        try (Relay relay = new Relay(10);
                SmtpProbe probe = relay.ready()) {
            String wire = "535 5.7.8 Authentication credentials invalid\r\n";
            assertThat(mechanism.logIn(relay, probe, ALICE, "wrong")).hasWire(wire);
            assertThat(mechanism.logIn(relay, probe, "nobody@client.test", "alice"))
                    .hasWire(wire);
            assertThat(mechanism.logIn(relay, probe, DORA, "wrong")).hasWire(wire);
            assertThat(mechanism.logIn(relay, probe, ALICE, "alice")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            Scene.send(probe);
            assertThat(probe.quit()).hasCode(221);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource
    void row2_withoutTlsNothingIsOfferedNorTaken(Mechanism mechanism) {
        try (Relay relay = new Relay(10)) {
            SmtpProbe probe = relay.scene.ready(Access.CLEAR);
            assertThat(probe.ehlo().extensions()).noneMatch(extension -> extension.startsWith("AUTH"));
            assertThat(probe.send(mechanism.command())).hasWire("538 5.7.0 Must issue a STARTTLS command first\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void row3_whoHasNotLoggedInSendsNothing(Mechanism mechanism) throws Exception {
        String wire = "530 5.7.0 Authentication required\r\n";
        try (Relay relay = new Relay(10);
                SmtpProbe probe = relay.ready()) {
            assertThat(probe.mail(ALICE)).hasWire(wire);
            assertThat(probe.send("AUTH " + mechanism)).hasCode(334);
            assertThat(probe.send("*")).isStandardReply(StandardReply.AUTH_CANCELLED);
            assertThat(probe.mail(ALICE)).hasWire(wire);
            assertThat(mechanism.logIn(relay, probe, ALICE, "wrong")).hasCode(535);
            assertThat(probe.mail(ALICE)).hasWire(wire);
            assertThat(mechanism.logIn(relay, probe, ALICE, "alice")).hasCode(235);
            assertThat(probe.mail(ALICE)).hasCode(250);
            probe.reset();
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource
    void row4_failuresBlockTheAddressForEveryMechanism(Mechanism mechanism) throws Exception {
        String wire = "535 5.7.8 Authentication blocked due to too many failed attempts\r\n";
        try (Relay relay = new Relay(3);
                SmtpProbe probe = relay.ready()) {
            for (int i = 0; i < 3; i++) {
                assertThat(mechanism.logIn(relay, probe, ALICE, "wrong"))
                        .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            }
            for (Mechanism each : Mechanism.values()) {
                assertThat(probe.send(each.command())).hasWire(wire);
            }
            relay.scene.clock.advance(Duration.ofMinutes(5));
            try (SmtpProbe later = relay.ready()) {
                assertThat(mechanism.logIn(relay, later, ALICE, "alice")).hasCode(235);
                assertThat(later.quit()).hasCode(221);
            }
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource
    void row5_anAccountWithoutRelayIsToldForTheRightSecretOnlyAndNotCounted(Mechanism mechanism) throws Exception {
        try (Relay relay = new Relay(2);
                SmtpProbe probe = relay.ready()) {
            for (int i = 0; i < 3; i++) {
                assertThat(mechanism.logIn(relay, probe, DORA, "dora"))
                        .hasWire("535 5.7.8 SMTP relay is not enabled for this account\r\n");
            }
            assertThat(mechanism.logIn(relay, probe, DORA, "wrong"))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(mechanism.logIn(relay, probe, ALICE, "alice")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            assertThat(probe.quit()).hasCode(221);
        }
    }
}
