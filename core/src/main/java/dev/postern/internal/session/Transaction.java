package dev.postern.internal.session;

import dev.postern.internal.content.ContentGate;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A mail transaction (RFC 5321 section 3.3), from MAIL to its end. Holds quota and content, which closing frees. */
final class Transaction implements AutoCloseable {

    final String id;
    final Identity identity;
    final QuotaGate.Tab quota;
    private Envelope sender;
    private final List<Recipient> recipients = new ArrayList<>();
    private boolean recipientRefused;
    private ContentGate.@Nullable Receiver receiver;
    private @Nullable Reply chunkFailure;
    private long chunkOctets;

    Transaction(String id, Identity identity, Envelope sender, QuotaGate.Tab quota) {
        this.id = id;
        this.identity = identity;
        this.sender = sender;
        this.quota = quota;
    }

    /** The envelope without recipients. */
    Envelope sender() {
        return sender;
    }

    void sender(Envelope accepted) {
        sender = accepted;
    }

    List<Recipient> recipients() {
        return Collections.unmodifiableList(recipients);
    }

    void add(Recipient recipient) {
        recipients.add(recipient);
    }

    void refusedRecipient() {
        recipientRefused = true;
    }

    boolean everyRecipientRefused() {
        return recipients.isEmpty() && recipientRefused;
    }

    Envelope envelope() {
        return new Envelope(sender.reversePath(), sender.parameters(), recipients);
    }

    ContentGate.@Nullable Receiver receiver() {
        return receiver;
    }

    void receiver(ContentGate.Receiver newReceiver) {
        receiver = newReceiver;
    }

    boolean receivesChunks() {
        return receiver != null || chunkFailure != null;
    }

    /** One failed chunk fails all that follow, until the transaction ends (RFC 3030 section 2). */
    @Nullable
    Reply chunkFailure() {
        return chunkFailure;
    }

    void failChunks(Reply reply) {
        chunkFailure = reply;
    }

    /** Counts announced octets; more than a long can hold stays at the most. */
    long announce(long octets) {
        chunkOctets = octets > Long.MAX_VALUE - chunkOctets ? Long.MAX_VALUE : chunkOctets + octets;
        return chunkOctets;
    }

    @Override
    public void close() {
        if (receiver != null) {
            receiver.close();
        }
        quota.close();
    }
}
