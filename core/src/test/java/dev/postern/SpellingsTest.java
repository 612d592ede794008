package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.RelayEvents;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A user is one user, however a client spells the name: for counters, quota, the throttle, logs and events. */
@OnAnyJdk
class SpellingsTest {

    private static final String ALICE = "alice@example.org";
    private static final String MESSAGE = "From: alice@example.org\r\nSubject: hello\r\n\r\nhello\r\n";

    private static final SessionLimits NO_WAIT = SessionLimits.defaults().withLoginWait(Duration.ZERO);

    /** As most directories do, and then the identity is made of what was typed. */
    private static final Authenticator LAX = (credentials, client) ->
            credentials.username().equalsIgnoreCase(ALICE) && credentials.secretEquals("secret")
                    ? AuthResult.authenticated(Identity.of(credentials.username()))
                    : AuthResult.denied();

    private static Scene scene(UnaryOperator<SmtpRelayBuilder> change) {
        return Scene.bare(b -> change.apply(b.auth(AuthSettings.passwords(LAX).withPlaintext())));
    }

    private static SmtpProbe in(Scene scene, String name) {
        SmtpProbe probe = scene.ready(Access.CLEAR);
        assertThat(probe.authPlain(name, "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        return probe;
    }

    @Test
    void spellingsShareTheSessionsOfAUser() {
        try (Scene scene = scene(b -> b.sessions(NO_WAIT.withPerUser(2)))) {
            in(scene, "Alice@example.org");
            in(scene, "ALICE@EXAMPLE.ORG");
            assertThat(scene.ready(Access.CLEAR).authPlain("alice@Example.Org", "secret"))
                    .isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        }
    }

    @Test
    void spellingsShareTheSessionsOfAnAccount() {
        try (Scene scene = scene(b -> b.sessions(NO_WAIT.withPerAccount(2)))) {
            in(scene, "Alice@example.org");
            in(scene, "alice@EXAMPLE.ORG");
            assertThat(scene.ready(Access.CLEAR).authPlain("alice@Example.Org", "secret"))
                    .isStandardReply(StandardReply.ACCOUNT_SESSIONS_EXCEEDED);
        }
    }

    @Test
    void spellingsShareAQuota() {
        RelayEvents events = new RelayEvents();
        try (Scene scene = scene(b -> b.quota(QuotaPlan.perDay(2)).listener(events))) {
            for (String name : List.of("Alice@example.org", "alice@EXAMPLE.org")) {
                SmtpProbe probe = in(scene, name);
                assertThat(probe.mail(ALICE)).isOk();
                assertThat(probe.rcpt("bob@example.net")).isOk();
                assertThat(probe.data(MESSAGE)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            }
            assertThat(in(scene, "aLICE@example.org").mail(ALICE)).isStandardReply(StandardReply.QUOTA_EXCEEDED);
            assertThat(events.of(RelayEvent.QuotaThreshold.class).get(0).account())
                    .isEqualTo("example.org");
            assertThat(events.of(RelayEvent.Authenticated.class))
                    .extracting(event -> event.who().user())
                    .containsOnly(ALICE);
            assertThat(events.of(RelayEvent.Authenticated.class))
                    .extracting(event -> event.who().userAsGiven())
                    .containsExactly("Alice@example.org", "alice@EXAMPLE.org", "aLICE@example.org");
            assertThat(scene.relay.usage("Example.ORG").orElseThrow().used()).isEqualTo(2);
            QuotaAdjustment reset =
                    new QuotaAdjustment("EXAMPLE.org", QuotaPlan.perDay(2), QuotaAdjustment.Kind.SET, 0, "a test");
            assertThat(scene.relay.adjustUsage(reset).orElseThrow().used()).isZero();
            assertThat(scene.relay.usage("example.org").orElseThrow().used()).isZero();
        }
    }

    /** An address may guess so often, not so often for each spelling. */
    @Test
    void spellingsShareTheThrottle() {
        try (Scene scene = scene(b -> b.auth(AuthSettings.passwords(LAX)
                .withPlaintext()
                .withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5))))) {
            for (String name : List.of("Alice@example.org", "ALICE@example.org")) {
                assertThat(scene.ready(Access.CLEAR).authPlain(name, "wrong"))
                        .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            }
            assertThat(scene.ready(Access.CLEAR).authPlain(ALICE, "secret"))
                    .isStandardReply(StandardReply.AUTH_BLOCKED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ALICE, "ALICE@Example.org", "alice@EXAMPLE.ORG"})
    void aListOfUsersTakesAnyCase(String typed) {
        try (Scene scene =
                Scene.bare(b -> b.auth(AuthSettings.passwords(Authenticator.of(Map.of("Alice@example.org", "secret")))
                        .withPlaintext()))) {
            assertThat(in(scene, typed).mail(ALICE)).isOk();
            assertThat(scene.ready(Access.CLEAR).authPlain(typed, "SECRET"))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00c4NNE", "a\u0308nne", "A\u0308NNE"})
    void aListOfUsersTakesAnyNormalForm(String typed) {
        try (Scene scene =
                Scene.bare(b -> b.auth(AuthSettings.passwords(Authenticator.of(Map.of("\u00e4nne", "secret")))
                        .withPlaintext()))) {
            in(scene, typed);
            for (String other : List.of("anne", "\u00e4nne ", "\u00e4nn\u0435")) { // the last is Cyrillic
                assertThat(scene.ready(Access.CLEAR).authPlain(other, "secret"))
                        .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            }
        }
    }

    /** RFC 4616 section 2: who acts for herself names herself twice. */
    @ParameterizedTest
    @CsvSource({"ALICE@example.org, true", "alice@Example.ORG, true", "bob@example.org, false"})
    void anAuthorizationIdentityMayBeSpelledAnotherWay(String authorization, boolean herself) {
        try (Scene scene = scene(UnaryOperator.identity())) {
            String response = authorization + "\0" + ALICE + "\0secret";
            assertThat(scene.ready(Access.CLEAR)
                            .send("AUTH PLAIN "
                                    + Base64.getEncoder().encodeToString(response.getBytes(StandardCharsets.UTF_8))))
                    .isStandardReply(herself ? StandardReply.AUTH_SUCCEEDED : StandardReply.AUTH_CREDENTIALS_INVALID);
        }
    }
}
