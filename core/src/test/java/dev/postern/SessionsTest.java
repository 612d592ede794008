package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.SessionInfo.Phase;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is connected, and how an operator ends it: at every moment of a session. */
class SessionsTest {

    private static final String ALICE = "alice@client.test";
    private static final String WIRE = "421 4.7.0 Session ended by the administrator, closing connection\r\n";

    /** A place where a thread of the relay waits for the test. */
    private static final class Gate {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        void pass() {
            reached.countDown();
            await(open);
        }

        void awaitVisitor() {
            await(reached);
        }

        void open() {
            open.countDown();
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static SessionInfo only(SmtpRelay relay) {
        List<SessionInfo> sessions = relay.sessions();
        assertThat(sessions).hasSize(1);
        return sessions.get(0);
    }

    private static void beginLogin(SmtpProbe probe) {
        probe.write("AUTH PLAIN "
                + Base64.getEncoder().encodeToString("\0alice@client.test\0alice".getBytes(StandardCharsets.US_ASCII))
                + "\r\n");
    }

    /** A relay of which the test holds the delivery. */
    private static SmtpRelay relay(UpstreamDelivery delivery, Authenticator users) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .clock(new TestClock())
                .auth(AuthSettings.passwords(users).withPlaintext())
                .delivery(delivery)
                .start();
    }

