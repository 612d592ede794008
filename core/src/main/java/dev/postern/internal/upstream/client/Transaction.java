package dev.postern.internal.upstream.client;

import dev.postern.internal.upstream.client.Results.Stage;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamTimeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One message over one connection (RFC 5321 section 3.3): all recipients or none. Two round trips where the upstream takes
 * pipelining (RFC 2920): MAIL, every RCPT and DATA in one write, and the content with its end.
 *
 * <p>A reply has no number, so whatever is one too many or too few makes each later one the answer to another command. The
 * content therefore always goes by DATA: its 354 is said to nothing else, so with it all earlier replies are used up.
 * MAIL, RCPT and each BDAT (RFC 3030) are all answered 250, so nothing would tell a reply to a chunk from one that was left
 * of an earlier command, on a fresh connection neither (a second reply to EHLO). What was not asked for is looked for
 * before each group of commands and before the end of the content leaves; {@link EndOfContent} tells what follows it.
 */
public final class Transaction {

    /**
     * So many commands are sent before their replies are read. Their replies, of a full line each, find room in any
     * socket's buffers, so that neither side waits for the other to read (RFC 2920 section 3.1).
     */
    static final int MAX_GROUP = 100;

    /** What may be done with the connection. */
    public enum After {
        KEEP,
        DROP,
        /** It was dead or out of step before MAIL, for all we know: nothing of the message was taken. */
        STALE,
        /**
         * It refuses MAIL, and has carried messages before: a fresh one may take it. Nothing of the message was taken.
         */
        WORN,
        /** The upstream did not answer in time, so the connections that rest may be dead as well. */
        SUSPECT
    }

    /** How it ended: the result is for the client, the rest for the pool. */
    public record Outcome(DeliveryResult result, After after) {}

    private final UpstreamTimeouts timeouts;
    private final Connection connection;
    private final Submission submission;
    private final Results results;
    private final EnvelopeCommands commands;
    private final List<Recipient> recipients;
    private final boolean pipelining;
    private final boolean pipeliningBehindEnd;
    private final EndOfContent endOfContent;
    private final List<RefusedRecipient> refused = new ArrayList<>(0);
    private final List<RefusedRecipient> postponed = new ArrayList<>(0);
    private @Nullable UpstreamReply mailRefusal;
    private @Nullable UpstreamReply postponement; // the first recipient that was refused for now
    private @Nullable UpstreamReply dataRefusal;
    private int accepted; // recipients
    private final RecipientCount count = new RecipientCount();
    private boolean contentAwaited;
    private Stage stage = Stage.MAIL;

    public Transaction(
            UpstreamTimeouts timeouts,
            EndOfContent endOfContent,
            ReadyConnection ready,
            Submission submission,
            Results results) {
        this.timeouts = timeouts;
        this.connection = ready.connection();
        this.submission = submission;
        this.results = results;
        this.commands = new EnvelopeCommands(submission.envelope(), submission.content(), ready);
        this.recipients = submission.envelope().recipients();
        this.pipelining = ready.extensions().offers("PIPELINING");
        // Courier, which alone offers this, loses what comes right behind the end (RFC 2920 section 3.2 forbids it)
        this.pipeliningBehindEnd = pipelining && !ready.extensions().offers("XEXDATA");
        this.endOfContent = endOfContent;
    }

    public Outcome run() {
        try {
            Optional<StandardReply> unsupported = commands.unsupported();
            if (unsupported.isPresent()) {
                return new Outcome(results.unsupported(unsupported.get()), After.KEEP);
            }
            Optional<Outcome> refusal = envelope();
            return refusal.isPresent() ? refusal.get() : content();
        } catch (UpstreamException e) {
            if (e.kind() == Kind.OUT_OF_STEP) {
                return lost(e); // what was taken for a refusal may have been the answer to something else
            }
            // the message was refused whatever else was to come
            After after = e.kind() == Kind.LOST && wornOut() ? After.STALE : After.DROP;
            return refusal().map(result -> new Outcome(result, after)).orElseGet(() -> lost(e));
        } catch (IOException e) { // the file, not the socket
            return new Outcome(results.unreadable(e), After.DROP);
        }
    }

    /**
     * MAIL, every RCPT and DATA. Asks for all recipients, also behind a refused one, so that the client hears of every one
     * that it must drop.
     */
    private Optional<Outcome> envelope() throws UpstreamException {
        int data = 1 + recipients.size();
        int total = data + 1;
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
        // It may be this connection that takes nobody: postscreen tests a client, and takes what comes on its next one.
        // One that has taken somebody is no such: greylisting costs it nothing.
        if (postponement != null && refused.isEmpty() && !connection.tookRecipient()) {
            return After.DROP;
        }
        if (!contentAwaited) {
            return clear("RSET", timeouts.command(), UpstreamReply::positive);
        }
        // a lone dot ends the wait for content and spares the connection (RFC 2920 section 3.1), but would be an empty
        // message to whoever was accepted
        return accepted > 0
                ? After.DROP
                : clear(".", timeouts.dataTermination(), reply -> reply.negative() && !reply.closing());
    }

