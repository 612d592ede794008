package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.Mail.Way;
import dev.postern.internal.upstream.UpstreamPool.Account;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamSecurityTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Fault NO_TLS = Fault.reply("454 4.7.0 no TLS today");

    private final Watchdog watchdog = new Watchdog(RelayClock.system());
    private final FakeUpstream upstream = FakeUpstream.start();
    private final List<String> logins = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        upstream.close();
        watchdog.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"STARTTLS_IF_OFFERED", "STARTTLS_REQUIRED"})
    void upgradesAndAsksAgainWhatIsOffered(Security security) {
        startTls().withOnlyExtensions("SMTPUTF8").withOnlyExtensionsOverTls("SIZE");
        assertThat(deliver(security, "")).isInstanceOf(Accepted.class);
        assertThat(upstream.commands())
                .startsWith(
                        "EHLO relay.example.com",
                        "STARTTLS",
                        "EHLO relay.example.com",
                        "MAIL FROM:<bob@example.com> SIZE=" + Mail.TEXT.length());
    }

    @Test
    void speaksTlsFromTheFirstOctet() {
        upstream.withImplicitTls(TestCertificates.serverContext())
                .withCredentials("bob", "secret")
                .withOnlyExtensions("AUTH PLAIN");
        assertThat(deliver(Security.IMPLICIT_TLS, "bob")).isInstanceOf(Accepted.class);
        assertThat(upstream.commands())
                .startsWith("EHLO relay.example.com", "AUTH PLAIN ***", "MAIL FROM:<bob@example.com>");
        assertThat(upstream.awaitMessage().overTls()).isTrue();
    }

    @Test
    void goesOnInClearWhenTlsIsOptionalAndNotOffered() {
        upstream.withOnlyExtensions("SIZE");
        assertThat(deliver(Security.STARTTLS_IF_OFFERED, "")).isInstanceOf(Accepted.class);
    }

    @Test
    void goesOnInClearWhenTlsIsOptionalAndRefused() {
        startTls().script(Stage.STARTTLS, NO_TLS);
        assertThat(deliver(Security.STARTTLS_IF_OFFERED, "")).isInstanceOf(Accepted.class);
    }

    @Test
    void doesNotDowngradeWhenTlsIsRequiredAndNotOffered() {
        upstream.withOnlyExtensions("SIZE");
        assertUnreachable(Security.STARTTLS_REQUIRED, "", "STARTTLS: not offered");
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com");
    }

    @Test
    void doesNotDowngradeWhenTlsIsRequiredAndRefused() {
        startTls().script(Stage.STARTTLS, NO_TLS);
        assertUnreachable(Security.STARTTLS_REQUIRED, "", "STARTTLS: 454 4.7.0 no TLS today");
    }

    @ParameterizedTest
    @EnumSource(names = {"STARTTLS_IF_OFFERED", "STARTTLS_REQUIRED"})
    void octetsBehindTheReplyToStarttlsAreAnAttack(Security security) {
        startTls().script(Stage.STARTTLS, Fault.reply("220 go ahead\n250-upstream.test\n250 AUTH PLAIN"));
        assertUnreachable(security, "", "the upstream spoke out of turn");
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com", "STARTTLS");
    }

    @Test
    void refusesACertificateForAnotherName() {
        upstream.withStartTls(TestCertificates.wrongNameServerContext());
        assertUnreachable(Security.STARTTLS_REQUIRED, "", "TLS handshake");
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com", "STARTTLS");
    }

    /** The JDK alone would take it: CN=localhost, and no subjectAltName. */
    @Test
    void refusesACertificateThatNamesItsHostByTheSubjectAlone() {
        upstream.withStartTls(TestCertificates.commonNameServerContext());
        assertUnreachable(Security.STARTTLS_REQUIRED, "", "TLS handshake");
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com", "STARTTLS");
    }

    static Stream<SSLContext> othersCertificates() {
        return Stream.of(TestCertificates.wrongNameServerContext(), TestCertificates.commonNameServerContext());
    }

    @ParameterizedTest
    @MethodSource("othersCertificates")
    void takesACertificateForAnotherNameWhenToldTo(SSLContext context) {
        upstream.withStartTls(context);
        Way strict = settings(Security.STARTTLS_REQUIRED, "");
        assertThat(deliver(strict.withoutHostNameCheck())).isInstanceOf(Accepted.class);
    }

    @Test
    void refusesACertificateThatNobodyVouchesFor() {
        upstream.withStartTls(TestCertificates.untrustedServerContext());
        assertUnreachable(Security.STARTTLS_REQUIRED, "", "TLS handshake");
    }

    @Test
    void showsItsCertificateToAnUpstreamThatAsksForOne() {
        startTls().withClientCertificates();
        Way settings = Mail.to(
                upstream.port(),
                Security.STARTTLS_REQUIRED,
                TestCertificates.clientContextWithCertificate(),
                "",
                LIMIT);
        assertThat(deliver(settings)).isInstanceOf(Accepted.class);
        assertThat(upstream.awaitMessage().clientSubject()).contains("CN=client.test");
    }

    /** With TLS 1.3 the upstream says so only behind the handshake. */
    @Test
    void cannotReachAnUpstreamThatAsksForACertificateItHasNot() {
        startTls().withClientCertificates();
        assertUnreachable(Security.STARTTLS_REQUIRED, "", "");
    }

    @Test
    void doesNotTakeAnExtensionThatWasWithdrawnWithTls() {
        startTls().withOnlyExtensions("8BITMIME").withOnlyExtensionsOverTls("SIZE");
        try (UpstreamPool pool =
                settings(Security.STARTTLS_REQUIRED, "").pool(RelayClock.system(), watchdog, RelayListener.none())) {
            DeliveryResult result =
                    pool.deliver(Mail.submission(Mail.content("Subject: x\r\n\r\n\u00fc\r\n"), "alice@example.org"));
            assertThat(result)
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            rejected ->
                                    assertThat(rejected.reply()).isEqualTo(StandardReply.ENCODING_UNSUPPORTED.reply()));
        }
    }

    @Test
    void showsAnAccessTokenByOauthbearer() {
        takesAnyLogin("AUTH XOAUTH2 OAUTHBEARER PLAIN");
        assertThat(deliver(bearer("a=b,c", () -> "ya29.token"))).isInstanceOf(Accepted.class);
        assertThat(logins).singleElement().asString().startsWith("AUTH OAUTHBEARER ");
        assertThat(decoded(logins.get(0)))
                .isEqualTo("n,a=a=3Db=2Cc,\1host=localhost\1port=" + upstream.port() + "\1auth=Bearer ya29.token\1\1");
    }

    @Test
    void showsAnAccessTokenByXoauth2() {
        takesAnyLogin("AUTH PLAIN XOAUTH2");
        assertThat(deliver(bearer("bob@example.com", () -> "ya29.token"))).isInstanceOf(Accepted.class);
        assertThat(logins).singleElement().asString().startsWith("AUTH XOAUTH2 ");
        assertThat(decoded(logins.get(0))).isEqualTo("user=bob@example.com\1auth=Bearer ya29.token\1\1");
    }

    /** Tokens do not live long. */
    @Test
    void asksForAnAccessTokenAtEachConnection() {
        takesAnyLogin("AUTH XOAUTH2");
        Iterator<String> tokens = List.of("first", "second").iterator();
        try (UpstreamPool pool =
                bearer("bob", tokens::next).pool(RelayClock.system(), watchdog, RelayListener.none())) {
            assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
            assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
            upstream.dropConnections();
            upstream.awaitOpenConnections(0);
            assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        }
        assertThat(logins.stream().map(UpstreamSecurityTest::decoded))
                .containsExactly("user=bob\1auth=Bearer first\1\1", "user=bob\1auth=Bearer second\1\1");
    }

    /** The refusal of a token comes in two steps, and its words may be the token's. */
    @ParameterizedTest
    @CsvSource({"OAUTHBEARER, AQ==", "XOAUTH2, ''"})
    void answersTheChallengeThatExplainsARefusedToken(String mechanism, String answer) {
        upstream.withExtension("AUTH " + mechanism)
                .script(Stage.AUTH, Fault.reply("334 eyJzdGF0dXMiOiI0MDEifQ=="))
                .script(Stage.OTHER, Fault.reply("535 5.7.8 ya29.token")); // what follows is no command that it knows
        DeliveryResult result = deliver(bearer("bob", () -> "ya29.token"));
        assertThat(result).isInstanceOfSatisfying(Deferred.class, deferred -> {
            assertThat(deferred.reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(deferred.detail()).isEqualTo("AUTH " + mechanism + ": 535 5.7.8");
        });
        assertThat(upstream.commands()).endsWith(answer);
    }

    static Stream<Supplier<String>> suppliersWithoutAToken() {
        return Stream.of(
                () -> null,
                () -> "",
                () -> "to ken",
                () -> "token\1\1",
                () -> "x".repeat(20_000),
                () -> {
                    throw new IllegalStateException("ya29.token");
                },
                () -> {
                    throw new AssertionError("ya29.token");
                });
    }

    @ParameterizedTest
    @MethodSource
    void suppliersWithoutAToken(Supplier<String> accessToken) {
        upstream.withExtension("AUTH XOAUTH2");
        assertThat(deliver(bearer("bob", accessToken))).isInstanceOfSatisfying(Deferred.class, deferred -> {
            assertThat(deferred.reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(deferred.detail()).contains("access token").doesNotContain("ya29");
        });
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com");
    }

    /** It asks a server of its own, which may be gone: the upstream's place must not be held for ever. */
    @Test
    void aSupplierThatHangsIsGivenUpAndItsThreadInterrupted() throws Exception {
        upstream.withExtension("AUTH XOAUTH2");
        TestClock clock = new TestClock();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Supplier<String> hanging = () -> {
            asked.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return "too late";
        };
        try (UpstreamPool pool = bearer("bob", hanging).pool(clock, watchdog, RelayListener.none())) {
            CompletableFuture<DeliveryResult> result = CompletableFuture.supplyAsync(() -> pool.deliver(Mail.simple()));
            asked.await();
            assertThat(clock.advanceUntil(Duration.ofSeconds(1), result::join))
                    .isInstanceOfSatisfying(Deferred.class, deferred -> {
                        assertThat(deferred.reason()).isEqualTo(Reason.UNREACHABLE);
                        assertThat(deferred.detail()).contains("access token did not answer within PT20S");
                    });
            interrupted.await();
        }
    }

    @Test
    void showsNoAccessTokenWhereNoMechanismTakesOne() {
        upstream.withExtension("AUTH PLAIN LOGIN");
        assertThat(deliver(bearer("bob", () -> "ya29.token")))
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.detail())
                                .isEqualTo("AUTH: neither OAUTHBEARER nor XOAUTH2 is offered"));
    }

    private Way bearer(String user, Supplier<String> accessToken) {
        return settings(Security.NONE, "").as(new Account(user, "", accessToken));
    }

    private static String decoded(String command) {
        return new String(Base64.getDecoder().decode(command.split(" ")[2]), StandardCharsets.UTF_8);
    }

    @Test
    void prefersPlain() {
        upstream.withCredentials("bob", "secret").withExtension("AUTH CRAM-MD5 LOGIN PLAIN");
        assertThat(deliver(Security.NONE, "bob")).isInstanceOf(Accepted.class);
        assertThat(upstream.commands()).startsWith("EHLO relay.example.com", "AUTH PLAIN ***");
        assertLoggedIn("bob");
    }

    @Test
    void sendsALongPlainResponseBehindTheChallenge() {
        String user = "b".repeat(500);
        upstream.withCredentials(user, "secret").withOnlyExtensions();
        assertThat(deliver(Security.NONE, user)).isInstanceOf(Accepted.class);
        assertThat(upstream.commands())
                .startsWith("EHLO relay.example.com", "AUTH PLAIN", "MAIL FROM:<bob@example.com>");
        assertLoggedIn(user);
    }

    @Test
    void fallsBackToLoginAlsoInItsOldForm() {
        upstream.withCredentials("bob", "secret").withOnlyExtensions("AUTH=LOGIN");
        assertThat(deliver(Security.NONE, "bob")).isInstanceOf(Accepted.class);
        assertThat(upstream.commands())
                .startsWith("EHLO relay.example.com", "AUTH LOGIN", "MAIL FROM:<bob@example.com>");
        assertLoggedIn("bob");
    }

    @Test
    void doesNotDeliverWithoutTheLoginThatItWasTold() {
        upstream.withOnlyExtensions("SIZE");
        assertUnreachable(Security.NONE, "bob", "AUTH: neither PLAIN nor LOGIN is offered");
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com");
    }

    @Test
    void doesNotTakeAnOfferOfAuthFromBeforeTls() {
        startTls().withOnlyExtensions("AUTH PLAIN").withOnlyExtensionsOverTls("SIZE");
        assertUnreachable(Security.STARTTLS_REQUIRED, "bob", "AUTH: neither PLAIN nor LOGIN is offered");
    }

    @Test
    void sendsNoCredentialsInClearWhenTlsWasHopedFor() {
        upstream.withExtension("AUTH PLAIN");
        assertUnreachable(Security.STARTTLS_IF_OFFERED, "bob", "AUTH: not without TLS");
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com");
    }

    @Test
    void neverRepeatsWhatTheUpstreamSaysToCredentials() {
        for (String echo : new String[] {"535 5.7.8 not secret", "secret"}) {
            upstream.withExtension("AUTH PLAIN").script(Stage.AUTH, Fault.reply(echo));
            DeliveryResult result = deliver(Security.NONE, "bob");
            assertThat(((Deferred) result).reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(result.toString()).contains("AUTH PLAIN").doesNotContain("secret");
        }
    }

    @Test
    void settingsDoNotShowThePassword() {
        assertThat(settings(Security.NONE, "bob").toString())
                .contains("localhost", "user=bob", "password=***")
                .doesNotContain("secret");
    }

    private void assertUnreachable(Security security, String user, String detail) {
        DeliveryResult result = deliver(security, user);
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(((Deferred) result).detail()).contains(detail);
        assertThat(upstream.messages()).isEmpty();
    }

    private DeliveryResult deliver(Security security, String user) {
        return deliver(settings(security, user));
    }

    private DeliveryResult deliver(Way settings) {
        try (UpstreamPool pool = settings.pool(RelayClock.system(), watchdog, RelayListener.none())) {
            return pool.deliver(Mail.simple());
        }
    }

    private Way settings(Security security, String user) {
        return Mail.to(upstream.port(), security, TestCertificates.clientContext(), user, LIMIT);
    }

    private FakeUpstream startTls() {
        return upstream.withStartTls(TestCertificates.serverContext());
    }

    /** Keeps each AUTH command, with its credentials. */
    private void takesAnyLogin(String offer) {
        upstream.withExtension(offer).answering(turn -> {
            if (turn.stage() != Stage.AUTH) {
                return Optional.empty();
            }
            logins.add(turn.line());
            return Optional.of(Fault.reply("235 2.7.0 ok"));
        });
    }

    private void assertLoggedIn(String user) {
        assertThat(upstream.messages())
                .extracting(ReceivedMessage::authenticatedUser)
                .containsExactly(Optional.of(user));
    }
}
