package dev.postern.internal.upstream;

import dev.postern.internal.upstream.Results.Stage;
import dev.postern.internal.upstream.UpstreamException.Kind;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamTimeouts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One message over one connection (RFC 5321 section 3.3): all recipients or none. Two round trips where the upstream takes
 * pipelining (RFC 2920): MAIL, every RCPT and DATA in one write, and the content with its end.
 */
final class Transaction {

    /**
     * So many commands are sent before their replies are read. Their replies, of a full line each, find room in any
     * socket's buffers, so that neither side waits for the other to read (RFC 2920 section 3.1).
     */
    static final int MAX_GROUP = 100;

    /** What may be done with the connection. */
    enum After {
        KEEP,
        DROP,
        /** It was dead before MAIL, for all we know: nothing of the message was taken. */
        STALE,
        /** It refuses MAIL, and has carried messages before: a fresh one may take it. Nothing of the message was taken. */
        WORN,
        /** The upstream did not answer in time, so the connections that rest may be dead as well. */
        SUSPECT
    }

    /**
     * How it ended.
     *
     * @param result for the client
     * @param after for the pool
     */
    record Outcome(DeliveryResult result, After after) {}

    private final UpstreamTimeouts timeouts;
    private final Connection connection;
    private final Submission submission;
    private final Results results;
    private final EnvelopeCommands commands;
    private final List<Recipient> recipients;
    private final boolean pipelining;
    private final boolean chunking;
    private final List<RefusedRecipient> refused = new ArrayList<>(0);
    private @Nullable UpstreamReply mailRefusal;
    private @Nullable UpstreamReply postponement; // the first recipient that was refused for now
    private @Nullable UpstreamReply dataRefusal;
    private int accepted; // recipients
    private final RecipientCount count = new RecipientCount();
    private boolean contentAwaited;
    private Stage stage = Stage.MAIL;

    Transaction(UpstreamTimeouts timeouts, ReadyConnection ready, Submission submission, Results results) {
        this.timeouts = timeouts;
        this.connection = ready.connection();
        this.submission = submission;
        this.results = results;
        this.commands = new EnvelopeCommands(submission.envelope(), submission.content(), ready);
        this.recipients = submission.envelope().recipients();
        this.pipelining = ready.extensions().offers("PIPELINING");
        this.chunking = ready.extensions().offers("CHUNKING") && chunkingIsBetter();
    }

    Outcome run() {
        Optional<StandardReply> unsupported = commands.unsupported();
        if (unsupported.isPresent()) {
            return new Outcome(results.unsupported(unsupported.get()), After.KEEP);
        }
        try {
            Optional<Outcome> refusal = envelope();
            return refusal.isPresent() ? refusal.get() : content();
        } catch (UpstreamException e) {
            // the message was refused whatever else was to come
            After after = e.kind() == Kind.LOST && wornOut() ? After.STALE : After.DROP;
            return refusal().map(result -> new Outcome(result, after)).orElseGet(() -> lost(e));
        } catch (IOException e) { // the file, not the socket
            return new Outcome(results.unreadable(e), After.DROP);
        }
    }

    /**
     * Large content is worth to be spared the scan for dots; and to have one of several recipients refused costs no
     * connection, as it does when DATA is on its way already.
     */
    private boolean chunkingIsBetter() {
        return recipients.size() > 1 || submission.content().size() >= Connection.BUFFER_OCTETS;
    }

    /**
     * MAIL and every RCPT, and DATA when the content does not go by BDAT (RFC 3030). Asks for all recipients, also behind a
     * refused one, so that the client hears of every one that it must drop.
     */
    private Optional<Outcome> envelope() throws UpstreamException {
        int data = 1 + recipients.size();
        int total = chunking ? data : data + 1;
        int group = pipelining ? MAX_GROUP : 1;
        int begin = 0;
        while (begin < total
                && mailRefusal == null
                && (begin < data || refusal().isEmpty())) {
            int end = Math.min(begin + group, total);
            stage = stageOf(begin);
            send(begin, end);
            for (int i = begin; i < end; i++) {
                stage = stageOf(i);
                UpstreamReply reply = reply();
                take(i, reply);
                if (reply.closing()) {
                    return refusal().map(this::closed);
                }
            }
            begin = end;
        }
        return refusal().map(result -> new Outcome(result, afterRefusal()));
    }

    private After afterRefusal() {
        if (wornOut()) {
            return After.WORN;
        }
        return contentAwaited ? afterLoneDot() : reset();
    }

    /** Some servers take so many messages on a connection, and say 450, 451, 452, 550 or 554 to the next MAIL. */
    private boolean wornOut() {
        UpstreamReply refusal = mailRefusal;
        return refusal != null
                && connection.messages() > 0
                && (!refusal.permanent() || refusal.code() == 550 || refusal.code() == 554);
    }

    /** How many recipients the upstream takes in a message, 0 when this one did not show it. */
    int mostRecipients() {
        return count.limit();
    }

    private Stage stageOf(int command) {
        return command == 0 ? Stage.MAIL : command <= recipients.size() ? Stage.RCPT : Stage.DATA;
    }

