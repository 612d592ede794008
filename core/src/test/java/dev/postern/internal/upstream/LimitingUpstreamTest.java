package dev.postern.internal.upstream;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.RelayEvents;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.Turn;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay before servers that limit connections, messages on a connection, or recipients in a message. */
@OnAnyJdk
class LimitingUpstreamTest {

    private static final Fault TOO_MANY_MESSAGES = Fault.reply("452 4.5.3 Too many messages sent");
    private static final Fault TOO_MANY_CONNECTIONS = Fault.replyThenClose("421 4.7.0 too many connections");

    private final TestClock clock = new TestClock();
    private final RelayEvents events = new RelayEvents();
    private final List<SmtpRelay> relays = new ArrayList<>();
    private final FakeUpstream upstream = FakeUpstream.start();
    private final FakeUpstream second = FakeUpstream.start();

    @AfterEach
    void stop() {
        upstream.close(); // first, so that no relay waits for one that hangs
        second.close();
        relays.forEach(SmtpRelay::close);
    }

    // messages on a connection

    /** OpenSMTPD says 452, others what they like. */
    static Stream<Fault> refusalsOfAMessage() {
        return Stream.of(
                TOO_MANY_MESSAGES,
                Fault.replyThenClose("421 4.7.0 too many messages"),
                Fault.reply("450 4.3.2 enough"),
                Fault.reply("451 4.3.0 enough"),
                Fault.reply("550 too many messages"),
                Fault.reply("554 5.7.0 too many messages"),
                Fault.close());
    }

    @ParameterizedTest
    @MethodSource("refusalsOfAMessage")
    void eachMessageIsDeliveredWhereAConnectionCarriesThree(Fault refusal) {
        upstream.answering(carrying(3, refusal));
        startRelay(clock, u -> u);
        for (int i = 0; i < 20; i++) {
            assertThat(send("r" + i + "@dest.test")).hasCode(250);
        }
        assertThat(upstream.messages()).as("one copy of each").hasSize(20);
        assertThat(upstream.connections()).isEqualTo(7);
        // two connections showed it; the others were ended before they were refused anything
        assertThat(mails()).isEqualTo(22);
    }

    @Test
    void aFreshConnectionsRefusalIsTheAnswer() {
        upstream.answering(carrying(3, TOO_MANY_MESSAGES));
        startRelay(clock, u -> u);
        assertThat(send("r@dest.test")).hasCode(250);
        upstream.script(Stage.MAIL, Fault.reply("451 4.3.0 not now"));
        assertThat(send("r@dest.test")).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        assertThat(upstream.connections()).isEqualTo(2);
        assertThat(send("r@dest.test")).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        assertThat(upstream.connections()).as("it has carried nothing yet").isEqualTo(2);
        upstream.script(Stage.MAIL, Fault.reply("550 5.7.1 not you"));
        assertThat(send("r@dest.test")).hasCode(550);
    }

    @Test
    void aFreshConnectionsRefusalSendsTheMessageToTheNextUpstream() {
        startInOrder();
        assertThat(send("r@dest.test")).hasCode(250);
        upstream.script(Stage.MAIL, Fault.reply("451 4.3.0 not now"));
        assertThat(send("r@dest.test")).hasCode(250);
        assertThat(upstream.connections()).isEqualTo(2);
        assertThat(upstream.messages()).hasSize(1);
        assertThat(second.messages()).hasSize(1);
    }

