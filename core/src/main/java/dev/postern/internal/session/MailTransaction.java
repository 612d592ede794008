package dev.postern.internal.session;

import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.reply.Judged;
import dev.postern.internal.session.Submitter.Answer;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionInfo.Phase;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A mail transaction (RFC 5321 section 3.3), from MAIL to its end. Holds quota and content, which closing frees. */
final class MailTransaction implements AutoCloseable {

    /** So much content is read and thrown away behind a refusal; a client that has more of it is hung up on. */
    static final long MAX_DISCARDED = 1L << 30;

    /**
     * Who sends the message, which does not change while it is sent.
     *
     * @param bySasl the identity comes of AUTH
     * @param extended the client said EHLO, not HELO
     */
    record Sender(String messageId, ClientInfo client, Identity identity, boolean bySasl, boolean extended) {}

    final QuotaGate.QuotaHold quota;
    private final SessionContext context;
    private final Client client;
    private final Sender by;
    private Envelope sender; // the envelope without recipients
    private final List<Recipient> recipients = new ArrayList<>();
    private boolean recipientRefused;
    private ContentGate.@Nullable Receiver receiver;
    private @Nullable Reply chunkFailure;
    private long chunkOctets;
    private volatile Phase phase = Phase.ENVELOPE; // written by the session's thread alone
    private boolean over;

    /** RFC 5321 section 4.1.1.2. */
    MailTransaction(SessionContext context, Client client, Sender by, Envelope sender) {
        this.context = context;
        this.client = client;
        this.by = by;
        this.sender = sender;
        this.quota = context.quotas()
                .open(by.identity, by.messageId, sender.parameters().size().orElse(0));
    }

    String id() {
        return by.messageId;
    }

    /** How far it has come. For any thread. */
    Phase phase() {
        return phase;
    }

    /** Judges the sender. {@return why it is refused, and with it the transaction; empty when it is not} */
    Optional<Reply> admit() {
        EnvelopeGate envelopes = context.envelopes();
        Optional<Reply> refusal = quota.cover(1)
                .refusal()
                .or(() -> envelopes.sender(sender, by.identity, by.client).refusal());
        if (refusal.isEmpty()) {
            sender = envelopes.withOwnClaims(sender, by.identity, by.client);
        }
        return refusal;
    }

    /** Whether it has ended: its message was answered, or the last chunk of it was refused. */
    boolean over() {
        return over;
    }

    /** Whether it is known what becomes of its message: it was answered, or a chunk of it was refused. */
    boolean decided() {
        return over || chunkFailure != null;
    }

    ContentGate.Origin origin(Instant received) {
        return new ContentGate.Origin(
                by.messageId,
                by.client,
                by.identity,
                by.bySasl,
                by.extended,
                new Envelope(sender.reversePath(), sender.parameters(), recipients),
                received);
    }

    /** RFC 5321 section 4.1.1.3. */
    Reply rcpt(String arguments) {
        if (receiver != null || chunkFailure != null) {
            return StandardReply.BAD_SEQUENCE.reply("no RCPT after BDAT");
        }
        Judged<Recipient> recipient =
                context.envelopes().rcpt(arguments, sender.parameters().smtpUtf8());
        Optional<Reply> refusal = recipient.refusal().or(() -> admit(recipient.value()));
        recipientRefused |= refusal.isPresent();
        return refusal.orElseGet(StandardReply.RECIPIENT_OK::reply);
    }

    /** {@return why it is not taken; empty when it is} */
    private Optional<Reply> admit(Recipient named) {
        EnvelopeGate envelopes = context.envelopes();
        Recipient recipient = envelopes.completed(named, context.capabilities().hostName());
        List<Recipient> accepted = Collections.unmodifiableList(recipients);
        Optional<Reply> refusal = quota.cover(recipients.size() + 1)
                .refusal()
                .or(() -> upstreamTakes(recipient).refusal())
                .or(() -> envelopes
                        .recipient(sender, accepted, recipient, by.identity)
                        .refusal());
        if (refusal.isEmpty()) {
            recipients.add(recipient);
        }
        return refusal;
    }

