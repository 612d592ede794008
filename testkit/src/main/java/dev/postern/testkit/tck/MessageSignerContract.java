package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
import dev.postern.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a {@link MessageSigner}: it returns header fields that fit on top of any message and belong to this
 * message, or it throws. It does not check whether the signature is right, which only a verifier can. Extend it, create
 * the signer in {@link #newSigner}, name an identity whose messages are signed, and run it with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class MessageSignerContract {

    private static final int THREADS = 8;
    private static final int MOST_OCTETS = 64 << 10;
    private static final int LONGEST_LINE = 998; // RFC 5322 section 2.1.1

    // RFC 5322 section 2.2: a name, a colon, and lines that go on with a blank; none is blank altogether
    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+:[\\t -~]*(?:\\r\\n[\\t ]+[!-~][\\t -~]*)*\\r\\n");

    private MessageSigner signer;

    /** For subclasses, which test an implementation. */
    protected MessageSignerContract() {}

    /**
     * Creates the signer under test; called once before each test.
     *
     * @return a signer; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract MessageSigner newSigner() throws Exception;

    /**
     * Returns an identity whose messages are signed.
     *
     * @return an identity
     */
    protected abstract Identity identity();

    /**
     * Returns the author of the messages.
     *
     * @return an address from which the identity's messages are signed
     */
    protected abstract MailAddress author();

    /**
     * Removes from the fields what differs between two signatures of a message, such as a nonce.
     *
     * @param fields what the signer returned
     * @return what is the same each time; by default everything
     */
    protected String lasting(String fields) {
        return fields;
    }

    /**
     * Creates the signer.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openSigner() throws Exception {
        signer = newSigner();
    }

    /**
     * Closes the signer.
     *
     * @throws Exception when it cannot be closed
     */
    @AfterEach
    public final void closeSigner() throws Exception {
        Tck.close(signer);
    }

    /** Every message that passes the relay's checks is signed, with at least one field. */
    @Test
    public final void required_everyMessage_isSigned() {
        for (String message : messages()) {
            assertThat(sign(content(message))).as("fields for %s", message).isNotEmpty();
        }
    }

    /**
     * The fields are complete, in printable US-ASCII, and not too long: nothing in them ends the header or begins a
     * body.
     */
    @Test
    public final void required_fields_canStandOnTopOfAnyMessage() {
        for (String message : messages()) {
            String fields = sign(content(message));
            assertThat(fields).as("fields").matches("(?:" + FIELD.pattern() + ")*");
            assertThat(fields.length()).as("octets").isLessThanOrEqualTo(MOST_OCTETS);
            assertThat(fields.lines()).as("lines").allMatch(line -> line.length() <= LONGEST_LINE);
        }
    }

    /** The same message always gets the same fields. */
    @Test
    public final void required_fields_dependOnTheMessageAlone() {
        List<String> first = signAll();
        assertThat(signAll()).as("the second time").isEqualTo(first);
    }

    /** Concurrent calls each get the fields of their own message. */
    @Test
    public final void required_concurrency_eachGetsItsOwnFields() {
        List<String> alone = signAll();
        List<List<String>> together = Tck.together(THREADS, thread -> () -> {
            List<String> messages = messages();
            List<String> fields = new ArrayList<>(alone);
            for (int i = 0; i < messages.size(); i++) {
                int own = (i + thread) % messages.size(); // another message than most others at the same time
                fields.set(own, lasting(sign(content(messages.get(own)))));
            }
            return fields;
        });
        assertThat(together).as("fields on %s threads", THREADS).containsOnly(alone);
    }

    /** The signer closes every content stream that it opens. */
    @Test
    public final void required_content_isClosed() {
        for (String message : messages()) {
            TestContent content = content(message);
            sign(content);
            assertThat(content.open.get()).as("streams that were left open").isZero();
        }
    }

    /** The content is not read after the call; the next message is signed without it. */
    @Test
    public final void required_content_isNotReadLater() {
        TestContent content = content(messages().get(0));
        sign(content);
        content.free();
        sign(content(messages().get(1)));
        assertThat(content.readAfterFree.get()).as("readings of freed content").isZero();
    }

    /**
     * Content that cannot be read to its end causes an exception, never a signature of a part; its streams are closed.
     */
    @Test
    public final void required_content_thatCannotBeReadIsNotSignedInPart() {
        String message = messages().get(0);
        TestContent broken = content(message).breakingAfter(20);
        String fields;
        try {
            fields = lasting(sign(broken));
        } catch (RuntimeException e) {
            fields = lasting(sign(content(message))); // as it should be
        }
        assertThat(fields).as("fields, if any").isEqualTo(lasting(sign(content(message))));
        assertThat(broken.open.get()).as("streams that were left open").isZero();
    }

    /** A call bounds its own time: the client is waiting, and the relay sets no limit. */
    @Test
    public final void untested_everyCall_boundsItsTime() {
        Tck.skip("it would measure time; bound the waits of the signer's own client, and measure it under load");
    }

    private List<String> signAll() {
        return messages().stream()
                .map(message -> lasting(sign(content(message))))
                .toList();
    }

    private List<String> messages() {
        String header = "From: " + author() + "\r\nTo: bob@dest.test\r\nSubject: hello\r\n";
        return List.of(
                header + "\r\nhello\r\n",
                header + "\r\n",
                header,
                header + "Subject: again\r\n\tand folded\r\n\r\n.\r\n..\r\n\r\n\r\n",
                header + "\r\nno line end",
                header + "Content-Transfer-Encoding: 8bit\r\n\r\nJ\u00f6rg\r\n",
                header + "\r\n" + ("x".repeat(LONGEST_LINE) + "\r\n").repeat(20));
    }

    private static TestContent content(String message) {
        return TestContent.of(message.getBytes(StandardCharsets.UTF_8));
    }

    private String sign(TestContent content) {
        return signer.sign(TestMessage.of(content)
                .withId("message-" + content.size())
                .withIdentity(identity())
                .withSender("")
                .withRecipients("bob@dest.test")
                .submission()
                .withAuthor(author()));
    }
}
