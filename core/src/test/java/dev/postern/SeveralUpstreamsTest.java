package dev.postern;

import static dev.postern.spi.UpstreamDelivery.share;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayEvent.PassedOver;
import dev.postern.spi.RelayEvent.Relayed;
import dev.postern.spi.RelayEvent.UpstreamFound;
import dev.postern.spi.RelayEvent.UpstreamLost;
import dev.postern.spi.RelayEvent.UpstreamStillLost;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay that has several upstreams: who gets a message, and what the client is told when nobody does. */
@OnAnyJdk
class SeveralUpstreamsTest {

    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final Fault BUSY = Fault.replyThenClose("421 4.3.2 busy");

    private final TestClock clock = new TestClock();
    private final List<FakeUpstream> servers = new ArrayList<>();
    private final FakeUpstream one = server();
    private final FakeUpstream two = server();
    private final ConcurrentLinkedDeque<RelayEvent> events = new ConcurrentLinkedDeque<>();
    private volatile Consumer<RelayEvent> beforeEvent = event -> {};
    private final List<SmtpRelay> relays = new ArrayList<>();

    @AfterEach
    void stop() {
        relays.forEach(SmtpRelay::close);
        servers.forEach(FakeUpstream::close);
    }

    // in order

    @Test
    void theNextOneTakesWhatTheFirstOneCannot() {
        startInOrder(to(one), to(two));
        one.refuseConnections();
        assertThat(send()).hasCode(250);
        one.acceptConnections();
        assertThat(send()).hasCode(250);
        assertThat(one.messages()).hasSize(1);
        assertThat(two.messages()).hasSize(1);
    }

    static Stream<Arguments> beforeAnythingIsAccepted() {
        return Stream.of(
                arguments(Stage.CONNECT, Fault.reset()),
                arguments(Stage.GREETING, Fault.replyThenClose("554 5.3.2 no service")),
                arguments(Stage.GREETING, Fault.reply("354 go on")), // neither yes nor no
                arguments(Stage.EHLO, Fault.reply("450 4.3.2 later")),
                arguments(Stage.EHLO, Fault.reply("334 go on")),
                arguments(Stage.MAIL, BUSY),
                arguments(Stage.MAIL, Fault.reply("451 4.3.0 later")),
                arguments(Stage.MAIL, Fault.close()));
    }

    @ParameterizedTest
    @MethodSource("beforeAnythingIsAccepted")
    void failsOverBeforeAnythingIsAccepted(Stage stage, Fault fault) {
        startInOrder(to(one), to(two));
        one.script(stage, fault);
        assertThat(send()).hasCode(250);
        assertThat(one.messages()).isEmpty();
        assertThat(two.messages()).hasSize(1);
    }

    /** A machine that was switched off, for instance: nothing comes back from it, also on connections that were kept. */
    @Test
    void failsOverFromAnUpstreamThatHasFallenSilent() {
        startInOrder(to(one), to(two));
        assertThat(send()).hasCode(250);
        one.script(Stage.MAIL, Fault.hang());
        assertThat(clock.advanceUntil(Duration.ofSeconds(10), () -> send())).hasCode(250);
        assertThat(one.messages()).hasSize(1);
        assertThat(one.connections()).as("no second wait").isEqualTo(1);
        assertThat(two.messages()).hasSize(1);
    }

    static Stream<Arguments> afterwards() {
        return Stream.of(
                arguments(Stage.MAIL, Fault.reply("550 5.7.1 not you"), 550),
                arguments(Stage.RCPT, Fault.reply("450 4.2.0 later"), 421),
                arguments(Stage.DATA, Fault.reply("451 4.3.0 later"), 421),
                arguments(Stage.RCPT, Fault.close(), 421),
                arguments(Stage.END_OF_DATA, Fault.close(), 421),
                arguments(Stage.END_OF_DATA, Fault.reply("452 4.3.1 full"), 421));
    }

