package dev.postern.testkit.upstream;

import dev.postern.testkit.internal.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A message that a {@link FakeUpstream} has accepted, octet for octet. Immutable. */
public final class ReceivedMessage {

    private final Transaction transaction;
    private final byte[] wire;
    private final byte[] content;

    /** What was said before the content. */
    record Transaction(
            int connection,
            Wire.Protection protection,
            Optional<String> clientSubject,
            Optional<String> user,
            String reversePath,
            List<String> parameters,
            List<ReceivedRecipient> recipients) {}

    ReceivedMessage(Transaction transaction, byte[] wire, byte[] content) {
        this.transaction = transaction;
        this.wire = wire;
        this.content = content;
    }

    /**
     * Returns the reverse-path.
     *
     * @return what stood between the angle brackets of MAIL, empty for the null reverse-path
     */
    public String reversePath() {
        return transaction.reversePath();
    }

    /**
     * Returns the ESMTP parameters of MAIL.
     *
     * @return as they came, in order, for instance {@code BODY=8BITMIME}
     */
    public List<String> mailParameters() {
        return transaction.parameters();
    }

    /**
     * Returns the recipients that were accepted.
     *
     * @return in order; at least one, unless a script answers DATA with 354 all the same
     */
    public List<ReceivedRecipient> recipients() {
        return transaction.recipients();
    }

    /**
     * Returns the addresses of the recipients that were accepted.
     *
     * @return what stood between the angle brackets, in order, of each of {@link #recipients()}
     */
    public List<String> recipientAddresses() {
        return recipients().stream().map(ReceivedRecipient::address).toList();
    }

    /**
     * Returns the content.
     *
     * @return a copy of the octets, after DATA without dot-stuffing and final dot
     */
    public byte[] content() {
        return content.clone();
    }

    /**
     * Returns the content as text.
     *
     * @return the content, read as UTF-8
     */
    public String contentText() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /**
     * Reads the content as a message.
     *
     * @return header fields and parts
     */
    public MessagePart message() {
        return MessagePart.parse(content);
    }

    /**
     * Returns the content as it came over the wire.
     *
     * @return a copy of the octets: after DATA with dot-stuffing and the final dot, after BDAT the chunks' octets
     */
    public byte[] wire() {
        return wire.clone();
    }

    /**
     * Returns the connection that the message came over.
     *
     * @return its index, 0 for the first that the fake upstream accepted
     */
    public int connection() {
        return transaction.connection();
    }

    /**
     * Tells whether the message came over TLS.
     *
     * @return true when it did
     */
    public boolean overTls() {
        return transaction.protection() == Wire.Protection.TLS;
    }

    /**
     * Returns whose certificate the client has shown.
     *
     * @return its subject, for instance {@code CN=client.test}; empty where {@link FakeUpstream#withClientCertificates()}
     *     does not ask for one
     */
    public Optional<String> clientSubject() {
        return transaction.clientSubject();
    }

    /**
     * Returns the user who had logged in.
     *
     * @return the user name, empty without AUTH
     */
    public Optional<String> authenticatedUser() {
        return transaction.user();
    }

    /** Returns envelope and size, for failure texts. */
    @Override
    public String toString() {
        return "ReceivedMessage[<" + reversePath() + "> to " + recipientAddresses() + ", " + content.length
                + " octets, connection " + connection() + "]";
    }
}