    /** Else the message would be refused as a whole once it is there, and its client could do nothing about it. */
    private Verdict upstreamTakes(Recipient next) {
        int max = Math.min(
                context.envelopes().maxRecipients(by.identity),
                context.submitter().recipientLimit().of(sender, recipients, next, by.identity));
        return recipients.size() < max ? Verdict.proceed() : Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS, max);
    }

    /** RFC 5321 section 4.1.1.4. */
    Answer data(String arguments) throws IOException {
        Optional<Reply> refusal = refusalOfData(arguments);
        if (refusal.isPresent()) {
            return new Answer(refusal.get(), "");
        }
        Judged<ContentGate.Receiver> room = open();
        if (room instanceof Judged.Refused<ContentGate.Receiver> refused) {
            return new Answer(refused.reply(), refused.detail());
        }
        ContentGate.Receiver opened = room.value();
        receiver = opened;
        client.say(StandardReply.CONTENT_START.reply());
        try (Client.Content content = client.content()) {
            while (!opened.ended()) {
                if (opened.discarded() > mostDiscarded()) {
                    return new Answer(opened.refusal().orElseThrow().reply().closing(), "");
                }
                int there = content.await();
                content.take(opened.data(content.buffer(), content.position(), there));
            }
        }
        return submit(opened);
    }

    private Optional<Reply> refusalOfData(String arguments) {
        if (receiver != null || chunkFailure != null) {
            return Optional.of(StandardReply.BAD_SEQUENCE.reply("no DATA after BDAT")); // RFC 3030 section 3
        }
        if (!arguments.isEmpty()) {
            return Optional.of(StandardReply.BAD_ARGUMENTS.reply("DATA"));
        }
        return recipients.isEmpty() ? Optional.of(recipientsMissing()) : Optional.empty();
    }

    /** RFC 3030 section 2. */
    Answer bdat(Chunk chunk) throws IOException {
        Optional<Reply> refusal = refusalOf(chunk);
        if (refusal.isPresent()) {
            // one failed chunk fails all that follow, until the transaction ends
            chunkFailure = refusal.get();
            over = chunk.last();
            boolean discarded = chunk.discard(client, mostDiscarded());
            return new Answer(discarded ? chunkFailure : chunkFailure.closing(), "");
        }
        ContentGate.Receiver opened = Objects.requireNonNull(receiver);
        chunk.receive(client, opened::chunk);
        return chunk.last() ? submit(opened) : new Answer(StandardReply.CHUNK_OK.reply(chunk.octets()), "");
    }

    private Optional<Reply> refusalOf(Chunk chunk) {
        if (chunk.end() == Chunk.End.MALFORMED) {
            return Optional.of(Chunk.MALFORMED);
        }
        if (chunkFailure != null) {
            return Optional.of(chunkFailure);
        }
        if (recipients.isEmpty()) {
            return Optional.of(recipientsMissing());
        }
        chunkOctets = chunk.octets() > Long.MAX_VALUE - chunkOctets ? Long.MAX_VALUE : chunkOctets + chunk.octets();
        if (chunkOctets > context.envelopes().maxSize(by.identity)) {
            return Optional.of(StandardReply.MESSAGE_TOO_LARGE.reply());
        }
        if (receiver == null) {
            Judged<ContentGate.Receiver> room = open();
            if (room instanceof Judged.Refused<ContentGate.Receiver> refused) {
                return Optional.of(refused.reply());
            }
            receiver = room.value();
        }
        return Optional.empty();
    }

    private Judged<ContentGate.Receiver> open() {
        Judged<ContentGate.Receiver> room = context.contents()
                .open(sender.parameters().size().orElse(-1), context.envelopes().maxSize(by.identity));
        if (room.refusal().isEmpty()) {
            phase = Phase.CONTENT;
        }
        return room;
    }

    private Reply recipientsMissing() {
        return recipientRefused
                ? StandardReply.NO_VALID_RECIPIENTS.reply()
                : StandardReply.BAD_SEQUENCE.reply("RCPT first");
    }

    /** Nobody sends so much by mistake; nor has a message more that is refused though its size is allowed. */
    private long mostDiscarded() {
        return Math.max(MAX_DISCARDED, context.envelopes().maxSize(by.identity));
    }

    /** Every end of the content ends the transaction (RFC 5321 section 4.1.1.4). */
    private Answer submit(ContentGate.Receiver complete) throws IOException {
        over = true;
        client.flush(); // behind MAIL and RCPT in one group with BDAT: a client waits less long for their replies
        phase = Phase.UPSTREAM;
        Answer answer = context.submitter().submit(this, complete);
        if (answer.reply().code() / 100 == 2) {
            quota.commit(recipients.size());
        }
        return answer;
    }

    @Override
    public void close() {
        if (receiver != null) {
            receiver.close();
        }
        quota.close();
    }
}
