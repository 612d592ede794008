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

    /** {@return the reverse-path, as it stood between the angle brackets of MAIL; empty for the null reverse-path} */
    public String reversePath() {
        return transaction.reversePath();
    }

    /** {@return the ESMTP parameters of MAIL as they came, in order, for instance {@code BODY=8BITMIME}} */
    public List<String> mailParameters() {
        return transaction.parameters();
    }

    /**
     * {@return the recipients that were accepted, in order; at least one, unless a script answers DATA with 354 all the
     * same}
     */
    public List<ReceivedRecipient> recipients() {
        return transaction.recipients();
    }

    /** {@return the addresses of {@link #recipients()}, as they stood between the angle brackets, in order} */
    public List<String> recipientAddresses() {
        return recipients().stream().map(ReceivedRecipient::address).toList();
    }

    /** {@return a copy of the content, after DATA without dot-stuffing and final dot} */
    public byte[] content() {
        return content.clone();
    }

    /** {@return the content, read as UTF-8} */
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
     * {@return a copy of the content as it came over the wire: after DATA with dot-stuffing and the final dot, after
     * BDAT the chunks' octets}
     */
    public byte[] wire() {
        return wire.clone();
    }

    /**
     * {@return the index of the connection that the message came over, 0 for the first that the fake upstream accepted}
     */
    public int connection() {
        return transaction.connection();
    }

    /** {@return whether the message came over TLS} */
    public boolean overTls() {
        return transaction.protection() == Wire.Protection.TLS;
    }

    /**
     * {@return the subject of the certificate that the client has shown, for instance {@code CN=client.test}; empty
     * where {@link FakeUpstream#withClientCertificates()} does not ask for one}
     */
    public Optional<String> clientSubject() {
        return transaction.clientSubject();
    }

    /** {@return the user who had logged in; empty without AUTH} */
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
