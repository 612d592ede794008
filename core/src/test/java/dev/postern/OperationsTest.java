package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.RelayHealth.Cause;
import dev.postern.RelayHealth.Status;
import dev.postern.robustness.Await;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayClock;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Steering a relay that runs, and asking it how it does. */
class OperationsTest {

    private static final String ALICE = "alice@client.test";

    // pause

    @Test
    void aPausedRelayLetsNobodyInAndItsSessionsGoOn() {
        try (Scene scene = Scene.open()) {
            SmtpProbe inside = scene.alice();
            scene.relay.pause("kernel update");
            assertThat(scene.relay.state()).isEqualTo(RelayState.PAUSED);
            RelayHealth health = scene.relay.health();
            assertThat(health.status()).isEqualTo(Status.PAUSED);
            assertThat(health.reasons()).containsExactly(new RelayHealth.Reason(Cause.PAUSED, "kernel update"));
            for (Access access : List.of(Access.CLEAR, Access.IMPLICIT_TLS)) {
                try (SmtpProbe outside = scene.connect(access)) {
                    assertThat(outside.readReply()).isStandardReply(StandardReply.SERVER_BUSY);
                    outside.assertClosed();
                }
            }
            Scene.send(inside);
            scene.relay.resume();
            assertThat(scene.relay.state()).isEqualTo(RelayState.RUNNING);
            assertThat(scene.relay.health().status()).isEqualTo(Status.UP);
            Scene.send(scene.alice());
        }
    }

    // update

    @Test
    void newLimitsHoldForSessionsThatBeginLater() {
        try (Scene scene = Scene.open()) {
            SmtpProbe before = scene.ready(Access.CLEAR);
            scene.relay.update(
                    SessionLimits.defaults().withMessages(1),
                    MessageRules.defaults().withMaxRecipients(1).withMaxSize(1000));
            SmtpProbe after = scene.connect(Access.CLEAR);
            assertThat(after.readReply()).hasCode(220);
            assertThat(after.ehlo()).offers("LIMITS MAILMAX=1 RCPTMAX=1").offers("SIZE 1000");
            assertThat(after.authPlain(ALICE, "alice")).hasCode(235);
            assertThat(after.mail(ALICE)).hasCode(250);
            assertThat(after.rcpt("bob@dest.test")).hasCode(250);
            assertThat(after.rcpt("eve@dest.test")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS);
            assertThat(after.data(Scene.MESSAGE)).hasCode(250);
            assertThat(after.mail(ALICE)).isStandardReply(StandardReply.TOO_MANY_MESSAGES);

            assertThat(before.ehlo()).offers("LIMITS MAILMAX=20 RCPTMAX=50");
            assertThat(before.authPlain(ALICE, "alice")).hasCode(235);
            Scene.envelope(before, "bob@dest.test", "eve@dest.test");
            assertThat(before.data(Scene.MESSAGE)).hasCode(250);
            Scene.send(before);
        }
    }

    /** What is counted stays counted: a lower limit does not forget who is there. */
    @Test
    void sessionsOfBeforeCountAgainstNewLimits() {
        SessionLimits one = SessionLimits.defaults().withPerUser(1).withLoginWait(Duration.ZERO);
        try (Scene scene = Scene.open()) {
            SmtpProbe before = scene.alice();
            scene.relay.update(one, MessageRules.defaults());
            SmtpProbe after = scene.ready(Access.CLEAR);
            assertThat(after.authPlain(ALICE, "alice")).isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
            assertThat(before.quit()).hasCode(221);
            assertThat(after.authPlain(ALICE, "alice")).hasCode(235);
        }
    }

    @Test
    void changesAreNamed() {
        assertThat(SessionLimits.defaults().changesTo(SessionLimits.defaults())).isEmpty();
        assertThat(SessionLimits.defaults()
                        .changesTo(SessionLimits.defaults().withPerUser(3).withLifetime(Duration.ofMinutes(1))))
                .containsExactly("lifetime PT30M -> PT1M", "perUser 10 -> 3");
        assertThat(MessageRules.defaults().changesTo(MessageRules.defaults().withSigner(submission -> "")))
                .singleElement()
                .asString()
                .startsWith("signer none -> dev.postern.OperationsTest");
    }

    // health