    /** Clears the connection behind a refusal, which stands whatever comes of it. */
    private After clear(String command, Duration limit, Predicate<UpstreamReply> expected) {
        try {
            return expected.test(connection.exchange(command, limit)) ? After.KEEP : After.DROP;
        } catch (UpstreamException e) {
            return After.DROP;
        }
    }

    /** Some servers take so many messages on a connection, and say 450, 451, 452, 550 or 554 to the next MAIL. */
    private boolean wornOut() {
        UpstreamReply refusal = mailRefusal;
        return refusal != null
                && connection.messages() > 0
                && (!refusal.permanent() || refusal.code() == 550 || refusal.code() == 554);
    }

    /** How many recipients the upstream takes in a message, 0 when this one did not show it. */
    public int mostRecipients() {
        return count.limit();
    }

    private Stage stageOf(int command) {
        return command == 0 ? Stage.MAIL : command <= recipients.size() ? Stage.RCPT : Stage.DATA;
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
            dataRefusal = refusal(reply);
        } else if (stage == Stage.MAIL && reply.positive()) {
            connection.used();
        } else if (stage == Stage.MAIL) {
            mailRefusal = refusal(reply);
        } else {
            takeOfRecipient(command, reply);
        }
    }

    private void takeOfRecipient(int command, UpstreamReply reply) throws UpstreamException {
        boolean tooMany = count.heard(reply);
        if (reply.positive()) {
            accepted++;
            connection.recipientTaken();
        } else if (reply.permanent() && !tooMany) {
            refused.add(new RefusedRecipient(recipients.get(command - 1).address(), reply.toReply()));
        } else {
            UpstreamReply refusal = refusal(reply);
            postponement = postponement == null ? refusal : postponement;
            postponed.add(new RefusedRecipient(recipients.get(command - 1).address(), refusal.toReply()));
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
            boolean byNumber = count.limit() > 0;
            return Optional.of(results.postponed(
                    byNumber ? Reason.TURNED_AWAY : Reason.FAILED,
                    postponement,
                    !byNumber && accepted + postponed.size() == recipients.size() ? postponed : List.of()));
        }
        return dataRefusal == null ? Optional.empty() : Optional.of(results.refused(Stage.DATA, dataRefusal));
    }

    private Outcome content() throws IOException {
        stage = Stage.CONTENT;
        boolean together = endOfContent.together(pipeliningBehindEnd);
        try {
            sendContent(together);
        } catch (UpstreamException e) {
            return lastWords(e);
        }
        stage = Stage.END;
        EndOfContent.Answer answer = endOfContent.await(connection, together);
        UpstreamReply reply = answer.reply();
        return new Outcome(
                reply.positive() ? results.accepted(reply, commands.dsn()) : results.refused(stage, reply),
                answer.after());
    }

    private void sendContent(boolean together) throws IOException {
        long size = submission.content().size();
        connection.limit(timeouts.dataBlock());
        DotStuffing out = new DotStuffing(connection);
        submission.content().writeTo(out);
        if (out.octets() != size) {
            throw new IOException(out.octets() + " octets in place of " + size);
        }
        connection.expectSilence(); // behind 354, so whatever is there is no reply to an end that has not left
        out.end();
        int writes = connection.writes();
        try {
            if (together) {
                connection.command("RSET");
            }
            connection.flush();
        } catch (UpstreamException e) {
            // A write that fails has not handed over its last octet, and without that one there is no end of the
            // content; but with RSET behind the end, all of the content may have left.
            if (together && connection.writes() > writes) {
                stage = Stage.END;
            }
            throw e;
        }
    }

    /**
     * The upstream may have refused the message before it had all of it: it will never have the end of it. Nothing but a
     * refusal is believed here.
     */
    private Outcome lastWords(UpstreamException e) throws UpstreamException {
        if (e.kind() == Kind.LOST || e.kind() == Kind.OUT_OF_STEP) {
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
            case LOST, OUT_OF_STEP -> stage == Stage.MAIL ? After.STALE : After.DROP;
            default -> After.DROP;
        };
        return new Outcome(results.lost(stage, e), after);
    }

    /** Neither done nor refused is no answer to any of our commands: the upstream is out of step. */
    private static UpstreamReply refusal(UpstreamReply reply) throws UpstreamException {
        if (!reply.negative()) {
            throw new UpstreamException(Kind.OUT_OF_STEP, "unexpected reply: " + reply);
        }
        return reply;
    }
}