    @ParameterizedTest
    @MethodSource("afterwards")
    void afterwardsNobodyElseIsAsked(Stage stage, Fault fault, int code) {
        startInOrder(to(one), to(two));
        one.script(stage, fault);
        assertThat(send()).hasCode(code);
        assertThat(two.connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRelayThatReachedOneSaysSo(boolean reachedFirst) {
        startInOrder(to(one), to(two));
        (reachedFirst ? one : two).script(Stage.MAIL, BUSY);
        (reachedFirst ? two : one).refuseConnections();
        assertThat(send()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        (reachedFirst ? one : two).refuseConnections();
        assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
    }

    // by weight

    @Test
    void messagesAreSharedOutByWeight() {
        start(connect -> UpstreamDelivery.weighted(share(3, connect.to(to(one))), share(1, connect.to(to(two)))));
        for (int i = 0; i < 12; i++) {
            assertThat(send()).hasCode(250);
        }
        assertThat(one.messages()).hasSize(9);
        assertThat(two.messages()).hasSize(3);
    }

    @Test
    void halfOfTheUpstreamsDownLosesAndDoublesNothing() {
        FakeUpstream three = server();
        FakeUpstream four = server();
        start(connect -> UpstreamDelivery.weighted(servers.stream()
                .map(server -> share(
                        1,
                        connect.to(to(server)
                                .circuit(CircuitSettings.defaults()
                                        .withFailures(2)
                                        .withPause(PAUSE)))))
                .toArray(UpstreamDelivery.Share[]::new)));
        one.refuseConnections();
        three.script(Stage.GREETING, BUSY);
        List<String> sent =
                IntStream.range(0, 40).mapToObj(i -> "r" + i + "@dest.test").toList();
        for (String recipient : sent) {
            assertThat(send(recipient)).hasCode(250);
        }
        assertThat(servers.stream()
                        .flatMap(server -> server.messages().stream())
                        .map(ReceivedMessage::recipientAddresses)
                        .flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(sent);
        assertThat(two.messages().size()).isBetween(19, 21);
        assertThat(four.messages().size()).isBetween(19, 21);
        assertThat(three.connections()).as("asked twice, then left alone").isEqualTo(2);
    }

    /** Nothing of the message was given to the one that cannot take it. */
    @Test
    void theNextOneIsAskedWhereTheFirstLacksWhatTheMessageNeeds() {
        startInOrder(to(one), to(two));
        one.withoutExtension("8BITMIME");
        assertThat(sendText("K\u00f6ln")).hasCode(250);
        assertThat(one.messages()).isEmpty();
        assertThat(two.awaitMessage().contentText()).contains("K\u00f6ln");
        assertThat(events.stream().filter(PassedOver.class::isInstance).map(PassedOver.class::cast))
                .singleElement()
                .satisfies(event -> assertThat(event.result().upstream()).endsWith(":" + one.port()));
        assertThat(sendText("Koeln")).hasCode(250);
        assertThat(one.messages()).as("its connection can be used still").hasSize(1);
        assertThat(one.connections()).isEqualTo(1);
    }

    @Test
    void theClientHearsThatNobodyCanTakeItOnlyWhenEachWasAsked() {
        startInOrder(to(one), to(two));
        one.withoutExtension("8BITMIME");
        two.withoutExtension("8BITMIME");
        two.refuseConnections();
        assertThat(sendText("K\u00f6ln"))
                .isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED); // one took the connection
        two.acceptConnections();
        assertThat(sendText("K\u00f6ln")).isStandardReply(StandardReply.ENCODING_UNSUPPORTED);
    }

    // circuit breaker

    @Test
    void anUpstreamThatCannotBeReachedIsLeftAloneAndProbedAfterAPause() {
        startInOrder(to(one).circuit(CircuitSettings.defaults().withFailures(3).withPause(PAUSE)));
        one.script(Stage.GREETING, BUSY);
        assertUnreachable("greeting: 421 4.3.2 busy", 1);
        assertUnreachable("greeting: 421 4.3.2 busy", 2);
        assertUnreachable("greeting: 421 4.3.2 busy", 3);
        assertUnreachable("circuit open for 30 s more: greeting: 421 4.3.2 busy", 3);
        clock.advance(PAUSE.minusMillis(1));
        assertUnreachable("circuit open for 1 s more: greeting: 421 4.3.2 busy", 3);
        clock.advance(Duration.ofMillis(1));
        assertUnreachable("greeting: 421 4.3.2 busy", 4);
        assertUnreachable("circuit open for 30 s more: greeting: 421 4.3.2 busy", 4);

        one.clearScripts();
        clock.advance(PAUSE);
        assertThat(send()).hasCode(250);
        one.dropConnections();
        one.script(Stage.GREETING, BUSY);
        assertUnreachable("greeting: 421 4.3.2 busy", 6); // closed again, so that it is counted from the beginning
        assertUnreachable("greeting: 421 4.3.2 busy", 7);
    }

    @Test
    void aSingleMessageIsTheProbe() throws Exception {
        startInOrder(to(one).circuit(CircuitSettings.defaults().withFailures(1).withPause(PAUSE)));
        one.script(Stage.GREETING, BUSY);
        assertUnreachable("greeting: 421 4.3.2 busy", 1);
        clock.advance(PAUSE);
        one.script(Stage.GREETING, Fault.hang());
        CompletableFuture<ProbeReply> probe = CompletableFuture.supplyAsync(this::send);
        while (one.connections() < 2) {
            Thread.onSpinWait();
        }
        assertUnreachable("circuit open until an attempt that is under way succeeds: greeting: 421 4.3.2 busy", 2);
        one.dropConnections();
        assertThat(probe.get(20, TimeUnit.SECONDS)).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        one.clearScripts();
        assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        clock.advance(PAUSE);
        assertThat(send()).hasCode(250);
    }

    /** There is no other one: what is refused when it is back is refused for nothing. */
    @Test
    void aSingleUpstreamServesAgainWithinASecondOfBeingBack() {
        startInOrder(to(one));
        one.refuseConnections();
        for (int i = 0; i < 20; i++) {
            assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        }
        assertThat(lastDeferred().detail()).startsWith("circuit open for 1 s more: connect: ");
        for (int i = 0; i < 10; i++) { // no pause becomes longer
            clock.advance(Duration.ofSeconds(1));
            assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
            assertThat(lastDeferred().detail()).startsWith("connect: ");
        }
        one.acceptConnections();
        clock.advance(Duration.ofSeconds(1));
        assertThat(send()).hasCode(250);
        assertThat(send()).hasCode(250);
    }

    /** Most upstreams that are lost are only restarted. */
    @Test
    void thePausesBeginShortAndDoubleUpToTheLongest() {
        startInOrder(to(one).circuit(CircuitSettings.defaults()
                .withFailures(2)
                .withPauses(Duration.ofMillis(50), Duration.ofMillis(300))));
        one.script(Stage.GREETING, BUSY);
        for (int round = 0; round < 2; round++) {
            int connections = one.connections();
            assertUnreachable("greeting: 421 4.3.2 busy", ++connections);
            assertUnreachable("greeting: 421 4.3.2 busy", ++connections);
            for (int pause : new int[] {50, 100, 200, 300, 300}) {
                clock.advance(Duration.ofMillis(pause - 1));
                assertUnreachable("circuit open for 1 s more: greeting: 421 4.3.2 busy", connections);
                clock.advance(Duration.ofMillis(1));
                assertUnreachable("greeting: 421 4.3.2 busy", ++connections);
            }
            one.clearScripts();
            clock.advance(Duration.ofMillis(300));
            assertThat(send()).hasCode(250);
            one.dropConnections();
            one.script(Stage.GREETING, BUSY); // lost once more: from the beginning
        }
    }

    /** Whoever shows refused credentials every second is locked out. */
    @Test
    void refusedCredentialsAreNotShownMoreOftenThanEveryTenSeconds() {
        one.withCredentials("postern", "new");
        startInOrder(to(one).allowPlaintextAuth().login("postern", "old"));
        assertUnreachable("AUTH PLAIN: 535 5.7.8", 1);
        assertUnreachable("circuit open for 10 s more: AUTH PLAIN: 535 5.7.8", 1);
        clock.advance(Duration.ofSeconds(9));
        assertUnreachable("circuit open for 1 s more: AUTH PLAIN: 535 5.7.8", 1);
        clock.advance(Duration.ofSeconds(1));
        assertUnreachable("AUTH PLAIN: 535 5.7.8", 2);
    }

    @Test
    void theListenerIsToldWhenAnUpstreamIsLostAndFound() {
        startInOrder(to(one).circuit(CircuitSettings.defaults().withFailures(2).withPause(PAUSE)));
        String name = "127.0.0.1:" + one.port();
        one.script(Stage.GREETING, BUSY);
        send();
        assertThat(circuitEvents()).isEmpty();
        send();
        RelayEvent lost = UpstreamLost.of(name, 2, PAUSE, "greeting: 421 4.3.2 busy");
        assertThat(circuitEvents()).containsExactly(lost);
        send();
        clock.advance(PAUSE);
        one.script(Stage.GREETING, Fault.reply("554 5.3.2 no \u0007 service"));
        send();
        RelayEvent still = UpstreamStillLost.of(name, PAUSE, "greeting: 554 5.3.2 no ? service");
        assertThat(circuitEvents()).containsExactly(lost, still);
        one.clearScripts();
        clock.advance(PAUSE);
        assertThat(send()).hasCode(250);
        assertThat(send()).hasCode(250);
        assertThat(circuitEvents()).containsExactly(lost, still, UpstreamFound.of(name, PAUSE.multipliedBy(2)));
    }

    /** Else a monitor would have it that the upstream is lost still. */
    @Test
    void aSlowListenerHearsInOrderAndHoldsUpOneMessage() throws Exception {
        startInOrder(to(one).circuit(CircuitSettings.defaults().withFailures(1).withPause(PAUSE)));
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        beforeEvent = event -> {
            if (event instanceof UpstreamLost) {
                told.countDown();
                await(done);
            }
        };
        one.script(Stage.GREETING, BUSY);
        CompletableFuture<ProbeReply> refused = CompletableFuture.supplyAsync(this::send);
        told.await();
        one.clearScripts();
        clock.advance(PAUSE);
        assertThat(send()).hasCode(250);
        assertThat(circuitEvents()).isEmpty();
        done.countDown();
        assertThat(refused.get(20, TimeUnit.SECONDS)).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        assertThat(circuitEvents())
                .satisfiesExactly(
                        event -> assertThat(event).isInstanceOf(UpstreamLost.class),
                        event -> assertThat(event).isInstanceOf(UpstreamFound.class));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theListenerIsToldWhoWasPassedOverAndWhy() {
        DeliveryLimits limits =
                DeliveryLimits.none().withMessages(1, Duration.ofMinutes(1)).withWait(Duration.ZERO);
        startInOrder(to(one), to(two).limits(limits), to(server()));
        one.script(Stage.MAIL, BUSY);
        assertThat(send()).hasCode(250);
        assertThat(events.stream().filter(PassedOver.class::isInstance)).hasSize(1);
        assertThat(send()).hasCode(250);
        List<PassedOver> passedOver = events.stream()
                .filter(PassedOver.class::isInstance)
                .map(PassedOver.class::cast)
                .toList();
        assertThat(passedOver)
                .extracting(PassedOver::result)
                .extracting(result -> result.upstream() + " " + ((Deferred) result).reason())
                .containsExactly(
                        "127.0.0.1:" + one.port() + " TURNED_AWAY",
                        "127.0.0.1:" + one.port() + " TURNED_AWAY",
                        "127.0.0.1:" + two.port() + " UNREACHABLE");
        Relayed relayed = events.stream()
                .filter(Relayed.class::isInstance)
                .map(Relayed.class::cast)
                .reduce((before, last) -> last)
                .orElseThrow();
        assertThat(passedOver.get(2).submission().id())
                .isEqualTo(relayed.submission().id());
        assertThat(passedOver.get(2).client()).isEqualTo(relayed.client());
        assertThat(relayed.result().upstream())
                .isEqualTo("127.0.0.1:" + servers.get(2).port());
    }

    @Test
    void aListenerThatThrowsKeepsNoMessageBack() {
        relays.add(SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Scene.users()).withPlaintext())
                .clock(clock)
                .listener(RelayListener.of(event -> {
                    throw new IllegalStateException("listener of a test: " + event.getClass());
                }))
                .upstream(
                        to(one).circuit(CircuitSettings.defaults()
                                .withFailures(1)
                                .withPause(PAUSE)),
                        to(two))
                .start());
        one.script(Stage.GREETING, BUSY);
        assertThat(send()).hasCode(250);
        assertThat(send()).hasCode(250);
        assertThat(one.connections()).isEqualTo(1);
        assertThat(two.messages()).hasSize(2);
    }

    private List<RelayEvent> circuitEvents() {
        return events.stream()
                .filter(event -> event instanceof UpstreamLost
                        || event instanceof UpstreamStillLost
                        || event instanceof UpstreamFound)
                .toList();
    }

    @Test
    void whatAnUpstreamSaysOfMessagesDoesNotOpenTheCircuit() {
        startInOrder(to(one).circuit(CircuitSettings.defaults().withFailures(1).withPause(PAUSE)));
        one.script(Stage.MAIL, Fault.reply("451 4.3.0 later"));
        for (int i = 0; i < 3; i++) {
            assertThat(send()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        }
        one.clearScripts();
        assertThat(send()).hasCode(250);
    }

    @Test
    void theNextOneIsAskedAtOnceWhileTheCircuitIsOpen() {
        startInOrder(to(one).circuit(CircuitSettings.defaults().withFailures(1).withPause(PAUSE)), to(two));
        one.script(Stage.GREETING, BUSY);
        for (int i = 0; i < 5; i++) {
            assertThat(send()).hasCode(250);
        }
        assertThat(one.connections()).isEqualTo(1);
        assertThat(two.messages()).hasSize(5);
    }

    // routes

    @Test
    void recipientsDomainsDecideAndOneUpstreamMayBePartOfSeveralRoutes() {
        Upstream inside = to(one);
        start(connect -> UpstreamDelivery.byRecipientDomain(
                Map.of("corp.test", connect.to(inside), "*.corp.test", connect.to(inside)), connect.to(to(two))));
        assertThat(send("a@corp.test", "b@CORP.test")).hasCode(250);
        assertThat(send("a@corp.test", "b@mail.corp.test")).hasCode(250);
        assertThat(send("a@corp.test", "b@dest.test")).hasCode(250);
        assertThat(one.messages()).hasSize(2);
        assertThat(one.connections()).as("one pool").isEqualTo(1);
        assertThat(two.messages()).hasSize(1);
    }

    @Test
    void theAccountDecides() {
        start(connect -> UpstreamDelivery.byIdentity(
                Identity::account, Map.of("acme", connect.to(to(one))), connect.to(to(two))));
        assertThat(send()).hasCode(250);
        assertThat(sendAs("bert@beta.test")).hasCode(250);
        assertThat(one.messages()).extracting(ReceivedMessage::reversePath).containsExactly("alice@client.test");
        assertThat(two.messages()).extracting(ReceivedMessage::reversePath).containsExactly("bert@beta.test");
    }

    @Test
    void theSendersDomainDecides() {
        start(connect ->
                UpstreamDelivery.bySenderDomain(Map.of("client.test", connect.to(to(one))), connect.to(to(two))));
        assertThat(send()).hasCode(250);
        assertThat(sendAs("bert@beta.test")).hasCode(250);
        assertThat(one.messages()).hasSize(1);
        assertThat(two.messages()).hasSize(1);
    }

    // limits

    @Test
    void aProvidersLimitIsKept() {
        DeliveryLimits limits =
                DeliveryLimits.none().withMessages(2, Duration.ofMinutes(1)).withWait(Duration.ZERO);
        startInOrder(to(one).limits(limits));
        assertThat(send()).hasCode(250);
        assertThat(send()).hasCode(250);
        assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        assertThat(lastDeferred().upstream()).isEqualTo("127.0.0.1:" + one.port());
        assertThat(lastDeferred().detail()).isEqualTo("limit: no turn within 0 ms");
        clock.advance(Duration.ofMinutes(1));
        assertThat(send()).hasCode(250);
        assertThat(one.messages()).hasSize(3);
    }

    @Test
    void whatOneMayNotHaveGoesToTheNext() {
        DeliveryLimits limits =
                DeliveryLimits.none().withMessages(2, Duration.ofMinutes(1)).withWait(Duration.ZERO);
        startInOrder(to(one).limits(limits), to(two));
        for (int i = 0; i < 5; i++) {
            assertThat(send()).hasCode(250);
        }
        assertThat(one.messages()).hasSize(2);
        assertThat(two.messages()).hasSize(3);
    }

    @Test
    void aMessageThatWaitsForItsTurnIsSentThen() {
        startInOrder(to(one).limits(DeliveryLimits.none().withMessages(1, Duration.ofSeconds(5))));
        assertThat(send()).hasCode(250);
        assertThat(clock.advanceUntil(Duration.ofSeconds(1), () -> send())).hasCode(250);
        assertThat(one.messages()).hasSize(2);
    }

    // the time that a client waits

    @Test
    void nobodyIsAskedWhenTheReplyIsDue() {
        startInOrder(Duration.ofSeconds(40), to(one), to(two));
        one.script(Stage.GREETING, Fault.hang()); // for a minute, it thinks
        assertThat(clock.advanceUntil(Duration.ofSeconds(1), () -> send()))
                .isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        assertThat(passedOver()).containsExactly("reply: time-out", "not asked: the client's reply is due");
        assertThat(two.connections()).isZero();
    }

    @Test
    void theNextOneHasTheTimeThatIsLeft() {
        startInOrder(Duration.ofSeconds(90), to(one), to(two));
        one.script(Stage.GREETING, Fault.hang());
        two.script(Stage.END_OF_DATA, Fault.hang());
        assertThat(clock.advanceUntil(Duration.ofSeconds(1), () -> send()))
                .isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        assertThat(lastDeferred().reason()).isEqualTo(Reason.AMBIGUOUS);
        assertThat(lastDeferred().took())
                .as("not the minutes of the content's end")
                .isLessThan(Duration.ofMinutes(4));
    }

    @Test
    void aTurnThatWouldComeBehindTheReplyIsNotWaitedFor() {
        DeliveryLimits limits =
                DeliveryLimits.none().withMessages(1, Duration.ofHours(1)).withWait(Duration.ofHours(2));
        startInOrder(Duration.ofSeconds(40), to(one).limits(limits));
        assertThat(send()).hasCode(250);
        assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        assertThat(lastDeferred().detail()).isEqualTo("limit: no turn within 40000 ms");
    }

    @Test
    void aDeliveryOfTheHostsIsToldWhenTheReplyIsDue() {
        List<Submission> seen = new ArrayList<>();
        relays.add(builder()
                .delivery(submission -> {
                    seen.add(submission);
                    return DeliveryResult.accepted("host", Reply.fromUpstream(250, List.of("stored")));
                })
                .start());
        assertThat(send()).hasCode(250);
        assertThat(seen.get(0).timeLeft()).hasValue(Duration.ofMinutes(9));
        clock.advance(Duration.ofMinutes(2));
        assertThat(seen.get(0).timeLeft()).hasValue(Duration.ofMinutes(7));
    }

    private List<String> passedOver() {
        return events.stream()
                .filter(PassedOver.class::isInstance)
                .map(event -> ((Deferred) ((PassedOver) event).result()).detail())
                .toList();
    }

    // what a composition may not do

    @Test
    void upstreamsAreConnectedAtTheStartOnly() {
        List<UpstreamConnector> kept = new ArrayList<>();
        start(connect -> {
            kept.add(connect);
            return connect.to(to(one));
        });
        assertThatIllegalStateException()
                .isThrownBy(() -> kept.get(0).to(to(two)))
                .withMessageContaining("upstreams(...)");
    }

    private void startInOrder(Upstream... upstreams) {
        relays.add(builder().upstream(upstreams).start());
    }

    private void startInOrder(Duration deliveryTimeout, Upstream... upstreams) {
        relays.add(builder()
                .times(TimeLimits.defaults().withReply(deliveryTimeout))
                .upstream(upstreams)
                .start());
    }

    private void start(Function<UpstreamConnector, UpstreamDelivery> composition) {
        relays.add(builder().upstreams(composition).start());
    }

    private SmtpRelayBuilder builder() {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .auth(AuthSettings.passwords(Scene.users()).withPlaintext())
                .clock(clock)
                .listener(RelayListener.of(event -> {
                    beforeEvent.accept(event);
                    events.add(event);
                }));
    }

    private FakeUpstream server() {
        FakeUpstream server = FakeUpstream.start();
        servers.add(server);
        return server;
    }

    private static Upstream to(FakeUpstream server) {
        return Upstream.smtp("127.0.0.1", server.port());
    }

    private ProbeReply send(String... recipients) {
        return sendAs("alice@client.test", recipients);
    }

    private ProbeReply send() {
        return sendAs("alice@client.test");
    }

    private ProbeReply sendText(String text) {
        return sendMessage("alice@client.test", Scene.MESSAGE + text + "\r\n");
    }

    private ProbeReply sendAs(String user, String... recipients) {
        return sendMessage(user, Scene.MESSAGE.replace("alice@client.test", user), recipients);
    }

    private ProbeReply sendMessage(String user, String message, String... recipients) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relays.get(0).port())) {
            probe.readReply();
            probe.ehlo();
            assertThat(probe.authPlain(user, user.substring(0, user.indexOf('@'))))
                    .hasCode(235);
            assertThat(probe.mail(user)).hasCode(250);
            for (String recipient : recipients.length == 0 ? new String[] {"bob@dest.test"} : recipients) {
                assertThat(probe.rcpt(recipient)).hasCode(250);
            }
            return probe.data(message);
        }
    }

    private void assertUnreachable(String detail, int connections) {
        assertThat(send()).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        assertThat(lastDeferred().detail()).isEqualTo(detail);
        assertThat(one.connections()).isEqualTo(connections);
    }

    private Deferred lastDeferred() {
        List<Deferred> deferred = events.stream()
                .filter(RelayEvent.NotRelayed.class::isInstance)
                .map(event -> (Deferred) ((RelayEvent.NotRelayed) event).result())
                .toList();
        return deferred.get(deferred.size() - 1);
    }
}