    @Test
    void aRelayThatHasAllItNeedsIsUpAndAClosedOneDown() {
        Scene scene = Scene.open();
        assertThat(scene.relay.health().status()).isEqualTo(Status.UP);
        assertThat(scene.relay.health().reasons()).isEmpty();
        scene.close();
        assertThat(scene.relay.health().status()).isEqualTo(Status.DOWN);
        assertThat(scene.relay.health().reasons())
                .extracting(RelayHealth.Reason::cause)
                .contains(Cause.STOPPED);
    }

    @Test
    void anOpenCircuitDegradesUntilTheUpstreamIsBack() {
        try (Scene scene = Scene.open(
                b -> b,
                server ->
                        Scene.inClear(server).circuit(CircuitSettings.defaults().withFailures(1)))) {
            scene.upstream.refuseConnections();
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
            assertThat(scene.relay.health().status()).isEqualTo(Status.DEGRADED);
            assertThat(scene.relay.health().reasons())
                    .containsExactly(new RelayHealth.Reason(Cause.CIRCUIT_OPEN, "127.0.0.1:" + scene.upstream.port()));
            scene.upstream.acceptConnections();
            scene.clock.advance(Duration.ofMinutes(10));
            Scene.send(scene.alice());
            assertThat(scene.relay.health().status()).isEqualTo(Status.UP);
        }
    }

