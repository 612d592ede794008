package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.EventSession;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.spi.Submission;
import dev.postern.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a {@link RelayListener}: it accepts every event, from any thread, and does not disturb sessions or
 * messages. When it throws, the relay goes on, but the event is lost. Extend it, create the listener in {@link
 * #newListener}, and run it with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class RelayListenerContract {

    private static final int THREADS = 8;

    private RelayListener listener;

    /** For subclasses, which test an implementation. */
    protected RelayListenerContract() {}

    /**
     * Creates the listener under test; called once before each test.
     *
     * @return a listener; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract RelayListener newListener() throws Exception;

    /**
     * Waits until a listener with threads of its own has handled all its events.
     *
     * @param listener the listener from {@link #newListener}
     * @throws Exception fails the test
     */
    protected void settle(RelayListener listener) throws Exception {}

    /**
     * Counts the events that the listener has handled, for one that keeps or forwards every event.
     *
     * @param listener the listener from {@link #newListener}, after {@link #settle}
     * @return the number of events; empty, as by default, if it is not known
     * @throws Exception fails the test
     */
    protected OptionalLong taken(RelayListener listener) throws Exception {
        return OptionalLong.empty();
    }

    /**
     * Creates a listener whose target is unreachable, for instance a database at a closed port.
     *
     * @return the listener, closed after the test; empty, as by default, for one that writes nowhere
     * @throws Exception fails the test
     */
    protected Optional<RelayListener> newCutOffListener() throws Exception {
        return Optional.empty();
    }

    /**
     * Creates the listener.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openListener() throws Exception {
        listener = newListener();
    }

    /**
     * Closes the listener.
     *
     * @throws Exception when it cannot be closed
     */
    @AfterEach
    public final void closeListener() throws Exception {
        Tck.close(listener);
    }

    /** Every kind of event is accepted, even with rare values: no sender, no account name, non-ASCII letters. */
    @Test
    public final void required_everyEvent_isTaken() {
        for (RelayEvent event : events(content())) {
            assertThatCode(() -> listener.on(event)).as(event.toString()).doesNotThrowAnyException();
        }
    }

    /** The same event may come again: two sessions may do the same at the same time. */
    @Test
    public final void required_sameEvent_isTakenAgain() {
        for (RelayEvent event : events(content())) {
            listener.on(event);
            assertThatCode(() -> listener.on(event)).as("%s again", event).doesNotThrowAnyException();
        }
    }

    /**
     * Events of different sessions come in any order: the end of one may come before the beginning of another, or
     * alone.
     */
    @Test
    public final void required_order_doesNotMatter() {
        List<RelayEvent> backwards = events(content());
        Collections.reverse(backwards);
        for (RelayEvent event : backwards) {
            assertThatCode(() -> listener.on(event)).as(event.toString()).doesNotThrowAnyException();
        }
    }

    /** Many sessions report at the same time. */
    @Test
    public final void required_concurrency_throwsNothing() {
        tellAtOnce();
    }

    /**
     * When many sessions report at the same time, nothing is lost or counted twice.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_concurrency_losesNothing() throws Exception {
        settle(listener);
        long before = Tck.orSkip(boxed(taken(listener)), "taken(listener)");
        int told = tellAtOnce();
        settle(listener);
        assertThat(taken(listener).orElseThrow() - before).as("events taken").isEqualTo(told);
    }

    private int tellAtOnce() {
        return Tck.together(THREADS, thread -> () -> {
                    List<RelayEvent> events = events(content());
                    events.forEach(listener::on);
                    return events.size();
                })
                .stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** The listener closes every content stream that it opens before it returns. */
    @Test
    public final void required_content_isClosed() {
        TestContent content = content();
        events(content).forEach(listener::on);
        assertThat(content.open.get()).as("streams that were left open").isZero();
    }

    /**
     * A message's content is freed when the listener returns, and is not read after that.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_content_isNotReadLater() throws Exception {
        TestContent content = content();
        events(content).forEach(listener::on);
        content.free();
        settle(listener);
        assertThat(content.readAfterFree.get()).as("readings of freed content").isZero();
    }

    /** The thread's interrupt status, by which a relay ends blocking calls, is kept. */
    @Test
    public final void required_interruption_isKept() {
        for (RelayEvent event : events(content())) {
            Thread.currentThread().interrupt();
            try {
                listener.on(event);
            } finally {
                assertThat(Thread.interrupted())
                        .as("interrupted after %s", event)
                        .isTrue();
            }
        }
    }

    /**
     * The listener does not throw when its target is unreachable.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_cutOff_throwsNothing() throws Exception {
        RelayListener cutOff = Tck.orSkip(newCutOffListener(), "newCutOffListener()");
        try {
            for (RelayEvent event : events(content())) {
                assertThatCode(() -> cutOff.on(event)).as(event.toString()).doesNotThrowAnyException();
            }
        } finally {
            Tck.close(cutOff);
        }
    }

    /** Each call is quick: the client waits for it. */
    @Test
    public final void untested_everyCall_isQuick() {
        Tck.skip("it would measure time; hand over what takes long to a thread of the listener's own, with a bounded"
                + " queue");
    }

    private static Optional<Long> boxed(OptionalLong number) {
        return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
    }

    private static TestContent content() {
        return TestContent.of("From: ann@client.test\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** At least one of each kind. */
    private static List<RelayEvent> events(TestContent content) {
        EventSession session = EventSession.of(TestMessage.clientAt("127.0.0.1"));
        Identity identity = Identity.of("j\u00f6rg@client.test").withAccount(Tck.unique("account"));
        List<RelayEvent> events = new ArrayList<>();
        events.add(RelayEvent.RelayStarted.of(RelayFigures::none));
        events.add(RelayEvent.SessionOpened.of(session));
        events.add(RelayEvent.LoginJudged.of(session, StandardReply.AUTH_UNAVAILABLE.reply(), Duration.ZERO)
                .withMechanism("PLAIN"));
        events.add(RelayEvent.Authenticated.of(session, identity));
        events.add(RelayEvent.Refused.of(
                        session.withIdentity(identity).withMessageId("message"),
                        RelayEvent.Stage.CONTENT,
                        StandardReply.MIME_INVALID.reply())
                .withDetail("part 2: a.pdf"));
        events.add(RelayEvent.Refused.of(
                session, RelayEvent.Stage.OTHER, Reply.fromUpstream(550, List.of("no such user"))));
        events.addAll(eventsOfMessages(session.withIdentity(identity).withMessageId("message"), identity, content));
        events.addAll(eventsOfStores(identity));
        events.addAll(eventsOfUpstreams());
        events.add(RelayEvent.SessionClosed.of(session, RelayEvent.End.QUIT, Duration.ofMinutes(30))
                .withMessages(1)
                .withOctetsIn(4096)
                .withOctetsOut(Long.MAX_VALUE));
        events.add(RelayEvent.SessionClosed.of(session, RelayEvent.End.FAREWELL, Duration.ZERO)
                .withFarewell(StandardReply.INACTIVITY.reply()));
        events.add(RelayEvent.RelayClosed.of());
        events.add(new RelayEvent() {}); // of a later version, or of an extension
        return events;
    }

    private static List<RelayEvent> eventsOfMessages(EventSession inMessage, Identity identity, TestContent content) {
        List<RelayEvent> events = new ArrayList<>();
        Submission message = submission(identity, content);
        events.add(RelayEvent.MessageReceived.of(inMessage, message.envelope(), Optional.of(content)));
        for (RelayEvent.Outcome outcome : RelayEvent.Outcome.values()) {
            events.add(RelayEvent.MessageAnswered.of(
                            inMessage, outcome, StandardReply.UPSTREAM_RELAY_FAILED.reply(), Duration.ofDays(1))
                    .withSize(Long.MAX_VALUE, 0));
        }
        Reply taken = Reply.fromUpstream(250, List.of("Ok: queued"));
        events.add(RelayEvent.Relayed.of(message, DeliveryResult.accepted("upstream", taken), Duration.ZERO));
        for (DeliveryResult.Reason reason : DeliveryResult.Reason.values()) {
            events.add(RelayEvent.NotRelayed.of(
                    submission(identity, content),
                    DeliveryResult.deferred("upstream", reason, ""),
                    StandardReply.UPSTREAM_RELAY_FAILED.reply(),
                    Duration.ofMinutes(10)));
        }
        events.add(RelayEvent.PassedOver.of(
                submission(identity, content),
                DeliveryResult.deferred("upstream", DeliveryResult.Reason.UNREACHABLE, "")));
        return events;
    }

    private static List<RelayEvent> eventsOfStores(Identity identity) {
        QuotaPlan plan = QuotaPlan.perMonth(10);
        QuotaUsage usage = new QuotaUsage(10, 0, 10, Instant.parse("2026-02-01T00:00:00Z"));
        QuotaAdjustment adjustment = new QuotaAdjustment(
                identity.account(), plan, QuotaAdjustment.Kind.ADD, -10, "an operator, for a refund");
        return List.of(
                RelayEvent.QuotaThreshold.of(identity.account(), plan, usage, 100),
                RelayEvent.QuotaAdjusted.of(adjustment, usage),
                RelayEvent.StoreLost.of("QuotaStore", StoreFailure.REFUSE),
                RelayEvent.StoreFound.of("QuotaStore"));
    }

    private static List<RelayEvent> eventsOfUpstreams() {
        return List.of(
                RelayEvent.UpstreamLost.of("upstream", 5, Duration.ofSeconds(30), ""),
                RelayEvent.UpstreamStillLost.of("upstream", Duration.ofDays(1), "connection refused"),
                RelayEvent.UpstreamFound.of("upstream", Duration.ZERO));
    }

    private static Submission submission(Identity identity, TestContent content) {
        List<Recipient> recipients = List.of(Recipient.of("bob@dest.test"), Recipient.of("j\u00f6rg@dest.test"));
        return Tck.submission(identity, new Envelope(ReversePath.empty(), EsmtpParameters.none(), recipients), content);
    }
}
