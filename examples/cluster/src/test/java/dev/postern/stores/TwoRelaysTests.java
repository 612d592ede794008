package dev.postern.stores;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Two relays on one server, as their clients see them. */
public abstract class TwoRelaysTests {

    private static final String USER = "ann@example.org";
    private static final String MESSAGE = "From: ann@example.org\r\nSubject: hello\r\n\r\nHow are you?\r\n";

    @AutoClose
    private final Opened open = new Opened();

    private final AtomicInteger looked = new AtomicInteger();
    private final Authenticator users =
            (credentials, client) -> credentials.username().equalsIgnoreCase(USER) && credentials.secretEquals("secret")
                    ? AuthResult.authenticated(Identity.of(credentials.username()))
                    : AuthResult.denied();
    private final StoreServer server;
    private final FakeUpstream upstream = open.add(FakeUpstream.start());
    private final SharedStores dying;
    private final SmtpRelay one;
    private final SmtpRelay other;

    /** Completes the tests by a server whose stores are empty. */
    protected TwoRelaysTests(StoreServer server) {
        this.server = open.add(server);
        dying = stores();
        one = relay(dying);
        other = relay(stores());
    }

    private SharedStores stores() {
        return open.add(server.node(
                StoreSettings.defaults().withLease(Duration.ofSeconds(2)).withTimeout(Duration.ofSeconds(20))));
    }

