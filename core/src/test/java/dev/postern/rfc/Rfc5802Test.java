package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static dev.postern.rfc.ScramExchange.base64;
import static dev.postern.rfc.ScramExchange.challenge;
import static dev.postern.rfc.ScramExchange.client;
import static dev.postern.rfc.ScramExchange.command;
import static dev.postern.rfc.ScramExchange.logIn;
import static dev.postern.rfc.ScramExchange.prove;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramInvalidServerSignatureException;
import dev.postern.Scene;
import dev.postern.SmtpRelayBuilder;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ChannelBinding;
import dev.postern.spi.AuthResult;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 5802 and RFC 7677, SCRAM-SHA-256, with a client that others wrote. */
class Rfc5802Test {

    private static final byte[] SALT = "a salt of theirs".getBytes(StandardCharsets.US_ASCII);
    private static final Map<String, ScramLookup> USERS = Map.of(
            "alice@client.test",
            ScramLookup.known(keys("alice"), Identity.of("alice@client.test").withAccount("acme")),
            "dora@dead.test",
            ScramLookup.withoutRelay(keys("dora")),
            "away@client.test",
            ScramLookup.unavailable("the directory is away"));
    private static final ScramDirectory DIRECTORY =
            (username, client) -> USERS.getOrDefault(CanonicalName.ofUser(username), ScramLookup.unknown());

    private static ScramKeys keys(String password) {
        return ScramKeys.ofPrepared(password.toCharArray(), SALT, ScramKeys.MIN_ITERATIONS);
    }

    private static Scene scene() {
        return scene(builder -> builder);
    }

    private static Scene scene(UnaryOperator<SmtpRelayBuilder> change) {
        return Scene.open(b -> change.apply(b.auth(Scene.auth().withScram(DIRECTORY))));
    }

    @ParameterizedTest
    @EnumSource
    void aClientOfOthersLogsInAndSends(Access access) throws Exception {
        try (Scene scene = scene()) {
            SmtpProbe probe = scene.ready(access);
            assertThat(logIn(probe, client("alice@client.test", "alice")))
                    .isStandardReply(StandardReply.AUTH_SUCCEEDED);
            Scene.send(probe);
            assertThat(scene.upstream.awaitMessage().contentText()).contains("How are you?");
        }
    }

