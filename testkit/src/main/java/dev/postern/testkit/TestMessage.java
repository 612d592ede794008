package dev.postern.testkit;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.testkit.internal.wire.Octets;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A message as the relay passes it to a plug-in, for the plug-in's own tests. By default it is from {@code
 * ann@example.org} to {@code bob@example.net}, submitted by ann@example.org from this machine. Immutable: each method
 * returns a changed copy.
 *
 * <pre>{@code
 * Submission message = TestMessage.of("Subject: hello\r\n\r\nhello\r\n").withRecipients("eve@example.com").submission();
 * assertThat(policy.check(message)).isEqualTo(Verdict.refuse(StandardReply.FROM_DOMAIN_MISMATCH));
 * }</pre>
 */
public final class TestMessage {

    private static final String SENDER = "ann@example.org";
    private static final int SUBMISSION_PORT = 587;
    /** Rejects anything that could be a name, because a name would be looked up. */
    private static final Pattern LITERAL = Pattern.compile(
            "(25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})(\\.(25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

    private final String id;
    private final ClientInfo client;
    private final Identity identity;
    private final Envelope envelope;
    private final MessageContent content;

    private TestMessage(String id, ClientInfo client, Identity identity, Envelope envelope, MessageContent content) {
        this.id = id;
        this.client = client;
        this.identity = identity;
        this.envelope = envelope;
        this.content = content;
    }

    /**
     * Creates a message from a test's own content.
     *
     * @param content the content
     * @return the message, with a unique id
     */
    public static TestMessage of(MessageContent content) {
        return new TestMessage(
                "message-" + UUID.randomUUID(),
                clientAt("127.0.0.1"),
                Identity.of(SENDER),
                new Envelope(reversePath(SENDER), EsmtpParameters.none(), List.of(Recipient.of("bob@example.net"))),
                content);
    }

    /**
     * Creates a message from octets.
     *
     * @param octets header and body, with CRLF line ends; not copied
     * @return the message, with a unique id
     */
    public static TestMessage of(byte[] octets) {
        return of(new InMemory(octets));
    }

    /**
     * Creates a message from text.
     *
     * @param text header and body, with CRLF line ends; encoded as UTF-8
     * @return the message, with a unique id
     */
    public static TestMessage of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Creates a client connected to port 587 of this machine, without TLS.
     *
     * @param address its IP address
     * @return the client, in a session with a unique id
     * @throws IllegalArgumentException when this is not an IP address
     */
    public static ClientInfo clientAt(String address) {
        if (!LITERAL.matcher(address).matches()) {
            throw new IllegalArgumentException("address must be an IP address, not " + address);
        }
        try {
            return ClientInfo.of(
                    "session-" + UUID.randomUUID(),
                    new InetSocketAddress(InetAddress.getByName(address), 40_000),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), SUBMISSION_PORT));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address must be an IP address, not " + address, e);
        }
    }

    /**
     * Changes the reverse-path.
     *
     * @param address the envelope sender, empty for the null reverse-path
     * @return a copy
     */
    public TestMessage withSender(String address) {
        return withEnvelope(new Envelope(reversePath(address), envelope.parameters(), envelope.recipients()));
    }

    /**
     * Changes the forward-paths.
     *
     * @param addresses replace the earlier ones, in this order
     * @return a copy
     */
    public TestMessage withRecipients(String... addresses) {
        return withRecipients(Arrays.stream(addresses).map(Recipient::of).toList());
    }

    /**
     * Changes the forward-paths and their parameters.
     *
     * @param recipients replace the earlier ones, in this order
     * @return a copy
     */
    public TestMessage withRecipients(List<Recipient> recipients) {
        return withEnvelope(new Envelope(envelope.reversePath(), envelope.parameters(), recipients));
    }

    /**
     * Changes the whole envelope.
     *
     * @param newEnvelope sender, parameters of MAIL and recipients
     * @return a copy
     */
    public TestMessage withEnvelope(Envelope newEnvelope) {
        return new TestMessage(id, client, identity, newEnvelope, content);
    }

    /**
     * Changes the identity that submits the message.
     *
     * @param newIdentity the identity
     * @return a copy
     */
    public TestMessage withIdentity(Identity newIdentity) {
        return new TestMessage(id, client, newIdentity, envelope, content);
    }

    /**
     * Changes the client that the message comes from.
     *
     * @param newClient for instance {@link #clientAt}
     * @return a copy
     */
    public TestMessage withClient(ClientInfo newClient) {
        return new TestMessage(id, newClient, identity, envelope, content);
    }

    /**
     * Changes the relay's id of the message.
     *
     * @param newId unique for each message
     * @return a copy
     */
    public TestMessage withId(String newId) {
        return new TestMessage(newId, client, identity, envelope, content);
    }

    /** {@return the envelope, for an {@link dev.postern.spi.EnvelopePolicy}} */
    public Envelope envelope() {
        return envelope;
    }

    /**
     * {@return the message as a delivery, a signer or a {@link dev.postern.spi.ContentPolicy} gets it: received at
     * {@link Instant#EPOCH}, without an author or a waiting client; {@link Submission#withAuthor} and {@link
     * Submission#withTimeLeft} change that}
     */
    public Submission submission() {
        return Submission.of(id, client, identity, envelope, content, Instant.EPOCH);
    }

    private static ReversePath reversePath(String address) {
        return address.isEmpty() ? ReversePath.empty() : ReversePath.of(MailAddress.parse(address));
    }

    private static final class InMemory implements MessageContent {
        private final byte[] octets;

        private InMemory(byte[] octets) {
            this.octets = octets;
        }

        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public boolean eightBit() {
            return Octets.areEightBit(octets);
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(octets);
        }
    }
}
