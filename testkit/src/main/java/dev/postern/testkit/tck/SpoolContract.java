package dev.postern.testkit.tck;

import static dev.postern.testkit.tck.Told.addresses;
import static dev.postern.testkit.tck.Told.content;
import static dev.postern.testkit.tck.Told.sender;
import static dev.postern.testkit.tck.Told.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a delivery that stores messages and passes them on later. Every accepted message reaches the upstream
 * or its sender is notified, whatever happens to the process; only marked messages may arrive twice; accounts take
 * turns. Extend it, create the spool in {@link #open}, and run it with JUnit. {@link UpstreamDeliveryContract} applies
 * as well.
 */
@ExtendWith(ContractDeadline.class)
public abstract class SpoolContract {

    private static final String SENDER = "ann@client.test";
    private static final int MANY = 60;
    private static final int THREADS = 6;
    private static final Reply REFUSED = Reply.fromUpstream(550, List.of("5.1.1 no such user"));

    private final Upstream upstream = new Upstream();
    private @Nullable Incarnation current;
    private @Nullable UpstreamDelivery spool;

    /** For subclasses, which test an implementation. */
    protected SpoolContract() {}

    /**
     * Opens the spool under test; called at the start of each test, and after the spool was killed or closed.
     *
     * @param next the delivery to pass messages to
     * @return a spool on the running test's store, which has the messages that an earlier spool accepted
     * @throws Exception fails the test
     */
    protected abstract UpstreamDelivery open(UpstreamDelivery next) throws Exception;

    /**
     * Ends a spool as if its process were killed: from now on it does not touch the store, and everything outside the
     * store is lost.
     *
     * @param killed the spool that was opened last
     * @throws Exception fails the test
     */
    protected abstract void kill(UpstreamDelivery killed) throws Exception;

    /**
     * Returns whether nothing waits in the store.
     *
     * @return true when every message is settled, notices included
     * @throws Exception fails the test
     */
    protected abstract boolean isEmpty() throws Exception;

    /** {@return how often any spool of the test has reported that a message may arrive twice} */
    protected abstract int marked();

    /** {@return the spool's time; a pause between attempts takes a few ticks} */
    protected abstract ContractTime time();

    /** {@return the time after which the spool gives a message up} */
    protected abstract Duration giveUp();

    /** A message that has arrived. */
    private record Arrived(String reversePath, List<String> recipients, String content) {}

    /** Keeps what it accepts. */
    private static final class Upstream {
        private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
        private volatile Function<Submission, DeliveryResult> answer = message -> accepted();

        private DeliveryResult take(Submission message) {
            DeliveryResult result = answer.apply(message);
            if (result instanceof Accepted) {
                keep(message);
            }
            return result;
        }

        private void keep(Submission message) {
            arrived.add(new Arrived(sender(message), addresses(message), content(message)));
        }
    }

    /** One spool's way to the upstream, which a killed process no longer has. */
    private final class Incarnation implements UpstreamDelivery {
        private final CountDownLatch killed = new CountDownLatch(1);
        private volatile boolean cut;

        @Override
        public DeliveryResult deliver(Submission message) {
            return cut ? unreachable() : upstream.take(message);
        }
    }

    /**
     * Opens a spool on an empty store.
     *
     * @throws Exception when it cannot be opened
     */
    @BeforeEach
    public final void openFirst() throws Exception {
        reopen();
    }

    /** Closes the spool that was opened last. */
    @AfterEach
    public final void closeLast() {
        if (current != null) {
            current.killed.countDown();
        }
        if (spool != null) {
            spool.close();
        }
    }

    private void reopen() throws Exception {
        Incarnation next = new Incarnation();
        current = next;
        spool = open(next);
    }

    /** The next spool's first attempt may come before this returns; the upstream then accepts messages. */
    private void killAndReopen() throws Exception {
        killAndReopen(message -> accepted());
    }

    private void killAndReopen(Function<Submission, DeliveryResult> answer) throws Exception {
        if (current != null && spool != null) {
            current.cut = true;
            kill(spool);
            current.killed.countDown();
        }
        upstream.answer = answer;
        reopen();
    }

    /**
     * Accepted messages that have not arrived survive a close and restart.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_restart_losesNothing() throws Exception {
        upstream.answer = message -> notNow();
        List<String> accepted = acceptMany(5);
        if (spool != null) {
            spool.close();
        }
        reopen();
        upstream.answer = message -> accepted();
        awaitEmpty();
        assertThat(contents()).as("contents").containsAll(accepted);
    }

    /**
     * Accepted messages that have not arrived survive a kill.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_kill_losesNothing() throws Exception {
        upstream.answer = message -> notNow();
        List<String> accepted = acceptMany(5);
        killAndReopen();
        awaitEmpty();
        assertThat(contents()).as("contents").containsAll(accepted);
    }

    /**
     * After a kill while the upstream is being given a message, which it does not accept, the message is sent again.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_kill_inTheMiddleOfAnAttempt_isSentAgain() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        upstream.answer = message -> {
            Incarnation mine = current; // before the test goes on to the next one
            asked.countDown();
            awaitKill(mine);
            return unreachable();
        };
        String content = accept("middle", "bob@dest.test");
        asked.await();
        killAndReopen();
        awaitEmpty();
        assertThat(contents()).as("contents").containsExactly(content);
    }

    /**
     * After a kill when the upstream has the message but the spool does not know it yet, the message may arrive twice
     * if that was reported.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_kill_afterTheUpstreamHasIt_doublesOnlyWhatIsMarked() throws Exception {
        CountDownLatch kept = new CountDownLatch(1);
        upstream.answer = message -> {
            Incarnation mine = current; // before the test goes on to the next one
            upstream.keep(message);
            kept.countDown();
            awaitKill(mine);
            return unreachable();
        };
        accept("doubled", "bob@dest.test");
        kept.await();
        killAndReopen();
        awaitEmpty();
        int copies = contents().size();
        assertThat(marked()).as("marks, for %s copies", copies).isGreaterThanOrEqualTo(copies - 1);
    }

    /**
     * If the upstream has the message but could not say so, the message may arrive twice if that was reported.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_ambiguous_doublesOnlyWhatIsMarked() throws Exception {
        AtomicBoolean lost = new AtomicBoolean();
        upstream.answer = message -> {
            if (lost.getAndSet(true)) {
                return accepted();
            }
            upstream.keep(message);
            return DeliveryResult.deferred("up", Reason.AMBIGUOUS, "lost before it answered");
        };
        accept("lost", "bob@dest.test");
        awaitEmpty();
        int copies = contents().size();
        assertThat(marked()).as("marks, for %s copies", copies).isGreaterThanOrEqualTo(copies - 1);
    }

    /**
     * A message is unchanged, even after a kill: who sends it, its octets in any charset, the addresses as written, and
     * the client's requests (RFC 3461, RFC 6531).
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_kill_messageIsWhatItWas() throws Exception {
        upstream.answer = message -> notNow();
        TestContent content = TestContent.of(TestContent.noText());
        EsmtpParameters ofMail = new EsmtpParameters(Map.of("BODY", "8BITMIME", "SMTPUTF8", "", "ENVID", "e+2D1"));
        EsmtpParameters ofRcpt = new EsmtpParameters(Map.of("NOTIFY", "NEVER", "ORCPT", "utf-8;J\u00f6rg@dest.test"));
        Envelope envelope = new Envelope(
                ReversePath.of(MailAddress.parse("Ann+Tag@client.test")),
                ofMail,
                List.of(new Recipient(MailAddress.parse("J\u00f6rg@dest.test"), ofRcpt)));
        Identity identity = Identity.of(SENDER).withAccount("acme");
        UpstreamDelivery opened = Objects.requireNonNull(spool, "the spool");
        assertThat(opened.deliver(Tck.submission(identity, envelope, content))).isInstanceOf(Accepted.class);
        List<String> sent = new CopyOnWriteArrayList<>();
        killAndReopen(message -> {
            sent.add(told(message));
            return accepted();
        });
        awaitEmpty();
        assertThat(sent)
                .as("who sends, from where, to whom, what")
                .containsOnly(told(Tck.submission(identity, envelope, content)));
    }

    /**
     * Concurrent messages, each deferred once by the upstream, all arrive exactly once.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_once_alsoWhatIsDeferred() throws Exception {
        Set<String> deferred = ConcurrentHashMap.newKeySet();
        upstream.answer = message -> deferred.add(content(message)) ? notNow() : accepted();
        List<String> accepted = Tck.together(THREADS, i -> () -> acceptMany(3)).stream()
                .flatMap(List::stream)
                .toList();
        awaitEmpty();
        assertEachOnce(accepted);
        assertThat(marked()).as("marks").isZero();
    }

    /**
     * When one recipient is refused, one deferred and one accepted, each is handled separately, exactly once.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_recipients_areSettledOneByOne() throws Exception {
        Set<Integer> asked = ConcurrentHashMap.newKeySet();
        upstream.answer = message -> {
            if (addresses(message).contains("gone@dest.test")) {
                return refused("gone@dest.test");
            }
            boolean busy = addresses(message).contains("busy@dest.test");
            return busy && asked.add(asked.size()) && asked.size() < 4 ? notNow() : accepted();
        };
        String content = accept("three", "bob@dest.test", "gone@dest.test", "busy@dest.test");
        awaitEmpty();
        assertThat(upstream.arrived.stream()
                        .filter(one -> one.content.equals(content))
                        .flatMap(one -> one.recipients.stream()))
                .as("who has the message")
                .containsExactlyInAnyOrder("bob@dest.test", "busy@dest.test");
        assertThat(onlyNotice().content)
                .contains("gone@dest.test")
                .doesNotContain("Final-Recipient: rfc822; bob@dest.test");
    }

    /**
     * The sender of a message that is refused gets one notice (RFC 3464), from the null reverse-path.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_refused_senderHearsOfIt() throws Exception {
        upstream.answer = message -> sender(message).isEmpty() ? accepted() : refused();
        accept("refused", "bob@dest.test");
        awaitEmpty();
        Arrived notice = onlyNotice();
        assertThat(notice.recipients).as("who is told").containsExactly(SENDER);
        assertThat(notice.content)
                .containsIgnoringCase("report-type=delivery-status")
                .containsIgnoringCase("\r\nFinal-Recipient: rfc822; bob@dest.test\r\n")
                .containsIgnoringCase("\r\nAction: failed\r\n")
                .containsIgnoringCase("\r\nStatus: 5.1.1\r\n");
        assertThat(contents()).as("messages that arrived").isEmpty();
    }

    /**
     * A refused notice causes no notice, which could loop (RFC 5321 section 4.5.5).
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_refused_noNoticeOfANotice() throws Exception {
        upstream.answer = message -> addresses(message).contains("bob@dest.test") ? refused() : accepted();
        deliver(message("notice"), Identity.of(SENDER), "", Map.of(), "bob@dest.test");
        awaitEmpty();
        assertThat(upstream.arrived).as("what arrived").isEmpty();
    }

    /**
     * A sender who asked for no notice gets none (RFC 3461 section 4.1).
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_refused_notifyNeverIsObeyed() throws Exception {
        upstream.answer = message -> sender(message).isEmpty() ? accepted() : refused();
        deliver(message("never"), Identity.of(SENDER), SENDER, Map.of("NOTIFY", "NEVER"), "bob@dest.test");
        awaitEmpty();
        assertThat(upstream.arrived).as("what arrived").isEmpty();
    }

    /**
     * A message whose time is over is given up, and its sender is notified.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_giveUp_senderHearsOfIt() throws Exception {
        upstream.answer = message -> sender(message).isEmpty() ? accepted() : notNow();
        accept("expired", "bob@dest.test");
        time().pass(giveUp());
        awaitEmpty();
        assertThat(onlyNotice().content).contains("bob@dest.test");
    }

    /**
     * One account's many messages do not delay another's single one.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_fairness_accountsTakeTurns() throws Exception {
        upstream.answer = message -> unreachable();
        acceptMany(MANY);
        String single = message("single");
        deliver(single, Identity.of("eve@other.test"), "eve@other.test", Map.of(), "bob@dest.test");
        upstream.answer = message -> accepted();
        awaitEmpty();
        assertThat(contents()).as("contents").contains(single);
        assertThat(contents().indexOf(single)).as("turn of the single one").isLessThan(MANY * 3 / 4);
    }

    private static void awaitKill(@Nullable Incarnation mine) {
        if (mine != null) {
            try {
                mine.killed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void awaitEmpty() throws Exception {
        while (!isEmpty()) {
            time().pass(time().tick());
            LockSupport.parkNanos(5_000_000); // for the spool's threads; ContractDeadline ends it
        }
    }

    private List<String> acceptMany(int count) {
        List<String> accepted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            accepted.add(accept("message " + i, "bob@dest.test"));
        }
        return accepted;
    }

    private String accept(String text, String... recipients) {
        String content = message(text);
        deliver(content, Identity.of(SENDER), SENDER, Map.of(), recipients);
        return content;
    }

    private void deliver(
            String content, Identity identity, String sender, Map<String, String> parameters, String... recipients) {
        List<Recipient> to = Arrays.stream(recipients)
                .map(address -> new Recipient(MailAddress.parse(address), new EsmtpParameters(parameters)))
                .toList();
        ReversePath path = sender.isEmpty() ? ReversePath.empty() : ReversePath.of(MailAddress.parse(sender));
        Envelope envelope = new Envelope(path, EsmtpParameters.none(), to);
        TestContent octets = TestContent.of(content.getBytes(StandardCharsets.US_ASCII));
        UpstreamDelivery opened = spool;
        assertThat(opened).as("the spool").isNotNull();
        if (opened != null) {
            assertThat(opened.deliver(Tck.submission(identity, envelope, octets)))
                    .as("result of the spool")
                    .isInstanceOf(Accepted.class);
        }
    }

    private static String message(String text) {
        return "From: ann@client.test\r\nSubject: " + Tck.unique(text.replace(' ', '-')) + "\r\n\r\n" + text + "\r\n";
    }

    private void assertEachOnce(List<String> accepted) {
        assertThat(contents()).as("contents").containsExactlyInAnyOrderElementsOf(accepted);
    }

    /** The contents of senders' messages only; a spool may also send delay notices. */
    private List<String> contents() {
        return upstream.arrived.stream()
                .filter(one -> !one.reversePath.isEmpty())
                .map(Arrived::content)
                .toList();
    }

    private Arrived onlyNotice() {
        List<Arrived> notices = upstream.arrived.stream()
                .filter(one -> one.reversePath.isEmpty() && one.content.contains("Action: failed"))
                .toList();
        assertThat(notices).as("notices of a failure").hasSize(1);
        return notices.get(0);
    }

    private static DeliveryResult accepted() {
        return DeliveryResult.accepted("up", Reply.fromUpstream(250, List.of("2.0.0 taken")));
    }

    private static DeliveryResult notNow() {
        return DeliveryResult.deferred("up", Reason.FAILED, "450 4.2.1 busy");
    }

    private static DeliveryResult unreachable() {
        return DeliveryResult.deferred("up", Reason.UNREACHABLE, "connection refused");
    }

    private static DeliveryResult refused(String... recipients) {
        return DeliveryResult.rejected(
                "up",
                REFUSED,
                Arrays.stream(recipients)
                        .map(address -> new RefusedRecipient(MailAddress.parse(address), REFUSED))
                        .toList());
    }
}