    private static SmtpProbe connected(SmtpRelay relay) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).isOk();
        return probe;
    }

    private static DeliveryResult accepted() {
        return DeliveryResult.accepted("gate", Reply.fromUpstream(250, List.of("2.0.0 queued")));
    }

    // what is seen

    @ParameterizedTest
    @EnumSource
    void aSessionIsListedAsItIs(Access access) {
        try (Scene scene = Scene.open()) {
            scene.clock.advance(Duration.ofSeconds(5));
            SmtpProbe probe = scene.ready(access);
            SessionInfo fresh = only(scene.relay);
            assertThat(fresh.identity()).isEmpty();
            assertThat(fresh.since()).isEqualTo(scene.clock.now());
            assertThat(fresh.client().tls().isPresent()).isEqualTo(access != Access.CLEAR);
            assertThat(fresh.client().helo()).isNotEmpty();
            assertThat(fresh.client().remote().getPort()).isEqualTo(probe.localPort());
            assertThat(fresh.phase()).isEqualTo(Phase.IDLE);
            scene.clock.advance(Duration.ofSeconds(7));
            assertThat(only(scene.relay).lastCommand()).contains(fresh.since());

            assertThat(probe.authPlain(ALICE, "alice")).hasCode(235);
            assertThat(only(scene.relay).identity().map(Identity::user)).contains(ALICE);
            assertThat(only(scene.relay).lastCommand()).contains(scene.clock.now());
            Scene.envelope(probe);
            assertThat(only(scene.relay).phase()).isEqualTo(Phase.ENVELOPE);
            assertThat(probe.send("DATA")).hasCode(354);
            SessionInfo receiving = only(scene.relay);
            assertThat(receiving.phase()).isEqualTo(Phase.CONTENT);
            assertThat(receiving.messages()).isZero();
            probe.write(Scene.MESSAGE + ".\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            SessionInfo after = only(scene.relay);
            assertThat(after.id()).isEqualTo(fresh.id());
            assertThat(after.since()).isEqualTo(fresh.since());
            assertThat(after.phase()).isEqualTo(Phase.IDLE);
            assertThat(after.messages()).isEqualTo(1);
            assertThat(after.octetsIn() - receiving.octetsIn()).isEqualTo(Scene.MESSAGE.length() + 3);
            assertThat(scene.relay.figures().authenticated()).isEqualTo(1);
            assertThat(probe.quit()).hasCode(221);
            probe.close();
            Await.until("nobody is there", () -> scene.relay.sessions().isEmpty());
            assertThat(scene.relay.figures().authenticated()).isZero();
        }
    }

    @Test
    void beforeItsFirstCommandASessionHasNone() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.connect(Access.CLEAR).readReply()).hasCode(220);
            assertThat(only(scene.relay).lastCommand()).isEmpty();
        }
    }

    /** What a host got stays as it is; a session that stays is in every list, once, whoever comes and goes meanwhile. */
    @Test
    void hundredSessionsAreListedWhileMailFlowsAndOthersComeAndGo() throws InterruptedException {
        SessionLimits many =
                SessionLimits.defaults().withPerAddress(200).withPerUser(200).withPerAccount(200);
        try (Scene scene = Scene.open(b -> b.sessions(many.withMessages(1000)))) {
            List<SmtpProbe> idle = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                idle.add(scene.ready(Access.CLEAR));
            }
            SmtpProbe sender = scene.alice();
            List<SessionInfo> first = scene.relay.sessions();
            assertThat(first).hasSize(101);
            List<String> staying = first.stream().map(SessionInfo::id).toList();
            AtomicInteger sent = new AtomicInteger();
            Thread mail = new Thread(() -> {
                for (int i = 0; i < 20; i++) {
                    try (SmtpProbe passing = scene.alice()) {
                        Scene.send(passing);
                        Scene.send(sender);
                        assertThat(passing.quit()).hasCode(221);
                        sent.incrementAndGet();
                    }
                }
            });
            mail.start();
            int passed = 0;
            while (mail.isAlive()) {
                List<SessionInfo> all = scene.relay.sessions();
                assertThat(all)
                        .extracting(SessionInfo::id)
                        .doesNotHaveDuplicates()
                        .containsAll(staying);
                assertThat(all.stream().mapToInt(SessionInfo::messages).sum()).isLessThanOrEqualTo(100);
                passed = Math.max(passed, all.size() - staying.size());
            }
            mail.join();
            assertThat(sent).hasValue(20);
            assertThat(passed).isPositive();
            assertThat(first).hasSize(101).allMatch(session -> session.messages() == 0);
            Await.until("who passed has gone", () -> scene.relay.sessions().size() == 101);
            assertThat(scene.relay.sessions().stream()
                            .mapToInt(SessionInfo::messages)
                            .sum())
                    .isEqualTo(20);
            idle.forEach(SmtpProbe::close);
        }
    }

    // disconnect

    @ParameterizedTest
    @EnumSource
    void sessionEnded421ForAnIdleSessionAtOnce(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice(access);
            assertThat(scene.relay.disconnect(only(scene.relay).id())).isTrue();
            assertThat(probe.readReply()).hasWire(WIRE).isStandardReply(StandardReply.SESSION_ENDED);
            probe.assertClosed();
            Await.until("nobody is there", () -> scene.relay.sessions().isEmpty());
        }
    }

    @Test
    void whoIsNotThereIsNotEnded() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(scene.relay.disconnect("nobody")).isFalse();
            assertThat(scene.relay.disconnectNow("nobody")).isFalse();
            assertThat(scene.relay.revoke("nobody").sessions()).isZero();
            assertThat(probe.send("NOOP")).hasCode(250);
        }
    }

    @Test
    void anEnvelopeWithoutContentIsNoMessage() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(scene.relay.disconnect(only(scene.relay).id())).isTrue();
            assertThat(probe.readReply()).hasWire(WIRE);
            assertThat(scene.upstream.messages()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMessageWhoseContentComesIsAnsweredFirst(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(access);
            assertThat(probe.send("DATA")).hasCode(354);
            assertThat(scene.relay.disconnect(only(scene.relay).id())).isTrue();
            probe.write(Scene.MESSAGE + ".\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(probe.readReply()).hasWire(WIRE);
            probe.assertClosed();
            assertThat(scene.upstream.messages()).hasSize(1);
        }
    }

    @Test
    void betweenTwoChunksTheMessageIsUnderWay() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.bdat(Scene.MESSAGE.getBytes(StandardCharsets.US_ASCII), false))
                    .hasCode(250);
            assertThat(scene.relay.disconnect(only(scene.relay).id())).isTrue();
            assertThat(probe.bdat(new byte[0], true)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(probe.readReply()).hasWire(WIRE);
        }
    }

    /** A message that is given up by its client is no reason to stay. */
    @Test
    void aMessageThatIsResetEndsTheSessionToo() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.bdat(Scene.MESSAGE.getBytes(StandardCharsets.US_ASCII), false))
                    .hasCode(250);
            assertThat(scene.relay.disconnect(only(scene.relay).id())).isTrue();
            assertThat(probe.send("RSET")).hasCode(250);
            assertThat(probe.readReply()).hasWire(WIRE);
        }
    }

    @Test
    void cutItEndsWithoutAWord() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasCode(354);
            assertThat(scene.relay.disconnectNow(only(scene.relay).id())).isTrue();
            probe.assertClosed();
            Await.until("nobody is there", () -> scene.relay.sessions().isEmpty());
            assertThat(scene.upstream.messages()).isEmpty();
        }
    }

    // revoke

    @ParameterizedTest
    @ValueSource(strings = {"alice@client.test", "ALICE@Client.Test"})
    void aUsersSessionsEndAndNobodyElses(String spelled) {
        try (Scene scene = Scene.open()) {
            SmtpProbe first = scene.alice();
            SmtpProbe second = scene.alice(Access.STARTTLS);
            SmtpProbe anna = scene.loggedIn(Access.CLEAR, "anna@client.test");
            SmtpProbe anonymous = scene.ready(Access.CLEAR);
            RevokeResult result = scene.relay.revoke(spelled);
            assertThat(result.sessions()).isEqualTo(2);
            assertThat(result.everywhere()).isTrue();
            assertThat(first.readReply()).hasWire(WIRE);
            assertThat(second.readReply()).hasWire(WIRE);
            Scene.send(anna);
            assertThat(anonymous.send("NOOP")).hasCode(250);
            Scene.send(scene.alice()); // the authenticator was asked again
        }
    }

    @Test
    void anAccountsSessionsEndAndNobodyElses() {
        try (Scene scene = Scene.open()) {
            SmtpProbe alice = scene.alice();
            SmtpProbe anna = scene.loggedIn(Access.CLEAR, "anna@client.test");
            SmtpProbe bert = scene.loggedIn(Access.CLEAR, "bert@beta.test");
            assertThat(scene.relay.revokeAccount("ACME").sessions()).isEqualTo(2);
            assertThat(alice.readReply()).hasWire(WIRE);
            assertThat(anna.readReply()).hasWire(WIRE);
            assertThat(bert.send("NOOP")).hasCode(250);
        }
    }

    /** The directory has said yes before the revocation, and the relay hears of it after. */
    @Test
    void aLoginThatIsBeingJudgedDoesNotSlipThrough() {
        Gate gate = new Gate();
        Authenticator slow = (credentials, client) -> {
            gate.pass();
            return AuthResult.authenticated(Identity.of(ALICE).withAccount("acme"));
        };
        try (SmtpRelay relay = relay(submission -> accepted(), slow);
                SmtpProbe probe = connected(relay)) {
            beginLogin(probe);
            gate.awaitVisitor();
            assertThat(relay.revoke(ALICE).sessions()).isZero();
            gate.open();
            assertThat(probe.readReply()).hasWire(WIRE);
            probe.assertClosed();
            assertThat(relay.figures().authenticated()).isZero();
            try (SmtpProbe again = connected(relay)) {
                assertThat(again.authPlain(ALICE, "alice")).hasCode(235);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoginOfSomebodyElseThatIsBeingJudgedGoesOn(boolean account) {
        Gate gate = new Gate();
        Authenticator slow = (credentials, client) -> {
            gate.pass();
            return AuthResult.authenticated(Identity.of(ALICE).withAccount("acme"));
        };
        try (SmtpRelay relay = relay(submission -> accepted(), slow);
                SmtpProbe probe = connected(relay)) {
            beginLogin(probe);
            gate.awaitVisitor();
            RevokeResult unused = account ? relay.revokeAccount("beta") : relay.revoke("bert@beta.test");
            gate.open();
            assertThat(probe.readReply()).hasCode(235);
        }
    }

    /** A login that waits for a place of its user is one that is being judged. */
    @Test
    void aLoginThatWaitsForAPlaceIsRevokedToo() {
        AtomicInteger judged = new AtomicInteger();
        Authenticator users = Scene.users();
        Authenticator counted = (credentials, client) -> {
            judged.incrementAndGet();
            return users.authenticate(credentials, client);
        };
        try (Scene scene =
                Scene.bare(b -> b.auth(AuthSettings.passwords(counted).withPlaintext())
                        .sessions(SessionLimits.defaults().withPerUser(1)))) {
            SmtpProbe first = scene.alice();
            SmtpProbe second = scene.ready(Access.CLEAR);
            beginLogin(second);
            Await.until("the second one is being judged", () -> judged.get() == 2);
            assertThat(scene.relay.revoke(ALICE).sessions()).isEqualTo(1);
            assertThat(first.readReply()).hasWire(WIRE);
            first.close(); // its place is free then
            assertThat(second.readReply()).hasWire(WIRE);
        }
    }

    @Test
    void aMessageThatTheUpstreamHasIsAnsweredBeforeTheSessionEnds() {
        Gate gate = new Gate();
        UpstreamDelivery slow = submission -> {
            gate.pass();
            return accepted();
        };
        try (SmtpRelay relay = relay(slow, Scene.users());
                SmtpProbe probe = connected(relay)) {
            assertThat(probe.authPlain(ALICE, "alice")).hasCode(235);
            Scene.envelope(probe);
            assertThat(probe.send("DATA")).hasCode(354);
            probe.write(Scene.MESSAGE + ".\r\nNOOP\r\n");
            gate.awaitVisitor();
            assertThat(only(relay).phase()).isEqualTo(Phase.UPSTREAM);
            assertThat(relay.revoke(ALICE).sessions()).isEqualTo(1);
            gate.open();
            assertThat(probe.readReply()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(probe.readReply()).hasWire(WIRE);
            probe.assertClosed();
        }
    }

    @Test
    void aMessageWhoseContentComesIsAnsweredBeforeTheSessionEnds() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasCode(354);
            assertThat(scene.relay.revoke(ALICE).sessions()).isEqualTo(1);
            probe.write(Scene.MESSAGE + ".\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(probe.readReply()).hasWire(WIRE);
            assertThat(scene.upstream.messages()).hasSize(1);
        }
    }

    @Test
    void atATrustedAddressTheSessionEndsToo() {
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.defaults()
                .withTrusted("127.0.0.1/32", Identity.of(ALICE).withAccount("acme"))))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            Scene.send(probe);
            assertThat(scene.relay.revoke(ALICE).sessions()).isEqualTo(1);
            assertThat(probe.readReply()).hasWire(WIRE);
        }
    }
}