    @Test
    void isOfferedBeforeOthersAndBeginsWithAnEmptyChallenge() {
        try (Scene scene = scene()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.ehlo().extensions()).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN");
            assertThat(challenge(probe.send("AUTH scram-sha-256"))).isEmpty();
            assertThat(challenge(probe.send(base64("n,,n=alice@client.test,r=abc"))))
                    .startsWith("r=abc");
            assertThat(probe.send("*")).isStandardReply(StandardReply.AUTH_CANCELLED);
        }
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH SCRAM-SHA-256 biwsbj1hLHI9Yg==
                    S: 504 5.5.4 Authentication mechanism not supported
                    """);
        }
    }

    // rows 1 to 5 of the contract

    @Test
    void anUnknownUserAndAWrongPasswordGetTheSameAfterTheSameExchange() throws Exception {
        try (Scene scene = scene()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(prove(probe, client("alice@client.test", "wrong")))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(prove(probe, client("nobody@client.test", "alice")))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(prove(probe, client("dora@dead.test", "wrong")))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
            assertThat(logIn(probe, client("ALICE@Client.TEST", "alice")))
                    .isStandardReply(StandardReply.AUTH_SUCCEEDED);
        }
    }

    @Test
    void failuresBlockTheAddressAndNothingElseCounts() throws Exception {
        try (Scene scene = Scene.open(b -> b.auth(
                Scene.auth().withScram(DIRECTORY).withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5))))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            for (int i = 0; i < 3; i++) {
                assertThat(logIn(scene.ready(Access.CLEAR), client("alice@client.test", "alice")))
                        .isStandardReply(StandardReply.AUTH_SUCCEEDED);
                assertThat(prove(probe, client("dora@dead.test", "dora")))
                        .isStandardReply(StandardReply.AUTH_RELAY_DISABLED);
                assertThat(probe.send("AUTH SCRAM-SHA-256 " + base64("n,,n=away@client.test,r=abc")))
                        .isStandardReply(StandardReply.AUTH_UNAVAILABLE);
            }
            assertThat(prove(probe, client("alice@client.test", "wrong")))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.send("AUTH SCRAM-SHA-256 " + base64("n,a=bert,n=alice@client.test,r=abc")))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.send("AUTH SCRAM-SHA-256 " + base64("n,,n=alice@client.test,r=abc")))
                    .isStandardReply(StandardReply.AUTH_BLOCKED);
        }
    }

    @Test
    void anExchangeThatBeganBeforeTheBlockIsBlocked() throws Exception {
        try (Scene scene = Scene.open(b -> b.auth(
                Scene.auth().withScram(DIRECTORY).withFailures(1, Duration.ofMinutes(10), Duration.ofMinutes(5))))) {
            SmtpProbe early = scene.ready(Access.CLEAR);
            ScramClient client = client("alice@client.test", "alice");
            client.serverFirstMessage(challenge(early.send(command(client))));
            assertThat(scene.ready(Access.CLEAR).authPlain("alice@client.test", "wrong"))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(early.send(base64(client.clientFinalMessage()))).isStandardReply(StandardReply.AUTH_BLOCKED);
        }
    }

    @Test
    void needsTlsAsOthersDo() {
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.defaults().withScram(DIRECTORY)))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.ehlo().extensions()).noneMatch(e -> e.startsWith("AUTH"));
            assertThat(probe.send("AUTH SCRAM-SHA-256")).isStandardReply(StandardReply.AUTH_REQUIRES_TLS);
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions())
                    .anyMatch(e -> e.matches("AUTH (SCRAM-SHA-256-PLUS )?SCRAM-SHA-256"));
        }
    }

    // the end of an exchange (RFC 4954 section 4)

    @Test
    void aClientThatDoesNotBelieveTheServerIsNotLoggedIn() throws Exception {
        List<RelayEvent> events = new CopyOnWriteArrayList<>();
        try (Scene scene = scene(b -> b.listener(RelayListener.of(events::add)))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            challenge(prove(probe, client("alice@client.test", "alice")));
            assertThat(probe.send("*")).isStandardReply(StandardReply.AUTH_CANCELLED);
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
            challenge(prove(probe, client("alice@client.test", "alice")));
            assertThat(probe.send("YWJj")).isStandardReply(StandardReply.AUTH_MALFORMED);
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
        }
        assertThat(events).noneMatch(RelayEvent.Authenticated.class::isInstance);
    }

    @Test
    void aLoginThatIsRevokedInTheMiddleIsRefused() throws Exception {
        try (Scene scene = scene()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            ScramClient client = client("alice@client.test", "alice");
            client.serverFirstMessage(challenge(probe.send(command(client))));
            scene.clock.advance(Duration.ofSeconds(1));
            scene.relay.revoke("alice@client.test");
            scene.clock.advance(Duration.ofSeconds(1));
            challenge(probe.send(base64(client.clientFinalMessage())));
            assertThat(probe.send("")).isStandardReply(StandardReply.SESSION_ENDED);
        }
    }

    @Test
    void theServerShowsThatItHasTheKeys() {
        ScramKeys half = ScramKeys.of(SALT, 4096, keys("alice").storedKey(), new byte[32]);
        try (Scene scene = Scene.open(b ->
                b.auth(Scene.auth().withScram((username, client) -> ScramLookup.known(half, Identity.of(username)))))) {
            assertThatThrownBy(() -> logIn(scene.ready(Access.CLEAR), client("alice@client.test", "alice")))
                    .isInstanceOf(ScramInvalidServerSignatureException.class);
        }
    }

    // channel binding

    @ParameterizedTest
    @EnumSource(names = {"STARTTLS", "IMPLICIT_TLS"})
    void aClientBindsToTheServersCertificate(Access access) throws Exception {
        try (Scene scene = bound()) {
            byte[] data = ScramExchange.endPoint(scene.relay.addresses().get(1));
            SmtpProbe probe = scene.ready(access);
            assertThat(probe.ehlo().extensions()).contains("AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
            assertThat(logIn(probe, bound(data))).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            data[0] ^= 1;
            assertThat(prove(scene.ready(access), bound(data))).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        }
    }

    private static Scene bound() {
        return Scene.open(
                b -> b.auth(Scene.auth().withScram(DIRECTORY).withChannelBinding(ChannelBinding.TLS_SERVER_END_POINT)));
    }

    private static ScramClient bound(byte[] data) {
        return ScramExchange.bound("alice@client.test", "alice", data);
    }

    @Test
    void theOfferCannotBeTakenAwayAndIsNotMadeInClear() {
        try (Scene scene = bound()) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN");
            String downgraded = "AUTH SCRAM-SHA-256 " + base64("y,,n=alice@client.test,r=abc");
            assertThat(scene.ready(Access.CLEAR).send(downgraded)).hasCode(334);
            assertThat(scene.ready(Access.STARTTLS).send(downgraded))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(scene.ready(Access.STARTTLS)
                            .send("AUTH SCRAM-SHA-256-PLUS " + base64("p=tls-unique,,n=alice@client.test,r=abc")))
                    .isStandardReply(StandardReply.MECHANISM_UNSUPPORTED);
        }
        try (Scene scene =
                scene(b -> b.auth(Scene.auth().withScram(DIRECTORY).withChannelBinding(ChannelBinding.NONE)))) {
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions()).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN");
        }
    }

    @Test
    void aDirectoryThatBreaksLetsNobodyIn() {
        try (Scene scene = Scene.open(b -> b.auth(Scene.auth().withScram((username, client) -> {
            throw new IllegalStateException("broken");
        })))) {
            assertThat(scene.ready(Access.CLEAR).send("AUTH SCRAM-SHA-256 " + base64("n,,n=alice@client.test,r=abc")))
                    .isStandardReply(StandardReply.AUTH_UNAVAILABLE);
        }
    }

    @Test
    void itsResultsAreThoseOfAnyAuthenticator() {
        assertThat(ScramLookup.unknown().whenProven()).isEqualTo(AuthResult.denied());
    }
}
