package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of an {@link UpstreamDelivery}: every accepted message has arrived whole and once, and no other has.
 * Extend it, create the delivery in {@link #newDelivery}, return what the other side received in {@link #arrived}, and
 * run it with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class UpstreamDeliveryContract {

    private static final int THREADS = 6;
    private static final String SENDER = "ann@client.test";

    /**
     * A message that the other side has received.
     *
     * @param reversePath the sender without angle brackets, empty for the null reverse-path
     * @param recipients the recipients without angle brackets, in order
     * @param content the octets of the content
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record Arrived(String reversePath, List<String> recipients, byte[] content) {
        /**
         * Copies the recipients.
         *
         * @param reversePath as {@link #reversePath()}
         * @param recipients as {@link #recipients()}
         * @param content as {@link #content()}
         */
        public Arrived {
            recipients = List.copyOf(recipients);
        }
    }

    /** How the other side can be told to behave. */
    public enum OtherSide {
        /** Works as it should. */
        WORKS,
        /** Cannot be reached. */
        UNREACHABLE,
        /** Says "not now" to every message. */
        REFUSES_FOR_NOW,
        /** Says "never" to every message. */
        REFUSES_FOR_GOOD,
        /** Says "never" to the recipient {@code refused@dest.test}, and takes others. */
        REFUSES_ONE_RECIPIENT,
        /** Receives the whole content, but is lost before it replies (RFC 1047). */
        IS_LOST_AT_THE_END
    }

    private UpstreamDelivery delivery;

    /** For subclasses, which test an implementation. */
    protected UpstreamDeliveryContract() {}

    /**
     * Creates the delivery under test; called once before each test.
     *
     * @return a delivery, closed after the test
     * @throws Exception fails the test
     */
    protected abstract UpstreamDelivery newDelivery() throws Exception;

    /**
     * Returns the messages that the other side has received since the test began.
     *
     * @return messages in any order
     * @throws Exception fails the test
     */
    protected abstract List<Arrived> arrived() throws Exception;

    /**
     * Tells the other side how to behave from now on.
     *
     * @param state the behaviour
     * @return true when done; false, as by default, when it is not possible
     * @throws Exception fails the test
     */
    protected boolean set(OtherSide state) throws Exception {
        return false;
    }

    /**
     * Creates the delivery.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openDelivery() throws Exception {
        delivery = newDelivery();
    }

    /** Closes the delivery. */
    @AfterEach
    public final void closeDelivery() {
        delivery.close();
    }

    /**
     * An accepted message has arrived when the call returns: once, with its envelope, octet for octet.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_accepted_hasArrivedOnceAndWhole() throws Exception {
        TestContent content = message("hello");
        String[] recipients = atMost(delivery.maxRecipients(), "bob@dest.test", "carl@dest.test");
        assertAccepted(delivery.deliver(submission(content, SENDER, recipients)));
        Arrived one = onlyArrived();
        assertThat(one.reversePath()).as("reverse-path").isEqualTo(SENDER);
        assertThat(one.recipients()).as("recipients").containsExactly(recipients);
        assertThat(one.content()).as("content").isEqualTo(content.octets());
    }

    /**
     * The content is unchanged, even when sent again: dots, empty lines, 8-bit text, no line at all.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_accepted_contentIsNotChanged() throws Exception {
        List<String> bodies = List.of(
                "",
                "\r\n",
                ".\r\n",
                "..\r\n.\r\n\r\n.x\r\n",
                "caf\u00e9\r\n",
                "caf\u00e9\r\n",
                "x".repeat(998) + "\r\n",
                "\r\n\r\n\r\n");
        for (String body : bodies) {
            assertAccepted(delivery.deliver(submission(message(body), SENDER, "bob@dest.test")));
        }
        byte[] large = ".0123456789abcdef\r\n"
                .repeat(60_000) // dots at every place of a block
                .getBytes(StandardCharsets.US_ASCII);
        assertAccepted(delivery.deliver(submission(TestContent.of(large), SENDER, "bob@dest.test")));
        Stream<byte[]> sent =
                Stream.concat(bodies.stream().map(body -> message(body).octets()), Stream.of(large));
        assertThat(arrived().stream().map(one -> text(one.content())))
                .as("contents")
                .containsExactlyInAnyOrderElementsOf(
                        sent.map(UpstreamDeliveryContract::text).toList());
    }

    /**
     * Content is octets, not text: it arrives unchanged in any charset or none.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_accepted_contentIsNoText() throws Exception {
        byte[] header = "From: ann@client.test\r\nSubject: octets\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        List<byte[]> bodies = List.of(
                TestContent.noText(),
                "caf\u00e9\r\n".getBytes(StandardCharsets.ISO_8859_1),
                "\ufeffcafe\u0301 \u0085\u2028\u2029 \t \r\n \r\n".getBytes(StandardCharsets.UTF_8),
                "\u000b\u000c\u001c\u001a end\r\n".getBytes(StandardCharsets.US_ASCII),
                "\u65e5\u672c\r\n".getBytes(StandardCharsets.UTF_8));
        List<String> sent = new ArrayList<>();
        for (byte[] body : bodies) {
            byte[] octets = Arrays.copyOf(header, header.length + body.length);
            System.arraycopy(body, 0, octets, header.length, body.length);
            assertAccepted(delivery.deliver(submission(TestContent.of(octets), SENDER, "bob@dest.test")));
            sent.add(text(octets));
        }
        assertThat(arrived().stream().map(one -> text(one.content())))
                .as("contents, an octet a character")
                .containsExactlyInAnyOrderElementsOf(sent);
    }

    /**
     * Local parts arrive as written: their case matters (RFC 5321 section 2.4), and quotes belong to them.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_accepted_addressesAreNotChanged() throws Exception {
        String[] recipients = {"Bob.Smith@dest.test", "bob.smith@dest.test", "\"b.. c\"@dest.test", "b+tag@dest.test"};
        int most = Math.max(1, delivery.maxRecipients());
        List<String> sent = List.of(recipients);
        for (int from = 0; from < sent.size(); from += Math.min(most, sent.size())) {
            String[] some = sent.subList(from, Math.min(most, sent.size() - from) + from)
                    .toArray(String[]::new);
            assertAccepted(delivery.deliver(submission(message("hello"), "Ann+Tag@client.test", some)));
        }
        assertThat(arrived().stream().map(Arrived::reversePath))
                .as("reverse-path")
                .containsOnly("Ann+Tag@client.test");
        assertThat(arrived().stream().flatMap(one -> one.recipients().stream()))
                .as("recipients")
                .containsExactlyInAnyOrder(recipients);
    }

    /**
     * A message with ESMTP parameters arrives whole, or is not accepted.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_parameters_messageArrivesWholeOrIsNotAccepted() throws Exception {
        EsmtpParameters ofMail = new EsmtpParameters(
                Map.of("BODY", "8BITMIME", "SMTPUTF8", "", "RET", "HDRS", "ENVID", "e1", "SIZE", "1000"));
        EsmtpParameters ofRcpt =
                new EsmtpParameters(Map.of("NOTIFY", "FAILURE,DELAY", "ORCPT", "rfc822;bob@dest.test"));
        TestContent content = message("caf\u00e9");
        List<Recipient> to = List.of(new Recipient(MailAddress.parse("j\u00f6rg@dest.test"), ofRcpt));
        Envelope envelope = new Envelope(ReversePath.of(MailAddress.parse(SENDER)), ofMail, to);
        boolean accepted = acceptedBy(Tck.submission(Identity.of(SENDER), envelope, content));
        assertThat(arrived().stream().map(one -> one.reversePath() + one.recipients() + text(one.content())))
                .as("what arrived, accepted: %s", accepted)
                .isEqualTo(accepted ? List.of(SENDER + "[j\u00f6rg@dest.test]" + text(content.octets())) : List.of());
        assertClosed(content);
    }

    /**
     * The null reverse-path of a notification stays the null reverse-path (RFC 5321 section 4.5.5).
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_accepted_nullReversePathStays() throws Exception {
        assertAccepted(delivery.deliver(submission(message("notification"), "", "bob@dest.test")));
        assertThat(onlyArrived().reversePath()).as("reverse-path").isEmpty();
    }

    /**
     * Many recipients all arrive, in one message.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_accepted_allRecipientsOfOneMessage() throws Exception {
        String[] recipients = Stream.iterate(0, i -> i + 1)
                .limit(Math.min(100, delivery.maxRecipients()))
                .map(i -> "r" + i + "@dest.test")
                .toArray(String[]::new);
        assertAccepted(delivery.deliver(submission(message("hello"), SENDER, recipients)));
        assertThat(arrived().stream().flatMap(one -> one.recipients().stream()))
                .as("recipients of all that arrived")
                .containsExactlyInAnyOrder(recipients);
    }

    /** The maximum of recipients is one or more, and for a given message at least the general one. */
    @Test
    public final void required_maxRecipients_isOneOrMoreAndNoLessForAGivenMessage() {
        int any = delivery.maxRecipients();
        assertThat(any).as("maxRecipients()").isPositive();
        Submission one = submission(message("hello"), SENDER, "bob@dest.test");
        assertThat(delivery.maxRecipients(one.identity(), one.envelope()))
                .as("maxRecipients(identity, envelope)")
                .isGreaterThanOrEqualTo(any);
    }

    /**
     * Concurrent messages each arrive once, with their own envelope and content.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_concurrency_eachMessageArrivesOnce() throws Exception {
        Tck.together(THREADS, thread -> () -> {
            for (int i = 0; i < 4; i++) {
                String name = thread + "-" + i;
                assertAccepted(delivery.deliver(submission(message(name), SENDER, "r" + name + "@dest.test")));
            }
            return true;
        });
        List<String> expected = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            for (int i = 0; i < 4; i++) {
                String name = thread + "-" + i;
                expected.add("[r" + name + "@dest.test]" + text(message(name).octets()));
            }
        }
        assertThat(arrived().stream().map(one -> one.recipients() + text(one.content())))
                .as("recipients and contents")
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    /** Every opened content stream is closed when the call returns. */
    @Test
    public final void required_content_isClosed() {
        TestContent content = message("hello");
        assertAccepted(delivery.deliver(submission(content, SENDER, "bob@dest.test")));
        assertThat(content.open.get()).as("streams that were left open").isZero();
    }

    /**
     * The content is not read after the call has returned, because its storage is freed.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_content_isNotReadAfterTheCall() throws Exception {
        TestContent content = message("hello");
        assertAccepted(delivery.deliver(submission(content, SENDER, "bob@dest.test")));
        content.free();
        assertAccepted(delivery.deliver(submission(message("next"), SENDER, "bob@dest.test")));
        assertThat(arrived()).as("messages").hasSize(2);
        assertThat(content.readAfterFree.get()).as("readings of freed content").isZero();
    }

    /**
     * Content that cannot be read to its end is never accepted, and never arrives in part; its streams are closed.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_content_thatCannotBeReadDoesNotArrive() throws Exception {
        TestContent broken = message("x".repeat(200) + "\r\n" + "y".repeat(200)).breakingAfter(150);
        assertThat(acceptedBy(submission(broken, SENDER, "bob@dest.test")))
                .as("accepted")
                .isFalse();
        assertThat(arrived()).as("messages").isEmpty();
        assertThat(broken.open.get()).as("streams that were left open").isZero();
        assertAccepted(delivery.deliver(submission(message("next"), SENDER, "bob@dest.test")));
        assertThat(arrived()).as("messages after the next delivery").hasSize(1);
    }

    /**
     * If the other side cannot be reached, the result is {@link Reason#UNREACHABLE}; it is used again when it is back.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_unreachable_isDeferredAndUsedAgainWhenItIsBack() throws Exception {
        other(OtherSide.UNREACHABLE);
        assertDeferred(Reason.UNREACHABLE);
        other(OtherSide.WORKS);
        assertThat(arrived()).as("messages").isEmpty();
        assertAccepted(delivery.deliver(submission(message("next"), SENDER, "bob@dest.test")));
    }

    /**
     * "Not now" is {@link Reason#FAILED}; nothing arrives, not even later.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_refusedForNow_isDeferredAndDoesNotArrive() throws Exception {
        other(OtherSide.REFUSES_FOR_NOW);
        assertDeferred(Reason.FAILED);
        other(OtherSide.WORKS);
        assertAccepted(delivery.deliver(submission(message("next"), SENDER, "bob@dest.test")));
        assertThat(text(onlyArrived().content())).as("what arrived").contains("next");
    }

    /**
     * "Never" is rejected with a 5xx reply, and does not arrive.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_refusedForGood_isRejectedAndDoesNotArrive() throws Exception {
        other(OtherSide.REFUSES_FOR_GOOD);
        TestContent content = message("hello");
        DeliveryResult result = delivery.deliver(submission(content, SENDER, "bob@dest.test"));
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(arrived()).as("messages").isEmpty();
        assertClosed(content);
    }

    /**
     * If one recipient is refused permanently, none gets the message, and the refused one is named.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_oneRecipientRefused_noneIsServed() throws Exception {
        if (delivery.maxRecipients() < 3) {
            Tck.skip("nothing to try it with: the delivery takes fewer recipients than three");
        }
        other(OtherSide.REFUSES_ONE_RECIPIENT);
        TestContent content = message("hello");
        DeliveryResult result =
                delivery.deliver(submission(content, SENDER, "bob@dest.test", "refused@dest.test", "carl@dest.test"));
        assertThat(result).isInstanceOf(Rejected.class);
        assertClosed(content);
        assertThat(((Rejected) result).recipients().stream().map(RefusedRecipient::address))
                .as("recipients that the result names")
                .containsExactly(MailAddress.parse("refused@dest.test"));
        assertThat(arrived()).as("messages").isEmpty();
        assertAccepted(delivery.deliver(submission(message("hello"), SENDER, "bob@dest.test", "carl@dest.test")));
    }

    /**
     * A connection lost before the reply is {@link Reason#AMBIGUOUS}; the message, which could arrive twice, is not
     * tried again.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_lostAtTheEnd_isAmbiguousAndNotTriedAgain() throws Exception {
        other(OtherSide.IS_LOST_AT_THE_END);
        assertDeferred(Reason.AMBIGUOUS);
        other(OtherSide.WORKS);
        assertThat(arrived()).as("messages").hasSizeLessThanOrEqualTo(1);
    }

    /** Null causes an exception. */
    @Test
    public final void required_null_isAnException() {
        assertThat(Tck.throwsException(() -> delivery.deliver(Tck.missing())))
                .as("deliver(null) throws")
                .isTrue();
    }

    /**
     * A closed delivery accepts nothing, and can be closed again.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_close_nothingIsAcceptedAfterIt() throws Exception {
        delivery.close();
        delivery.close();
        assertThat(acceptedBy(submission(message("late"), SENDER, "bob@dest.test")))
                .as("accepted after close")
                .isFalse();
        assertThat(arrived()).as("messages").isEmpty();
    }

    /** A delivery ends by itself when the other side falls silent, within the ten minutes that a client waits. */
    @Test
    public final void untested_silence_endsTheDelivery() {
        Tck.skip("it would wait; bound each wait for the other side (RFC 5321 section 4.5.3.2), and test that");
    }

    private void other(OtherSide state) throws Exception {
        if (!set(state)) {
            Tck.skip("nothing to try it with: override set(OtherSide." + state + ")");
        }
    }

    private Arrived onlyArrived() throws Exception {
        List<Arrived> all = arrived();
        assertThat(all).as("messages that arrived").hasSize(1);
        return all.get(0);
    }

    private boolean acceptedBy(Submission submission) {
        try {
            return delivery.deliver(submission) instanceof Accepted;
        } catch (RuntimeException e) {
            return false; // as good as a refusal
        }
    }

    private void assertDeferred(Reason reason) {
        TestContent content = message("hello");
        DeliveryResult result = delivery.deliver(submission(content, SENDER, "bob@dest.test"));
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason()).as("reason").isEqualTo(reason);
        assertClosed(content);
    }

    private static void assertClosed(TestContent content) {
        assertThat(content.open.get()).as("streams that were left open").isZero();
    }

    private static String[] atMost(int count, String... recipients) {
        return Arrays.copyOf(recipients, Math.min(recipients.length, Math.max(1, count)));
    }

    private static void assertAccepted(DeliveryResult result) {
        assertThat(result).isInstanceOf(Accepted.class);
    }

    private static TestContent message(String body) {
        String text = "From: ann@client.test\r\nMessage-ID: <1@client.test>\r\n\r\n" + body; // one for all messages
        return TestContent.of((text.endsWith("\r\n") ? text : text + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private static Submission submission(TestContent content, String sender, String... recipients) {
        ReversePath path = sender.isEmpty() ? ReversePath.empty() : ReversePath.of(MailAddress.parse(sender));
        List<Recipient> to = Arrays.stream(recipients).map(Recipient::of).toList();
        return Tck.submission(Identity.of(SENDER), new Envelope(path, EsmtpParameters.none(), to), content);
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