    @Test
    void connectionsNearTheLimitDegrade() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withConnections(10)))) {
            for (int i = 0; i < 9; i++) {
                assertThat(scene.connect(Access.CLEAR).readReply()).hasCode(220);
            }
            assertThat(scene.relay.health().status()).isEqualTo(Status.UP);
            assertThat(scene.connect(Access.CLEAR).readReply()).hasCode(220);
            assertThat(scene.relay.health().reasons())
                    .containsExactly(new RelayHealth.Reason(Cause.CONNECTIONS, "10 of 10"));
        }
    }

    @Test
    void contentNearItsMemoryDegradesUntilItIsGone() {
        ContentStorage mebibyte = ContentStorage.defaults().withMemory(1 << 20).withMemoryPerMessage(1 << 20);
        try (Scene scene = Scene.open(b -> b.storage(mebibyte))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            String begin = "From: alice@client.test\r\n\r\n";
            assertThat(probe.bdat((begin + "0123456789abcd\r\n".repeat(56 * 1024)).getBytes(US_ASCII), false))
                    .hasCode(250);
            assertThat(scene.relay.health().status()).isEqualTo(Status.UP); // at 88 %
            assertThat(probe.bdat("0123456789abcd\r\n".repeat(2 * 1024).getBytes(US_ASCII), false))
                    .hasCode(250);
            assertThat(scene.relay.health().status()).isEqualTo(Status.DEGRADED);
            assertThat(scene.relay.health().reasons()).singleElement().satisfies(reason -> {
                assertThat(reason.cause()).isEqualTo(Cause.CONTENT_MEMORY);
                assertThat(reason.detail()).endsWith(" of 1048576 octets");
            });
            assertThat(probe.send("RSET")).hasCode(250);
            assertThat(scene.relay.health().status()).isEqualTo(Status.UP);
        }
    }

    /** Wherever the delivery stands among others. */
    @Test
    void aDeliveryThatTakesNothingSaysWhy() {
        AtomicReference<String> why = new AtomicReference<>();
        UpstreamDelivery queue = new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                return DeliveryResult.deferred("queue", DeliveryResult.Reason.FAILED, "not today");
            }

            @Override
            public Optional<String> trouble() {
                return Optional.ofNullable(why.get());
            }
        };
        UpstreamDelivery limited = UpstreamDelivery.limited(queue, DeliveryLimits.none(), RelayClock.system());
        UpstreamDelivery all = UpstreamDelivery.inOrder(List.of(
                UpstreamDelivery.bySenderDomain(Map.of(), queue::deliver),
                UpstreamDelivery.weighted(UpstreamDelivery.share(1, limited))));
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(Scene.auth())
                .delivery(all)
                .start()) {
            assertThat(relay.health().status()).isEqualTo(Status.UP);
            why.set("its disk\r\nis full");
            assertThat(relay.health().status()).isEqualTo(Status.DEGRADED);
            assertThat(relay.health().reasons())
                    .containsExactly(new RelayHealth.Reason(Cause.DELIVERY_FAILS, "its disk??is full"));
        }
    }

    /** Nobody sends meanwhile: health asks the store itself, else it would stay lost. */
    @Test
    void aStoreThatIsBackIsFoundWithoutTraffic() {
        SwitchableRegistry registry = new SwitchableRegistry();
        try (Scene scene = Scene.open(b -> b.stores(Stores.defaults().withSessions(registry)))) {
            registry.down.set(true);
            for (int i = 0; i < 3; i++) {
                try (SmtpProbe probe = scene.connect(Access.CLEAR)) {
                    assertThat(probe.readReply()).hasCode(421);
                }
            }
            assertThat(scene.relay.health().reasons())
                    .containsExactly(new RelayHealth.Reason(Cause.STORE_LOST, "SessionRegistry"));
            registry.down.set(false);
            scene.clock.advance(Duration.ofSeconds(2));
            assertThat(scene.relay.health().status()).isEqualTo(Status.UP);
        }
    }

    // other relays

    /** Counts in memory, and is away when a test wants it. */
    private static class SwitchableRegistry implements SessionRegistry {
        private final AtomicBoolean down = new AtomicBoolean();

        @Override
        public Optional<Permit> acquire(Claim claim) {
            if (down.get()) {
                throw new IllegalStateException("away");
            }
            return Optional.of(() -> {});
        }
    }

    /** What several relays of one test share. */
    private static final class SharedRegistry extends SwitchableRegistry {
        private record Name(Scope scope, String key) {}

        private final Map<Name, Long> revoked = new ConcurrentHashMap<>();
        private final TestClock clock;

        private SharedRegistry(TestClock clock) {
            this.clock = clock;
        }

        @Override
        public boolean revoke(Scope scope, String key) {
            revoked.put(new Name(scope, key), clock.nanoTime());
            return true;
        }

        @Override
        public List<Revocation> revoked(Duration within) {
            return revoked.entrySet().stream()
                    .map(one -> new Revocation(
                            one.getKey().scope, one.getKey().key, Duration.ofNanos(clock.nanoTime() - one.getValue())))
                    .filter(one -> one.age().compareTo(within) <= 0)
                    .toList();
        }
    }

    @Test
    void whatOneRelayRevokesEndsInTheOthersToo() {
        TestClock clock = new TestClock();
        SharedRegistry shared = new SharedRegistry(clock);
        Stores stores = Stores.defaults().withSessions(shared);
        try (Scene here = Scene.open(b -> b.stores(stores).clock(clock));
                Scene there = Scene.open(b -> b.stores(stores).clock(clock))) {
            SmtpProbe mine = here.alice();
            SmtpProbe yours = there.alice();
            SmtpProbe annas = there.loggedIn(Access.CLEAR, "anna@client.test");
            RevokeResult result = here.relay.revoke(ALICE);
            assertThat(result.sessions()).isEqualTo(1);
            assertThat(result.everywhere()).isTrue();
            assertThat(mine.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
            clock.advance(Duration.ofSeconds(1));
            assertThat(yours.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
            assertThat(annas.send("NOOP")).hasCode(250);

            // a login of later is none of the revocation's business, however often it is told
            SmtpProbe later = there.alice();
            clock.advance(Duration.ofSeconds(2));
            Await.until(
                    "it is told again",
                    () -> shared.revoked(Duration.ofMinutes(1)).size() == 1);
            Scene.send(later);
        }
    }

    @Test
    void aRegistryThatPassesNothingOnIsSaidTo() {
        SwitchableRegistry registry = new SwitchableRegistry();
        try (Scene scene = Scene.open(b -> b.stores(Stores.defaults().withSessions(registry)))) {
            SmtpProbe probe = scene.alice();
            RevokeResult result = scene.relay.revoke(ALICE);
            assertThat(result.sessions()).isEqualTo(1);
            assertThat(result.everywhere()).isFalse();
            assertThat(probe.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
        }
    }

    @Test
    void whoIsRevokedIsForgottenByWhatRemembersLogins() {
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean there = new AtomicBoolean(true);
        Authenticator remembering = Authenticator.caching(
                (credentials, client) -> {
                    asked.incrementAndGet();
                    return there.get() ? AuthResult.authenticated(Identity.of(ALICE)) : AuthResult.denied();
                },
                Duration.ofMinutes(5));
        try (Scene scene =
                Scene.bare(b -> b.auth(AuthSettings.passwords(remembering).withPlaintext()))) {
            scene.alice();
            scene.alice();
            there.set(false);
            scene.alice();
            assertThat(asked).hasValue(1);
            scene.relay.revoke(ALICE);
            assertThat(scene.ready(Access.CLEAR).authPlain(ALICE, "alice"))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        }
    }
}
