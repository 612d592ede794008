package dev.postern.internal.upstream;

import dev.postern.internal.upstream.UpstreamException.Kind;
import dev.postern.internal.upstream.UpstreamPool.Settings;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One message over one connection (RFC 5321 section 3.3): all recipients or none. */
final class Transaction {

    /** How far it came. */
    private enum Stage {
        MAIL,
        RCPT,
        DATA,
        CONTENT,
        /** The last octet of the end of the content was handed over: the upstream may have the message. */
        END
    }

    /** What may be done with the connection. */
    enum After {
        KEEP,
        DROP,
        /** It was dead before MAIL, for all we know: nothing of the message was taken. */
        STALE
    }

    /**
     * How it ended.
     *
     * @param result for the client
     * @param after for the pool
     */
    record Outcome(DeliveryResult result, After after) {}

    private final Settings settings;
    private final Connection connection;
    private final Submission submission;
    private final EnvelopeCommands commands;
    private Stage stage = Stage.MAIL;

    Transaction(Settings settings, ReadyConnection ready, Submission submission) {
        this.settings = settings;
        this.connection = ready.connection();
        this.submission = submission;
        this.commands = new EnvelopeCommands(submission.envelope(), submission.content(), ready.extensions());
    }

    Outcome run() {
        Optional<StandardReply> unsupported = commands.unsupported();
        if (unsupported.isPresent()) {
            return new Outcome(rejected(unsupported.get().reply(), List.of()), After.KEEP);
        }
        try {
            return transact();
        } catch (UpstreamException e) {
            return lost(e);
        } catch (IOException e) {
            // the file, not the socket; without the final dot nothing is delivered (RFC 5321 section 4.1.1.4)
            return deferred("content cannot be read: " + e, After.DROP);
        }
    }

    private Outcome transact() throws IOException {
        UpstreamReply mail = exchange(commands.mail());
        if (!mail.positive()) {
            return refused(mail);
        }
        Optional<Outcome> refusal = recipients();
        if (refusal.isPresent()) {
            return refusal.get();
        }
        stage = Stage.DATA;
        UpstreamReply data = exchange("DATA");
        if (data.code() != 354) {
            return refused(data);
        }
        stage = Stage.CONTENT;
        try {
            sendContent();
        } catch (UpstreamException e) {
            return lastWords(e);
        }
        stage = Stage.END;
        connection.limit(settings.dataTimeout());
        UpstreamReply end = connection.reply();
        if (!end.positive()) {
            return refused(end);
        }
        return new Outcome(new Accepted(settings.name(), end.toReply()), After.KEEP);
    }

    /** Asks for all recipients, also behind a refused one, so that the client hears of every one that it must drop. */
    private Optional<Outcome> recipients() throws UpstreamException {
        stage = Stage.RCPT;
        List<RefusedRecipient> refused = new ArrayList<>();
        List<UpstreamReply> postponed = new ArrayList<>();
        try {
            for (Recipient recipient : submission.envelope().recipients()) {
                UpstreamReply reply = exchange(commands.rcpt(recipient));
                if (reply.permanent()) {
                    refused.add(new RefusedRecipient(recipient.address(), reply.toReply()));
                } else if (reply.closing() && !refused.isEmpty()) {
                    return Optional.of(rejected(refused, After.DROP));
                } else if (reply.closing()) {
                    return Optional.of(refused(reply));
                } else if (!reply.positive()) {
                    postponed.add(checked(reply));
                }
            }
        } catch (UpstreamException e) {
            if (refused.isEmpty()) {
                throw e;
            }
            return Optional.of(rejected(refused, After.DROP)); // the message was refused whatever else was to come
        }
        if (!refused.isEmpty()) {
            return Optional.of(rejected(refused, reset()));
        }
        return postponed.isEmpty() ? Optional.empty() : Optional.of(refused(postponed.get(0)));
    }

    private void sendContent() throws IOException {
        connection.limit(settings.dataTimeout());
        DotStuffing out = new DotStuffing(connection);
        submission.content().writeTo(out);
        if (out.octets() != submission.content().size()) {
            throw new IOException(
                    out.octets() + " octets in place of " + submission.content().size());
        }
        connection.expectSilence(); // else the reply to the end of the content would have been given before it
        out.end();
        // A write that fails has not handed over its last octet, and without that one there is no end of the content.
        connection.flush();
    }

    /** The upstream may have refused the message before it had all of it: it will never have the end of it. */
    private Outcome lastWords(UpstreamException e) throws UpstreamException {
        if (e.kind() == Kind.LOST) {
            Optional<UpstreamReply> reply = connection.lastWords();
            if (reply.isPresent()) {
                return new Outcome(refusal(reply.get()), After.DROP);
            }
        }
        throw e;
    }

    private Outcome refused(UpstreamReply reply) throws UpstreamException {
        checked(reply);
        DeliveryResult result = refusal(reply);
        if (reply.closing()) {
            return new Outcome(result, stage == Stage.MAIL ? After.STALE : After.DROP);
        }
        // the end of the content has cleared everything, whatever the reply (RFC 5321 section 4.1.1.4)
        return new Outcome(result, stage == Stage.END ? After.KEEP : reset());
    }

    private DeliveryResult refusal(UpstreamReply reply) {
        return reply.permanent()
                ? rejected(reply.toReply(), List.of())
                : new Deferred(settings.name(), Reason.FAILED, stage + ": " + reply);
    }

    private Outcome lost(UpstreamException e) {
        Reason reason = stage == Stage.END ? Reason.AMBIGUOUS : Reason.FAILED;
        // a time-out is no sign of a dead connection, and to wait once more would be too long for the client
        After after = stage == Stage.MAIL && e.kind() == Kind.LOST ? After.STALE : After.DROP;
        return new Outcome(new Deferred(settings.name(), reason, stage + ": " + e.getMessage()), after);
    }

    private Outcome deferred(String detail, After after) {
        String printable = Reply.printable(stage + ": " + detail, Reply.MAX_LINE_OCTETS);
        return new Outcome(new Deferred(settings.name(), Reason.FAILED, printable), after);
    }

    private Outcome rejected(List<RefusedRecipient> refused, After after) {
        return new Outcome(rejected(refused.get(0).reply(), refused), after);
    }

    private Rejected rejected(Reply reply, List<RefusedRecipient> refused) {
        return new Rejected(settings.name(), reply, refused);
    }

    private After reset() {
        try {
            return exchange("RSET").positive() ? After.KEEP : After.DROP;
        } catch (UpstreamException e) {
            return After.DROP; // the result stands
        }
    }

    private UpstreamReply exchange(String command) throws UpstreamException {
        Duration limit = settings.commandTimeout();
        return connection.exchange(command, limit);
    }

    /** Neither done nor refused is no answer to any of our commands: the upstream is out of step. */
    private static UpstreamReply checked(UpstreamReply reply) throws UpstreamException {
        if (!reply.negative()) {
            throw new UpstreamException(Kind.LOST, "unexpected reply: " + reply);
        }
        return reply;
    }
}