    private SmtpRelay relay(SharedStores stores) {
        return open.add(SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords((credentials, client) -> {
                            looked.incrementAndGet();
                            return users.authenticate(credentials, client);
                        })
                        .withPlaintext()
                        .withFailures(3, Duration.ofMinutes(10), Duration.ofMinutes(5)))
                .sessions(SessionLimits.defaults().withPerUser(2))
                .quota(QuotaPlan.perMonth(2))
                .stores(Stores.of(stores.quota(), stores.sessions(), stores.throttle()))
                .times(TimeLimits.defaults().withPlugin(Duration.ofSeconds(30)))
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .start());
    }

    private SmtpProbe ready(SmtpRelay relay) {
        SmtpProbe probe = open.add(SmtpProbe.connect("127.0.0.1", relay.port()));
        assertThat(probe.readReply()).isStandardReply(StandardReply.GREETING);
        probe.ehlo();
        return probe;
    }

    private static ProbeReply login(SmtpProbe probe) {
        return probe.authPlain(USER, "secret");
    }

    private static ProbeReply loginOnce(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            return login(probe);
        }
    }

    @Test
    void aLoginTooManyIsRefusedByTheOtherRelayUntilTheFirstIsDead() {
        assertThat(login(ready(one))).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(login(ready(one))).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(login(ready(other))).isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        server.stopHeart(dying); // as kill -9 does, for the others
        assertThat(Again.whileRefused(454, Duration.ofSeconds(20), () -> loginOnce(other)))
                .isStandardReply(StandardReply.AUTH_SUCCEEDED);
    }

    @Test
    void aLoginWaitsForAPlaceThatTheOtherRelayFrees() {
        SmtpProbe first = ready(one);
        assertThat(login(first)).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(login(ready(one))).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        SmtpProbe waiting = ready(other);
        String credentials = "\0" + USER + "\0secret";
        waiting.write("AUTH PLAIN "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.US_ASCII)) + "\r\n");
        first.close();
        assertThat(waiting.readReply()).isStandardReply(StandardReply.AUTH_SUCCEEDED);
    }

    @Test
    void guessesAtOnceOnBothAreNotMoreThanTheRule() throws Exception {
        int guesses = 40;
        ExecutorService threads = Executors.newFixedThreadPool(guesses);
        open.add(threads::shutdownNow);
        List<Future<ProbeReply>> replies = new ArrayList<>();
        CyclicBarrier start = new CyclicBarrier(guesses);
        for (int i = 0; i < guesses; i++) {
            SmtpProbe probe = ready(i % 2 == 0 ? one : other).timeout(Duration.ofSeconds(60));
            String guess = "guess-" + i;
            replies.add(threads.submit(() -> {
                start.await();
                return probe.authPlain(USER, guess);
            }));
        }
        int wrong = 0;
        for (Future<ProbeReply> reply : replies) {
            if (reply.get().code() == 535 && reply.get().toString().contains("blocked")) {
                continue;
            }
            assertThat(reply.get()).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            wrong++;
        }
        assertThat(wrong).isEqualTo(3);
        assertThat(looked).hasValue(3);
    }

    @Test
    void aQuotaIsOneQuota() {
        for (SmtpRelay relay : List.of(one, other)) {
            SmtpProbe probe = ready(relay);
            assertThat(login(probe)).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            assertThat(probe.mail(USER)).isStandardReply(StandardReply.SENDER_OK);
            assertThat(probe.rcpt("bob@example.net")).isStandardReply(StandardReply.RECIPIENT_OK);
            assertThat(probe.data(MESSAGE)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            probe.close();
        }
        for (SmtpRelay relay : List.of(one, other)) {
            SmtpProbe probe = ready(relay);
            ProbeReply reply = login(probe);
            assertThat(reply).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            assertThat(probe.mail(USER)).isStandardReply(StandardReply.QUOTA_EXCEEDED);
            probe.close();
        }
        assertThat(one.usage("example.org").orElseThrow().used()).isEqualTo(2);
    }

    /** The directory takes any case, as most do, and the relay must not take each spelling for another user. */
    @Test
    void spellingsOfAUserShareSessionsAndQuota() {
        SmtpProbe first = ready(one);
        assertThat(first.authPlain("Ann@example.org", "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        SmtpProbe second = ready(other);
        assertThat(second.authPlain("ANN@Example.ORG", "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(ready(other).authPlain("ann@EXAMPLE.org", "secret"))
                .isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        for (SmtpProbe probe : List.of(first, second)) {
            assertThat(probe.mail(USER)).isStandardReply(StandardReply.SENDER_OK);
            assertThat(probe.rcpt("bob@example.net")).isStandardReply(StandardReply.RECIPIENT_OK);
            assertThat(probe.data(MESSAGE)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        }
        first.close();
        SmtpProbe third = ready(one);
        assertThat(third.authPlain("aNN@example.org", "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(third.mail(USER)).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        assertThat(one.usage("Example.ORG").orElseThrow().used()).isEqualTo(2);
    }

    /** As after a long pause of its process: others have the units that it holds for the message. */
    @Test
    void aMessageInFlightOfARelayThatWasTakenForDeadEndsCorrectly() {
        SmtpProbe inFlight = ready(one);
        assertThat(login(inFlight)).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        assertThat(inFlight.mail(USER)).isStandardReply(StandardReply.SENDER_OK);
        assertThat(inFlight.rcpt("bob@example.net")).isStandardReply(StandardReply.RECIPIENT_OK);
        assertThat(inFlight.send("DATA")).isStandardReply(StandardReply.CONTENT_START);
        server.stopHeart(dying);
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (upstream.messages().size() < 2 && System.nanoTime() - deadline < 0) {
            Pause.brief();
            sendOnce(other); // the second when the first relay's lease has ended
        }
        assertThat(upstream.messages()).hasSize(2);
        inFlight.write(MESSAGE + ".\r\n");
        assertThat(inFlight.readReply()).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        assertThat(upstream.messages()).hasSize(2);
        QuotaUsage usage = other.usage("example.org").orElseThrow();
        assertThat(List.of(usage.used(), usage.reserved())).containsExactly(2L, 0L);
    }

    private static void sendOnce(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            if (login(probe).code() == 235
                    && probe.mail(USER).code() == 250
                    && probe.rcpt("bob@example.net").code() == 250) {
                probe.data(MESSAGE);
            }
        }
    }

    @Test
    void anAddressIsBlockedOnBoth() {
        for (SmtpRelay relay : List.of(one, other, one)) {
            assertThat(ready(relay).authPlain(USER, "wrong")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        }
        assertThat(login(ready(other))).isStandardReply(StandardReply.AUTH_BLOCKED);
    }
}
