package dev.postern.internal.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.auth.AuthGate.ChannelBindings;
import dev.postern.internal.auth.AuthGate.Exchange;
import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.LoginThrottle.Attempt;
import dev.postern.spi.LoginThrottle.Decision;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.TlsInfo;
import dev.postern.spi.Verdict;
import dev.postern.testkit.TestClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mechanisms, credentials, and what comes of a login. In what clients send, {@code 0} stands for NUL and {@code 1} for ^A. */
class AuthGateTest {

    private static final AuthSettings SETTINGS =
            AuthSettings.defaults().withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5));
    private static final TlsInfo TLS = new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of());

    private final TestClock clock = new TestClock();
    private final List<String> checked = new ArrayList<>();

    private final Authenticator directory = (credentials, client) -> {
        checked.add(
                credentials.mechanism() + " " + credentials.username() + " " + new String(credentials.secret(), UTF_8));
        return switch (credentials.username()) {
            case "alice" ->
                credentials.secretEquals("secret")
                        ? AuthResult.authenticated(Identity.of("alice"))
                        : AuthResult.denied();
            case "disabled" -> AuthResult.relayDisabled();
            case "away" -> AuthResult.unavailable("no answer");
            case "throws" -> throw new IllegalStateException("broken");
            default -> AuthResult.denied();
        };
    };

    private AuthGate gate(AuthSettings settings, boolean passwords, boolean tokens, LoginThrottle throttle) {
        return new AuthGate(
                settings,
                SessionLimits.defaults(),
                TimeLimits.defaults(),
                new AuthGate.Directories(
                        passwords ? Guarded.inline("Authenticator", directory) : null,
                        tokens ? Guarded.inline("Authenticator", directory) : null,
                        null,
                        null),
                Guarded.inline("LoginThrottle", throttle),
                clock);
    }

    private AuthGate gate() {
        return gate(SETTINGS, true, true, AuthGate.inProcessThrottle(clock));
    }

    private static ClientInfo client(String address) {
        try {
            InetSocketAddress remote = new InetSocketAddress(InetAddress.getByName(address), 4711);
            return ClientInfo.of("s-1", remote, new InetSocketAddress(InetAddress.getLoopbackAddress(), 25));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static final ClientInfo CLIENT = client("192.0.2.1");
    private static final ClientInfo SECURE = CLIENT.withTls(TLS);
    private static final ChannelBindings UNBOUND = type -> Optional.empty();
    private static final AuthGate.Exchange EXCHANGE = response -> new AuthGate.Step.Malformed();

    private static byte[] sent(String text) {
        return text.replace('0', '\0').replace('1', '\u0001').getBytes(UTF_8);
    }

    private static Judged<Identity> login(AuthGate gate, String user, String secret) {
        return gate.judge(new Credentials("PLAIN", user, secret.getBytes(UTF_8)), EXCHANGE, CLIENT, () -> false);
    }

    private static void assertRefused(Optional<Reply> refusal, StandardReply row) {
        assertThat(refusal.flatMap(reply -> reply.standard())).contains(row);
    }

    // what is offered, and to whom

    @Test
    void offersWhatItsAuthenticatorsTakeAndNothingInClear() {
        LoginThrottle throttle = AuthGate.inProcessThrottle(clock);
        assertThat(gate().offered(SECURE, UNBOUND)).containsExactly("PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2");
        assertThat(gate().offered(CLIENT, UNBOUND)).isEmpty();
        assertThat(gate(SETTINGS.withPlaintext(), true, false, throttle).offered(CLIENT, UNBOUND))
                .containsExactly("PLAIN", "LOGIN");
        assertThat(gate(SETTINGS, false, true, throttle).offered(SECURE, UNBOUND))
                .containsExactly("OAUTHBEARER", "XOAUTH2");
    }

    @Test
    void admitsNobodyWithoutMechanismsAndNobodyInClear() {
        LoginThrottle throttle = AuthGate.inProcessThrottle(clock);
        assertRefused(
                gate(SETTINGS, false, false, throttle).admits(CLIENT).refusal(), StandardReply.COMMAND_UNSUPPORTED);
        assertRefused(gate().admits(CLIENT).refusal(), StandardReply.AUTH_REQUIRES_TLS);
        assertThat(gate().admits(CLIENT.withTls(TLS))).isInstanceOf(Verdict.Proceed.class);
        assertThat(gate(SETTINGS.withPlaintext(), true, false, throttle).admits(CLIENT))
                .isInstanceOf(Verdict.Proceed.class);
    }

    @Test
    void knowsTheClientsOfATrustedNetwork() {
        Identity printer = Identity.of("printer");
        AuthGate gate =
                gate(SETTINGS.withTrusted("192.0.2.0/24", printer), true, false, AuthGate.inProcessThrottle(clock));
        assertThat(gate.trusted(CLIENT)).contains(printer);
        assertThat(gate.trusted(client("198.51.100.1"))).isEmpty();
    }

    // what comes of a login

    @Test
    void aRightSecretGivesTheIdentity() {
        assertThat(login(gate(), "alice", "secret").value()).isEqualTo(Identity.of("alice"));
    }

    @ParameterizedTest
    @CsvSource({
        "alice, AUTH_CREDENTIALS_INVALID",
        "nobody, AUTH_CREDENTIALS_INVALID",
        "disabled, AUTH_RELAY_DISABLED",
        "away, AUTH_UNAVAILABLE",
        "throws, AUTH_UNAVAILABLE"
    })
    void whatIsNotRightIsRefused(String user, StandardReply row) {
        assertRefused(login(gate(), user, "wrong").refusal(), row);
    }

    /** A token or an entry of a directory may have any name: three that a store cannot keep would look like a store that is lost. */
    @ParameterizedTest
    @MethodSource("uncountable")
    void aNameThatNoStoreKeepsIsNobody(Identity identity, boolean in) {
        AuthGate gate = new AuthGate(
                SETTINGS,
                SessionLimits.defaults(),
                TimeLimits.defaults(),
                new AuthGate.Directories(
                        Guarded.inline("Authenticator", (credentials, client) -> AuthResult.authenticated(identity)),
                        null,
                        null,
                        null),
                Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                clock);
        for (int i = 0; i < 3; i++) { // which are no failed logins
            assertThat(login(gate, "alice", "secret").refusal().flatMap(reply -> reply.standard()))
                    .isEqualTo(in ? Optional.empty() : Optional.of(StandardReply.AUTH_UNAVAILABLE));
        }
    }

    static Stream<Arguments> uncountable() {
        Identity alice = Identity.of("alice@example.org");
        return Stream.of(
                Arguments.of(Identity.of("a".repeat(255)), true),
                Arguments.of(Identity.of("a".repeat(256)), false),
                Arguments.of(alice.withAccount("a".repeat(255)), true),
                Arguments.of(alice.withAccount("a".repeat(256)), false),
                Arguments.of(Identity.of("a\0b"), false),
                Arguments.of(alice.withAccount("a\r\nb"), false));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tokensAndPasswordsHaveTheirOwnAuthenticators(boolean token) {
        AuthGate gate = gate(SETTINGS, !token, token, AuthGate.inProcessThrottle(clock));
        String mechanism = token ? "XOAUTH2" : "LOGIN";
        assertThat(gate.judge(
                                new Credentials(mechanism, "alice", "secret".getBytes(UTF_8)),
                                EXCHANGE,
                                CLIENT,
                                () -> false)
                        .refusal())
                .isEmpty();
        assertThat(checked).containsExactly(mechanism + " alice secret");
    }

    @Test
    void credentialsAreWipedWhenTheyAreChecked() {
        Credentials credentials = new Credentials("PLAIN", "alice", "secret".getBytes(UTF_8));
        assertThat(gate().judge(credentials, EXCHANGE, CLIENT, () -> false).refusal())
                .isEmpty();
        assertThat(credentials.secret()).containsOnly(0);
    }

    @Test
    void failuresBlockAnAddressAndOnlyFailuresDo() {
        AuthGate gate = gate(SETTINGS.withPlaintext(), true, false, AuthGate.inProcessThrottle(clock));
        for (String user : List.of("alice", "disabled", "away", "throws", "alice")) {
            assertThat(login(gate, user, "secret").refusal().flatMap(reply -> reply.standard()))
                    .isNotEqualTo(Optional.of(StandardReply.AUTH_BLOCKED));
        }
        assertThat(gate.admits(CLIENT)).isInstanceOf(Verdict.Proceed.class);
        assertRefused(login(gate, "alice", "wrong").refusal(), StandardReply.AUTH_CREDENTIALS_INVALID);
        assertRefused(gate.hopeless(CLIENT, () -> false).refusal(), StandardReply.AUTH_CREDENTIALS_INVALID);
        checked.clear();
        assertRefused(login(gate, "alice", "secret").refusal(), StandardReply.AUTH_BLOCKED);
        assertRefused(gate.admits(CLIENT).refusal(), StandardReply.AUTH_BLOCKED);
        assertThat(checked).as("a blocked login is not checked").isEmpty();
        assertThat(gate.admits(client("198.51.100.1"))).isInstanceOf(Verdict.Proceed.class);
        clock.advance(Duration.ofMinutes(5));
        assertThat(login(gate, "alice", "secret").refusal()).isEmpty();
    }

    @Test
    void withoutALimitNobodyIsCounted() {
        AuthSettings endless =
                SETTINGS.withPlaintext().withFailures(Integer.MAX_VALUE, Duration.ofMinutes(10), Duration.ofMinutes(5));
        AuthGate gate = gate(endless, true, false, new Throttle(new Decision.Blocked()));
        assertThat(gate.admits(CLIENT)).isInstanceOf(Verdict.Proceed.class);
        assertRefused(login(gate, "alice", "wrong").refusal(), StandardReply.AUTH_CREDENTIALS_INVALID);
        assertThat(login(gate, "alice", "secret").refusal()).isEmpty();
    }

    /** A host's throttle that answers always the same. */
    private static final class Throttle implements LoginThrottle, Attempt {
        private final Decision decision;
        private boolean broken;
        private int failed;
        private int withdrawn;

        private Throttle(Decision decision) {
            this.decision = decision;
        }

        private Throttle() {
            this.decision = new Decision.Granted(this);
        }

        @Override
        public boolean blocked(String address, Rule rule) {
            if (broken) {
                throw new IllegalStateException("away");
            }
            return false;
        }

        @Override
        public Decision attempt(String address, Rule rule) {
            return decision;
        }

        @Override
        public void failed() {
            if (broken) {
                throw new IllegalStateException("away");
            }
            failed++;
        }

        @Override
        public void withdraw() {
            withdrawn++;
        }
    }

    @Test
    void tellsTheThrottleWhatCameOfEachAttempt() {
        Throttle throttle = new Throttle();
        AuthGate gate = gate(SETTINGS, true, false, throttle);
        assertThat(login(gate, "alice", "secret").refusal()).isEmpty();
        assertThat(throttle.withdrawn).isEqualTo(1);
        assertRefused(login(gate, "alice", "wrong").refusal(), StandardReply.AUTH_CREDENTIALS_INVALID);
        assertThat(throttle.failed).isEqualTo(1);
        assertThat(throttle.withdrawn).isEqualTo(1);
    }

    /** Else a store that is away would give everybody as many tries as they like. */
    @Test
    void aFailureThatCannotBeToldIsNoAnswer() {
        Throttle throttle = new Throttle();
        throttle.broken = true;
        AuthGate gate = gate(SETTINGS.withPlaintext(), true, false, throttle);
        assertRefused(login(gate, "alice", "wrong").refusal(), StandardReply.AUTH_UNAVAILABLE);
        assertRefused(gate.admits(CLIENT).refusal(), StandardReply.AUTH_UNAVAILABLE);
    }

    @Test
    void anAttemptThatIsGrantedTooLateIsGivenBack() {
        Throttle throttle = new Throttle();
        AuthGate.giveBack(throttle, throttle.decision);
        AuthGate.giveBack(throttle, new Decision.Blocked());
        assertThat(throttle.withdrawn).isEqualTo(1);
    }

    @Test
    void whoWaitsForOthersGivesUpInTime() {
        AuthGate gate = gate(SETTINGS, true, false, new Throttle(new Decision.Undecided()));
        assertRefused(
                clock.advanceUntil(Duration.ofSeconds(1), () -> login(gate, "alice", "secret"))
                        .refusal(),
                StandardReply.AUTH_UNAVAILABLE);
        assertThat(checked).isEmpty();
    }

    @Test
    void whoWaitsForOthersIsAnsweredWhenTheyAre() throws Exception {
        CountDownLatch checking = new CountDownLatch(2);
        CountDownLatch answer = new CountDownLatch(1);
        Authenticator slow = (credentials, client) -> {
            if (credentials.username().equals("slow")) {
                checking.countDown();
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    return AuthResult.unavailable("interrupted");
                }
            }
            return AuthResult.authenticated(Identity.of(credentials.username()));
        };
        AuthGate gate = new AuthGate(
                SETTINGS,
                SessionLimits.defaults(),
                TimeLimits.defaults(),
                new AuthGate.Directories(Guarded.inline("Authenticator", slow), null, null, null),
                Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                clock);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            threads.execute(() -> login(gate, "slow", "secret").refusal());
            threads.execute(() -> login(gate, "slow", "secret").refusal());
            checking.await();
            AtomicReference<Thread> waiting = new AtomicReference<>();
            Future<Optional<Reply>> third = threads.submit(() -> {
                waiting.set(Thread.currentThread());
                return login(gate, "alice", "secret").refusal();
            });
            while (waiting.get() == null || waiting.get().getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            assertThat(third).isNotDone();
            answer.countDown(); // the clock stands still: only being woken ends the wait
            assertThat(third.get(20, TimeUnit.SECONDS)).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    // the mechanisms

    private Step respond(String mechanism, String response) {
        byte[] octets = sent(response);
        Step step = gate().begin(mechanism, SECURE, UNBOUND).orElseThrow().respond(octets);
        assertThat(octets).as("wiped").containsOnly(0);
        return step;
    }

    private static void assertGiven(Step step, String mechanism, String user, String secret) {
        assertThat(step).isInstanceOfSatisfying(Step.Given.class, given -> {
            assertThat(given.credentials().mechanism()).isEqualTo(mechanism);
            assertThat(given.credentials().username()).isEqualTo(user);
            assertThat(given.credentials().secret()).asString(UTF_8).isEqualTo(secret);
        });
    }

    @Test
    void beginsOnlyWhatItOffers() {
        AuthGate passwords = gate(SETTINGS, true, false, AuthGate.inProcessThrottle(clock));
        assertThat(passwords.begin("plain", SECURE, UNBOUND)).isPresent();
        assertThat(passwords.begin("XOAUTH2", SECURE, UNBOUND)).isEmpty();
        assertThat(passwords.begin("CRAM-MD5", SECURE, UNBOUND)).isEmpty();
        assertThat(passwords.begin("PLAIN", SECURE, UNBOUND).orElseThrow().invitation())
                .isEqualTo(StandardReply.AUTH_CHALLENGE.reply(""));
        assertThat(passwords.begin("PLAIN", SECURE, UNBOUND).orElseThrow().explanation())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0alice0secret, alice, secret",
        "alice0alice0secret, alice, secret",
        "ALICE0alice0secret, alice, secret",
        "0gr\u00fc\u00dfe0p\u00e4ss word, gr\u00fc\u00dfe, p\u00e4ss word",
        "0a0s, a, s"
    })
    void plainIsRead(String response, String user, String secret) {
        assertGiven(respond("PLAIN", response), "PLAIN", user, secret);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"alice", "0alice", "alice0secret", "0alice0secret0", "0alice00secret", "a\nb0alice0s", "0a\tb0s"
            })
    void plainThatIsNoneIsMalformed(String response) {
        assertThat(respond("PLAIN", response)).isInstanceOf(Step.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00secret", "0alice0", "00", "bob0alice0secret"})
    void plainThatCannotBeRightIsHopeless(String response) {
        assertThat(respond("PLAIN", response)).isInstanceOf(Step.Hopeless.class);
    }

    /** RFC 4616 section 2 has 255 octets; to compare a longer name could take the square of its length, before any login. */
    @Test
    void aNameLongerThanAnyIsMalformed() {
        assertGiven(respond("PLAIN", "0" + "a".repeat(255) + "0secret"), "PLAIN", "a".repeat(255), "secret");
        assertThat(respond("PLAIN", "0" + "a".repeat(256) + "0secret")).isInstanceOf(Step.Malformed.class);
        assertThat(respond("XOAUTH2", "user=" + "a".repeat(256) + "1auth=Bearer tok11"))
                .isInstanceOf(Step.Malformed.class);
    }

    @Test
    void plainWithoutUtf8IsMalformed() {
        Exchange exchange = gate().begin("PLAIN", SECURE, UNBOUND).orElseThrow();
        assertThat(exchange.respond(new byte[] {0, (byte) 0xff, 0, 'x'})).isInstanceOf(Step.Malformed.class);
    }

    @Test
    void loginAsksForNameAndPassword() {
        Exchange exchange = gate().begin("LOGIN", SECURE, UNBOUND).orElseThrow();
        assertThat(exchange.invitation()).isEqualTo(StandardReply.AUTH_CHALLENGE.reply("VXNlcm5hbWU6"));
        assertThat(exchange.respond(sent("alice")))
                .isEqualTo(new Step.Challenge(StandardReply.AUTH_CHALLENGE.reply("UGFzc3dvcmQ6")));
        byte[] secret = sent("secret");
        assertGiven(exchange.respond(secret), "LOGIN", "alice", "secret");
        assertThat(secret).containsOnly(0);
    }

    @ParameterizedTest
    @CsvSource({"'', secret", "alice, ''"})
    void loginWithNothingIsHopeless(String user, String secret) {
        Exchange exchange = gate().begin("LOGIN", SECURE, UNBOUND).orElseThrow();
        assertThat(exchange.respond(sent(user))).isInstanceOf(Step.Challenge.class);
        assertThat(exchange.respond(sent(secret))).isInstanceOf(Step.Hopeless.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\u2028b", "a\u2029b"})
    void aNameWithAControlCharacterIsNone(String user) {
        assertThat(gate().begin("LOGIN", SECURE, UNBOUND).orElseThrow().respond(sent(user)))
                .isInstanceOf(Step.Malformed.class);
        assertThat(respond("XOAUTH2", "user=" + user + "1auth=Bearer tok11")).isInstanceOf(Step.Malformed.class);
    }

    // tokens

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "n,a=alice,1auth=Bearer tok11; alice",
                "y,a=alice,1auth=bearer tok11; alice",
                "n,,1auth=Bearer tok11; ''",
                "y,,1auth=Bearer tok11; ''",
                "n,a=x,1auth=Bearer tok11; x",
                "n,a=a=2Cb=3Dc,1host=h1port=251auth=Bearer tok11; a,b=c"
            })
    void oauthbearerIsRead(String response, String user) {
        assertGiven(respond("OAUTHBEARER", response), "OAUTHBEARER", user, "tok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n,,1auth=Bearer tok",
                "n,,1auth=Bearer tok1",
                "n,,11",
                "n,,1auth=Bearer tok1x1",
                "n,,1auth=Bearer tok1auth=Bearer tok11",
                "n,,1auth=Bearer tok1auth=x11",
                "n,,1auth=Basic tok11",
                "n,,1auth=Bearer t\u00f6k11",
                "n,,1host11auth=Bearer tok11",
                "n,,1no pair1auth=Bearer tok11",
                "p,,1auth=Bearer tok11",
                "p,a=alice,1auth=Bearer tok11",
                "n,a=,1auth=Bearer tok11",
                "n,a=alice1auth=Bearer tok11",
                "n,b=alice,1auth=Bearer tok11",
                "n,a=a,b,1auth=Bearer tok11",
                "n,a=a=b,1auth=Bearer tok11",
                "n,a=a=4Cb,1auth=Bearer tok11",
                "n,a=,b,1auth=Bearer tok11",
                "n,a==4Cb,1auth=Bearer tok11",
                "1auth=Bearer tok11",
                ""
            })
    void oauthbearerThatIsNoneIsMalformed(String response) {
        assertThat(gate().begin("OAUTHBEARER", SECURE, UNBOUND).orElseThrow().respond(sent(response)))
                .isInstanceOf(Step.Malformed.class);
    }

    @Test
    void xoauth2IsRead() {
        assertGiven(respond("xoauth2", "user=alice1auth=Bearer tok=11"), "XOAUTH2", "alice", "tok=");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user=1auth=Bearer tok11",
                "alice1auth=Bearer tok11",
                "xuser=alice1auth=Bearer tok11",
                "user=alice1host=h1auth=Bearer tok11",
                "user=alice1host=h11"
            })
    void xoauth2ThatIsNoneIsMalformed(String response) {
        assertThat(respond("XOAUTH2", response)).isInstanceOf(Step.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"OAUTHBEARER", "XOAUTH2"})
    void aRefusedTokenIsExplained(String mechanism) {
        assertThat(gate().begin(mechanism.toLowerCase(Locale.ROOT), SECURE, UNBOUND)
                        .orElseThrow()
                        .explanation())
                .hasValueSatisfying(reply -> assertThat(reply.toString()).startsWith("334 eyJzdGF0dXMiOiJpbnZhbGlk"));
    }

    // while the host's throttle is away

    @Test
    void aBlockOfEitherThrottleCounts() {
        LoginThrottle shared = AuthGate.inProcessThrottle(clock);
        LoginThrottle degrading = AuthGate.degrading(Guarded.inline("LoginThrottle", shared), clock);
        LoginThrottle.Rule rule = new LoginThrottle.Rule(1, Duration.ofMinutes(10), Duration.ofMinutes(5));
        assertThat(degrading.blocked("192.0.2.1", rule)).isFalse();
        ((Decision.Granted) shared.attempt("192.0.2.1", rule)).attempt().failed();
        assertThat(degrading.blocked("192.0.2.1", rule)).isTrue();
        assertThat(degrading.attempt("192.0.2.1", rule)).isInstanceOf(Decision.Blocked.class);
    }

    @Test
    void whatIsWithdrawnIsWithdrawnFromTheSharedThrottle() {
        Throttle shared = new Throttle();
        LoginThrottle degrading = AuthGate.degrading(Guarded.inline("LoginThrottle", shared), clock);
        LoginThrottle.Rule rule = new LoginThrottle.Rule(1, Duration.ofMinutes(10), Duration.ofMinutes(5));
        Attempt attempt = ((Decision.Granted) degrading.attempt("192.0.2.1", rule)).attempt();
        attempt.withdraw();
        attempt.withdraw();
        attempt.failed();
        assertThat(shared.withdrawn).isEqualTo(1);
        assertThat(shared.failed).isZero();
    }

    @Test
    void usersOfAMapAreTheUsers() {
        Authenticator users = Authenticator.of(Map.of("alice", "secret"));
        AuthGate gate = new AuthGate(
                SETTINGS,
                SessionLimits.defaults(),
                TimeLimits.defaults(),
                new AuthGate.Directories(Guarded.inline("Authenticator", users), null, null, null),
                Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(clock)),
                clock);
        assertThat(login(gate, "alice", "secret").refusal()).isEmpty();
    }
}
