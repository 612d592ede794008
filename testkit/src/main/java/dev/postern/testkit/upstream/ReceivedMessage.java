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

    /** The dialogue before the content. */
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

    /** {@return the reverse-path, as written between the angle brackets of MAIL; empty for the null reverse-path} */
    public String reversePath() {
        return transaction.reversePath();
    }

    /** {@return the ESMTP parameters of MAIL as received, in order, for instance {@code BODY=8BITMIME}} */
    public List<String> mailParameters() {
        return transaction.parameters();
    }

    /** {@return the accepted recipients, in order; at least one, unless a script answered DATA with 354 anyway} */
    public List<ReceivedRecipient> recipients() {
        return transaction.recipients();
    }

    /** {@return the addresses of {@link #recipients()}, as written between the angle brackets, in order} */
    public List<String> recipientAddresses() {
        return recipients().stream().map(ReceivedRecipient::address).toList();
    }

    /** {@return a copy of the content; for DATA, without dot-stuffing and final dot} */
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
     * {@return a copy of the content as received on the wire: for DATA, with dot-stuffing and final dot; for BDAT, the
     * chunks' octets}
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
     * {@return the subject of the client's certificate, for instance {@code CN=client.test}; empty unless {@link
     * FakeUpstream#withClientCertificates()} asked for one}
     */
    public Optional<String> clientSubject() {
        return transaction.clientSubject();
    }

    /** {@return the user who logged in; empty without AUTH} */
    public Optional<String> authenticatedUser() {
        return transaction.user();
    }

    /** Returns envelope and size, for failure messages. */
    @Override
    public String toString() {
        return "ReceivedMessage[<" + reversePath() + "> to " + recipientAddresses() + ", " + content.length
                + " octets, connection " + connection() + "]";
    }
}