    /**
     * A lone dot ends the wait for content and spares the connection (RFC 2920 section 3.1), but would be an empty message
     * to whoever was accepted.
     */
    private After afterLoneDot() {
        if (accepted > 0) {
            return After.DROP;
        }
        try {
            UpstreamReply reply = connection.exchange(".", timeouts.dataTermination());
            return reply.negative() && !reply.closing() ? After.KEEP : After.DROP;
        } catch (UpstreamException e) {
            return After.DROP; // the result stands
        }
    }

    private void send(int begin, int end) throws UpstreamException {
        connection.expectSilence();
        connection.limit(timeouts.mail()); // a group fits into the buffers on the way, unless nobody reads
        for (int i = begin; i < end; i++) {
            if (i == 0) {
                connection.command(commands.mail());
            } else {
                connection.command(i <= recipients.size() ? commands.rcpt(recipients.get(i - 1)) : "DATA");
            }
        }
        connection.flush();
    }

    private UpstreamReply reply() throws UpstreamException {
        connection.limit(
                switch (stage) {
                    case MAIL -> timeouts.mail();
                    case RCPT -> timeouts.rcpt();
                    default -> timeouts.dataInitiation();
                });
        return connection.reply();
    }

    private void take(int command, UpstreamReply reply) throws UpstreamException {
        if (stage == Stage.DATA && reply.code() == 354) {
            contentAwaited = true;
        } else if (stage == Stage.DATA) {
            dataRefusal = checked(reply);
        } else if (stage == Stage.MAIL && reply.positive()) {
            connection.used();
        } else if (stage == Stage.MAIL) {
            mailRefusal = checked(reply);
        } else {
            takeOfRecipient(command, reply);
        }
    }

    private void takeOfRecipient(int command, UpstreamReply reply) throws UpstreamException {
        boolean tooMany = count.heard(reply);
        if (reply.positive()) {
            accepted++;
        } else if (reply.permanent() && !tooMany) {
            refused.add(new RefusedRecipient(recipients.get(command - 1).address(), reply.toReply()));
        } else if (postponement == null) {
            postponement = checked(reply);
        }
    }

    /** What the replies so far say of the message; what came behind the first refusal is mostly a consequence of it. */
    private Optional<DeliveryResult> refusal() {
        if (mailRefusal != null) {
            return Optional.of(results.refused(Stage.MAIL, mailRefusal));
        }
        if (!refused.isEmpty()) {
            return Optional.of(results.refused(refused));
        }
        if (postponement != null) {
            return Optional.of(results.postponed(count.limit() > 0 ? Reason.TURNED_AWAY : Reason.FAILED, postponement));
        }
        return dataRefusal == null ? Optional.empty() : Optional.of(results.refused(Stage.DATA, dataRefusal));
    }

    private Outcome content() throws IOException {
        stage = Stage.CONTENT;
        try {
            sendContent();
        } catch (UpstreamException e) {
            return lastWords(e);
        }
        stage = Stage.END;
        connection.limit(timeouts.dataTermination());
        UpstreamReply end = connection.reply();
        if (end.positive()) {
            return new Outcome(results.accepted(end), After.KEEP);
        }
        DeliveryResult result = results.refused(stage, checked(end));
        if (end.closing()) {
            return closed(result);
        }
        // The final dot has cleared everything, whatever the reply (RFC 5321 section 4.1.1.4); a refused chunk has not
        // (RFC 3030 section 2).
        return new Outcome(result, chunking ? reset() : After.KEEP);
    }

    private void sendContent() throws IOException {
        long size = submission.content().size();
        connection.limit(timeouts.dataBlock());
        if (chunking) {
            connection.command("BDAT " + size + " LAST");
        }
        ContentOutput out = chunking ? new Chunk(connection, size) : new DotStuffing(connection);
        submission.content().writeTo(out);
        if (out.octets() != size) {
            throw new IOException(out.octets() + " octets in place of " + size);
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
                return new Outcome(results.refused(stage, reply.get()), After.DROP);
            }
        }
        throw e;
    }

    private Outcome closed(DeliveryResult result) {
        return new Outcome(result, stage == Stage.MAIL ? After.STALE : After.DROP);
    }

    private Outcome lost(UpstreamException e) {
        // after a time-out no fresh connection is tried, which would mostly be as silent; another upstream may be
        After after = switch (e.kind()) {
            case TIMED_OUT -> After.SUSPECT;
            case LOST -> stage == Stage.MAIL ? After.STALE : After.DROP;
            default -> After.DROP;
        };
        return new Outcome(results.lost(stage, e), after);
    }

    private After reset() {
        try {
            return connection.exchange("RSET", timeouts.command()).positive() ? After.KEEP : After.DROP;
        } catch (UpstreamException e) {
            return After.DROP; // the result stands
        }
    }

    /** Neither done nor refused is no answer to any of our commands: the upstream is out of step. */
    private static UpstreamReply checked(UpstreamReply reply) throws UpstreamException {
        if (!reply.negative()) {
            throw new UpstreamException(Kind.LOST, "unexpected reply: " + reply);
        }
        return reply;
    }
}