    /** Else it would cost a connection a message for ever. */
    @Test
    void aSingleRefusalIsNoLimit() {
        AtomicInteger mails = new AtomicInteger();
        upstream.answering(turn -> turn.stage() == Stage.MAIL && mails.incrementAndGet() == 2
                ? Optional.of(Fault.reply("451 4.3.0 hiccup"))
                : Optional.empty());
        startRelay(clock, u -> u);
        for (int i = 0; i < 10; i++) {
            assertThat(send("r@dest.test")).hasCode(250);
        }
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void whatWasLearnedIsForgottenAfterAnHour() {
        upstream.answering(carrying(1, TOO_MANY_MESSAGES));
        startRelay(clock, u -> u);
        for (int i = 0; i < 5; i++) {
            assertThat(send("r@dest.test")).hasCode(250);
        }
        assertThat(upstream.connections()).isEqualTo(5);
        upstream.clearScripts();
        assertThat(send("r@dest.test")).hasCode(250);
        assertThat(upstream.connections()).isEqualTo(6);
        clock.advance(Duration.ofHours(1));
        for (int i = 0; i < 5; i++) {
            assertThat(send("r@dest.test")).hasCode(250);
        }
        assertThat(upstream.connections()).isEqualTo(7);
    }

    @Test
    void theAnnouncedNumberOfMessagesIsObeyed() {
        upstream.withOnlyExtensions("PIPELINING", "LIMITS MAILMAX=2 RCPTMAX=30")
                .answering(carrying(2, TOO_MANY_MESSAGES));
        startRelay(clock, u -> u);
        for (int i = 0; i < 6; i++) {
            assertThat(send("r@dest.test")).hasCode(250);
        }
        assertThat(upstream.connections()).isEqualTo(3);
        assertThat(mails()).isEqualTo(6);
    }

    // connections

    /** Exim's smtp_accept_max_per_host and Postfix's smtpd_client_connection_count_limit, and one that just hangs up. */
    static Stream<Fault> refusalsOfAConnection() {
        return Stream.of(
                Fault.replyThenClose("421 Too many concurrent SMTP connections; please try again later."),
                Fault.replyThenClose("421 4.7.0 Error: too many connections"),
                Fault.replyThenClose("450 4.7.0 too many"),
                Fault.replyThenClose("554 5.7.0 too many"),
                Fault.close());
    }

    @ParameterizedTest
    @MethodSource("refusalsOfAConnection")
    void whoFindsNoConnectionWaitsForOne(Fault refusal) throws Exception {
        upstream.answering(atATime(4, refusal));
        startRelay(
                RelayClock.system(),
                u -> u.circuit(CircuitSettings.defaults().withFailures(1).withPause(Duration.ofHours(1))));
        sendInParallel(20, 3);
        assertThat(upstream.messages()).hasSize(60);
        assertThat(events.of(RelayEvent.UpstreamLost.class)).isEmpty();
    }

    @Test
    void aSingleConnectionThatCarriesFewMessagesServesAll() throws Exception {
        Function<Turn, Optional<Fault>> connections = atATime(1, TOO_MANY_CONNECTIONS);
        Function<Turn, Optional<Fault>> messages = carrying(5, TOO_MANY_MESSAGES);
        upstream.answering(turn -> connections.apply(turn).or(() -> messages.apply(turn)));
        startRelay(RelayClock.system(), u -> u);
        sendInParallel(8, 4);
        assertThat(upstream.messages()).hasSize(32);
    }

    /** Later messages do not even try. */
    @Test
    void thereAreNoMoreConnectionsThanTheUpstreamTook() throws Exception {
        upstream.answering(atATime(2, TOO_MANY_CONNECTIONS));
        startRelay(RelayClock.system(), u -> u);
        sendInParallel(8, 2);
        int tried = upstream.connections();
        sendInParallel(8, 4);
        assertThat(upstream.messages()).hasSize(48);
        // where the machine is slow, a minute may be over, and one more is tried
        assertThat(upstream.connections()).isLessThanOrEqualTo(tried + 1);
    }

    @Test
    void whereNothingOfOursIsOpenTheNextUpstreamIsAsked() {
        startInOrder();
        upstream.script(Stage.GREETING, TOO_MANY_CONNECTIONS);
        assertThat(send("r@dest.test")).hasCode(250);
        assertThat(second.messages()).hasSize(1);
    }

    @Test
    void theWaitForAConnectionInUseEnds() {
        upstream.script(Stage.END_OF_DATA, Fault.hang());
        upstream.answering(turn -> turn.stage() == Stage.GREETING && turn.connection() > 0
                ? Optional.of(TOO_MANY_CONNECTIONS)
                : Optional.empty());
        startRelay(
                clock,
                u -> u.pool(PoolSettings.defaults().withConnections(0, 10).withMaxWait(Duration.ofSeconds(20))));
        try (SmtpProbe stuck = loggedIn()) {
            assertThat(stuck.mail("alice@client.test")).hasCode(250);
            assertThat(stuck.rcpt("stuck@dest.test")).hasCode(250);
            assertThat(stuck.send("DATA")).hasCode(354);
            stuck.write(Scene.MESSAGE + ".\r\n"); // whose reply nobody waits for
            upstream.awaitFault();
            assertThat(clock.advanceUntil(Duration.ofSeconds(1), () -> send("late@dest.test")))
                    .isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        }
    }

    // recipients

    @ParameterizedTest
    @ValueSource(
            strings = {
                "452 4.5.3 Too many recipients",
                "451 4.5.3 Too many recipients",
                "552 5.5.3 Too many recipients",
                "452 too many recipients",
                "552 too many recipients",
                "431 Too many recipients."
            })
    void clientsAreHeldToTheNumberOfRecipientsThatTheUpstreamTakes(String refusal) {
        upstream.answering(taking(12, Fault.reply(refusal)));
        startRelay(clock, u -> u);
        try (SmtpProbe probe = loggedIn()) {
            assertThat(probe.ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=50");
            assertThat(recipients(probe, 20)).isEqualTo(20);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        }
        try (SmtpProbe probe = loggedIn()) {
            assertThat(probe.ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=12");
            assertThat(recipients(probe, 20)).isEqualTo(12);
            assertThat(probe.rcpt("more@dest.test")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 12);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
        }
        clock.advance(Duration.ofDays(1));
        try (SmtpProbe probe = loggedIn()) {
            assertThat(recipients(probe, 20)).as("asked again after a day").isEqualTo(20);
        }
    }

    @Test
    void theAnnouncedNumberOfRecipientsIsPassedOn() {
        upstream.withOnlyExtensions("PIPELINING", "LIMITS RCPTMAX=3");
        startRelay(clock, u -> u);
        assertThat(send("r@dest.test")).hasCode(250);
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relays.get(0).port())) {
            probe.readReply();
            assertThat(probe.ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=3");
        }
        try (SmtpProbe probe = loggedIn()) {
            assertThat(recipients(probe, 4)).isEqualTo(3);
        }
        upstream.withOnlyExtensions("PIPELINING");
        clock.advance(Duration.ofMinutes(10));
        assertThat(send("r@dest.test")).hasCode(250);
        try (SmtpProbe probe = loggedIn()) {
            assertThat(recipients(probe, 4)).isEqualTo(4);
        }
    }

    /** A greylist, a full mailbox and what is said of one recipient alone are no limits. */
    @ParameterizedTest
    @ValueSource(strings = {"452 4.5.3 Too many recipients", "452 too many", "450 4.2.0 later"})
    void whatIsNotAboutTheirNumberTeachesNothing(String refusal) {
        for (int at : new int[] {1, 3}) {
            AtomicInteger count = new AtomicInteger();
            upstream.answering(turn -> {
                if (turn.stage() == Stage.MAIL) {
                    count.set(0);
                }
                boolean refused = turn.stage() == Stage.RCPT && count.incrementAndGet() == at;
                return refused ? Optional.of(Fault.reply(refusal)) : Optional.empty();
            });
            startRelay(clock, u -> u);
            try (SmtpProbe probe = loggedIn()) {
                assertThat(recipients(probe, 6)).isEqualTo(6);
                assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            try (SmtpProbe probe = loggedIn()) {
                assertThat(recipients(probe, 20)).isEqualTo(20);
            }
        }
    }

    /** Nothing of the message was accepted, and another upstream may take as many. */
    @Test
    void theNextUpstreamTakesWhatIsTooManyForTheFirst() {
        upstream.answering(taking(3, Fault.reply("452 4.5.3 Too many recipients")));
        startInOrder();
        try (SmtpProbe probe = loggedIn()) {
            recipients(probe, 5);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
        }
        assertThat(upstream.messages()).isEmpty();
        assertThat(second.messages()).hasSize(1);
    }

    /** A host's own delivery; what is accepted is decided by its deliver all the same. */
    @ParameterizedTest
    @CsvSource({"throws, 50", "0, 1", "-1, 1", "7, 7", "2147483647, 50"})
    void aDeliveryOfOnesOwnSaysWhatItTakes(String says, int taken) {
        UpstreamDelivery own = new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                return DeliveryResult.accepted("own", Reply.fromUpstream(250, List.of("Ok")));
            }

            @Override
            public int maxRecipients() {
                return Integer.parseInt(says);
            }
        };
        relays.add(0, builder(clock).delivery(own).start());
        try (SmtpProbe probe = loggedIn()) {
            assertThat(probe.ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=" + taken);
            assertThat(recipients(probe, taken + 1)).isEqualTo(taken);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
        }
    }

    /** A route that takes few does not hold back messages that do not take it. */
    @Test
    void theRouteOfAMessageCounts() {
        upstream.withOnlyExtensions("LIMITS RCPTMAX=2");
        relays.add(
                0,
                builder(clock)
                        .upstreams(connect -> UpstreamDelivery.byRecipientDomain(
                                Map.of("few.test", connect.to(Upstream.smtp("127.0.0.1", upstream.port()))),
                                connect.to(Upstream.smtp("127.0.0.1", second.port()))))
                        .start());
        assertThat(send("r@few.test")).hasCode(250);
        try (SmtpProbe probe = loggedIn()) {
            assertThat(probe.ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=2");
            assertThat(recipients(probe, 5)).isEqualTo(5);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
            assertThat(probe.mail("alice@client.test")).hasCode(250);
            assertThat(probe.rcpt("a@few.test")).hasCode(250);
            assertThat(probe.rcpt("b@few.test")).hasCode(250);
            assertThat(probe.rcpt("c@few.test")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 2);
        }
    }

    private void startRelay(RelayClock itsClock, UnaryOperator<Upstream> settings) {
        start(itsClock, settings.apply(Upstream.smtp("127.0.0.1", upstream.port())));
    }

    private void startInOrder() {
        start(clock, Upstream.smtp("127.0.0.1", upstream.port()), Upstream.smtp("127.0.0.1", second.port()));
    }

    private void start(RelayClock itsClock, Upstream... upstreams) {
        relays.add(0, builder(itsClock).upstream(upstreams).start());
    }

    private SmtpRelayBuilder builder(RelayClock itsClock) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .auth(AuthSettings.passwords(Scene.users()).withPlaintext())
                .sessions(SessionLimits.defaults()
                        .withPerUser(100)
                        .withPerAccount(100)
                        .withPerAddress(100))
                .clock(itsClock)
                .listener(events);
    }

    private ProbeReply send(String recipient) {
        try (SmtpProbe probe = loggedIn()) {
            return send(probe, recipient);
        }
    }

    private static ProbeReply send(SmtpProbe probe, String recipient) {
        assertThat(probe.mail("alice@client.test")).hasCode(250);
        assertThat(probe.rcpt(recipient)).hasCode(250);
        return probe.data(Scene.MESSAGE);
    }

    /** Says RCPT so often, and counts those that are accepted. */
    private static int recipients(SmtpProbe probe, int count) {
        assertThat(probe.mail("alice@client.test")).hasCode(250);
        int accepted = 0;
        for (int i = 0; i < count; i++) {
            accepted += probe.rcpt("r" + i + "@dest.test").code() == 250 ? 1 : 0;
        }
        return accepted;
    }

    private SmtpProbe loggedIn() {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relays.get(0).port()).timeout(Duration.ofSeconds(60));
        probe.readReply();
        probe.ehlo();
        assertThat(probe.authPlain("alice@client.test", "alice")).hasCode(235);
        return probe;
    }

    /** All sessions have their message ready at the same time. */
    private void sendInParallel(int sessions, int messages) throws Exception {
        ConcurrentLinkedQueue<ProbeReply> replies = new ConcurrentLinkedQueue<>();
        CountDownLatch ready = new CountDownLatch(sessions);
        ExecutorService threads = Executors.newFixedThreadPool(sessions);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int s = 0; s < sessions; s++) {
                String name = "s" + s + "-";
                running.add(threads.submit(() -> {
                    try (SmtpProbe probe = loggedIn()) {
                        ready.countDown();
                        ready.await();
                        for (int m = 0; m < messages; m++) {
                            replies.add(send(probe, name + m + "@dest.test"));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(replies)
                .hasSize(sessions * messages)
                .allSatisfy(reply -> assertThat(reply).hasCode(250));
    }

    private long mails() {
        return upstream.commands().stream()
                .filter(line -> line.startsWith("MAIL"))
                .count();
    }

    private static Function<Turn, Optional<Fault>> carrying(int messages, Fault refusal) {
        Map<Integer, AtomicInteger> carried = new ConcurrentHashMap<>();
        return turn -> {
            boolean another = turn.stage() == Stage.MAIL
                    && carried.computeIfAbsent(turn.connection(), n -> new AtomicInteger())
                                    .incrementAndGet()
                            > messages;
            return another ? Optional.of(refusal) : Optional.empty();
        };
    }

    private static Function<Turn, Optional<Fault>> atATime(int connections, Fault refusal) {
        return turn ->
                turn.stage() == Stage.GREETING && turn.among() > connections ? Optional.of(refusal) : Optional.empty();
    }

    private static Function<Turn, Optional<Fault>> taking(int recipients, Fault refusal) {
        Map<Integer, AtomicInteger> taken = new ConcurrentHashMap<>();
        return turn -> {
            AtomicInteger count = taken.computeIfAbsent(turn.connection(), n -> new AtomicInteger());
            if (turn.stage() == Stage.MAIL) {
                count.set(0);
            }
            return turn.stage() == Stage.RCPT && count.incrementAndGet() > recipients
                    ? Optional.of(refusal)
                    : Optional.empty();
        };
    }
}
