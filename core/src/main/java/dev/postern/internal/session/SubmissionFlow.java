package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.reply.Judged;
import dev.postern.internal.reply.Printable;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.TlsInfo;
import dev.postern.spi.Verdict;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a message: the SMTP state machine of one session (RFC 5321 section 4.1.4), free of sockets. It is fed with
 * what the client sends, line by line and block by block, and says what it expects next. Used by one thread at a time.
 */
public final class SubmissionFlow implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SubmissionFlow.class);

    /** Where replies go. */
    public interface Wire {
        /**
         * Takes a reply, to be sent before the next wait for the client.
         *
         * @param reply the reply
         */
        void reply(Reply reply);

        /**
         * Tells whether the client has sent more than was handed over.
         *
         * @return true when there is something
         */
        boolean hasUnread();

        /**
         * Tells whether the client has closed its side of the connection, so that nobody waits for a reply.
         *
         * @return false when that cannot be seen yet
         */
        boolean gone();
    }

    /** What the flow is to be fed with next. */
    public enum Expects {
        /** A command line. */
        LINE,
        /** Octets of content. */
        CONTENT,
        /** A TLS handshake, then {@link #tlsStarted}. */
        TLS_HANDSHAKE,
        /** Nothing: the connection is to be closed. */
        NOTHING
    }

    /** What a client may send before it is known, as RFC 5321 has it a dozen times over; then it is no mail client. */
    private static final int MAX_LINES_BEFORE_LOGIN = 100;

    /** So much content is read and thrown away behind a refusal; a client that has more of it is hung up on. */
    private static final long MAX_DISCARDED = 1L << 30;

    /** Where a session stands. */
    private enum Phase {
        CONNECTED,
        READY,
        TRANSACTION,
        DATA,
        CHUNK,
        TLS,
        CLOSED
    }

    private final Stages stages;
    private final Wire wire;
    private final Submitter submitter;
    private final String messageIds;
    private final SessionGate.Ticket ticket;
    private final Login login;
    private ClientInfo client;
    private Phase phase = Phase.CONNECTED;
    private boolean greeted;
    private boolean extended;
    private volatile @Nullable Transaction transaction; // another thread asks whether the session is idle
    private @Nullable Chunk chunk;
    private int errors;
    private int linesBeforeLogin;
    private int transactions;

    /**
     * Begins a session.
     *
     * @param stages what messages pass
     * @param client who connected
     * @param wire where replies go
     */
    public SubmissionFlow(Stages stages, ClientInfo client, Wire wire) {
        this.stages = stages;
        this.client = client;
        this.wire = wire;
        this.submitter = new Submitter(stages);
        this.messageIds = client.sessionId() + ".";
        this.ticket = stages.sessions().enter(wire::gone);
        this.login = new Login(stages, ticket, wire::gone);
    }

    // what the connection asks and tells

    /**
     * Is told before the greeting who the client really is, behind a proxy.
     *
     * @param remote the client's address
     */
    public void proxied(InetSocketAddress remote) {
        client = client.withRemote(remote);
    }

    /** Greets, or refuses in place of the greeting (RFC 5321 section 3.1). */
    public void open() {
        Verdict verdict = ticket.connected(client);
        if (verdict instanceof Verdict.Proceed) {
            greeted = true;
            wire.reply(stages.greeting());
            stages.tell(new RelayEvent.SessionOpened(client));
        } else {
            hangUp(replyOf(verdict));
        }
    }

    /**
     * Says what comes next.
     *
     * @return what to feed
     */
    public Expects expects() {
        return switch (phase) {
            case CONNECTED, READY, TRANSACTION -> Expects.LINE;
            case DATA, CHUNK -> Expects.CONTENT;
            case TLS -> Expects.TLS_HANDSHAKE;
            case CLOSED -> Expects.NOTHING;
        };
    }

    /**
     * Tells whether no message is under way, so that a relay that stops may end the session now.
     *
     * @return true between transactions
     */
    public boolean idle() {
        return transaction == null && (phase != Phase.DATA && phase != Phase.CHUNK);
    }

    /**
     * Returns when the session's time is over.
     *
     * @return a moment as the relay's clock counts nanoseconds; empty without limit
     */
    public OptionalLong end() {
        return ticket.end();
    }

    /**
     * Takes a command line, or an answer of an AUTH exchange.
     *
     * @param buffer holds the line; a line with credentials is wiped
     * @param offset where it begins
     * @param length its length without CRLF
     */
    public void line(byte[] buffer, int offset, int length) {
        if (login.identity() == null && ++linesBeforeLogin > MAX_LINES_BEFORE_LOGIN) {
            hangUp(StandardReply.TOO_MANY_ERRORS.reply());
            return;
        }
        if (login.inExchange()) {
            answer(login.respond(buffer, offset, length, client));
            Arrays.fill(buffer, offset, offset + length, (byte) 0);
            return;
        }
        int verbEnd = Lines.indexOfSpace(buffer, offset, offset + length);
        Verb verb = Verb.of(buffer, offset, verbEnd - offset);
        boolean tooLong = length + 2 > verb.maxLine();
        if (verb == Verb.AUTH) {
            if (tooLong) {
                refuse(StandardReply.LINE_TOO_LONG);
            } else {
                auth(buffer, verbEnd, offset + length);
            }
            Arrays.fill(buffer, offset, offset + length, (byte) 0);
            return;
        }
        int textStart = verb == Verb.UNKNOWN ? offset : verbEnd;
        Optional<String> arguments =
                tooLong ? Optional.empty() : Lines.text(buffer, textStart, offset + length - textStart);
        boolean readable =
                arguments.isPresent() && !(verb == Verb.UNKNOWN && Lines.announcesChunk(buffer, offset, length));
        if (readable) {
            command(verb, arguments.get());
        } else {
            unreadable(
                    tooLong ? StandardReply.LINE_TOO_LONG : StandardReply.LINE_MALFORMED,
                    Lines.announcesChunk(buffer, offset, length));
        }
    }

    /**
     * Is told of a line that is longer than any may be, and was thrown away.
     *
     * @param buffer holds its beginning; wiped, for it may have credentials
     * @param offset where it begins
     * @param length how much of it there is, 5 octets at least
     */
    public void lineTooLong(byte[] buffer, int offset, int length) {
        // behind blanks, the verb may be in what was thrown away
        boolean hidden = Lines.skipInvisible(buffer, offset, offset + length) > offset;
        noLine(
                StandardReply.LINE_TOO_LONG,
                hidden || Lines.announcesChunk(buffer, offset, length),
                buffer,
                offset,
                length);
    }

    /**
     * Is told of a line that does not end with CRLF.
     *
     * @param buffer holds the line; wiped, for it may have credentials
     * @param offset where it begins
     * @param length its length
     */
    public void lineMalformed(byte[] buffer, int offset, int length) {
        noLine(StandardReply.LINE_MALFORMED, Lines.announcesChunk(buffer, offset, length), buffer, offset, length);
    }

    private void noLine(StandardReply row, boolean chunk, byte[] buffer, int offset, int length) {
        login.abandonExchange();
        unreadable(row, chunk);
        Arrays.fill(buffer, offset, offset + length, (byte) 0);
    }

    /** Behind a BDAT command that cannot be read there are octets of a chunk, which must not be run as commands. */
    private void unreadable(StandardReply row, boolean chunk) {
        if (chunk) {
            hangUp(row.reply().closing());
        } else {
            refuse(row);
        }
    }

    /**
     * Takes octets of content.
     *
     * @param buffer holds them
     * @param offset where they begin
     * @param length how many there are
     * @return how many belonged to the content; the rest is for the next command
     */
    public int content(byte[] buffer, int offset, int length) {
        return phase == Phase.DATA ? dataOctets(buffer, offset, length) : chunkOctets(buffer, offset, length);
    }

    /**
     * Is told that TLS is on: everything that the client said in clear is forgotten (RFC 3207 section 4.2).
     *
     * @param tls its parameters
     */
    public void tlsStarted(TlsInfo tls) {
        endTransaction();
        login.forget();
        extended = false;
        client = client.withTls(tls);
        phase = Phase.CONNECTED;
    }

    /**
     * Says a farewell: the time is over, the relay stops, or something broke.
     *
     * @param reply a row that closes
     */
    public void farewell(StandardReply reply) {
        if (phase != Phase.CLOSED) {
            hangUp(reply.reply());
        }
    }

    /** Frees everything that the session holds. */
    @Override
    public void close() {
        phase = Phase.CLOSED;
        endTransaction();
        ticket.close();
        if (greeted) {
            greeted = false;
            stages.tell(new RelayEvent.SessionClosed(client, ticket.age(), ticket.messages()));
        }
    }

    // the verbs, in the order in which a client sends them

    private void command(Verb verb, String arguments) {
        switch (verb) {
            case EHLO -> hello(arguments, true);
            case HELO -> hello(arguments, false);
            case STARTTLS -> startTls(arguments);
            case MAIL -> mail(arguments);
            case RCPT -> rcpt(arguments);
            case DATA -> data(arguments);
            case BDAT -> bdat(arguments);
            case RSET -> rset(arguments);
            case NOOP -> wire.reply(StandardReply.NOOP_OK.reply());
            case VRFY -> vrfy(arguments);
            case EXPN -> expn();
            case HELP -> help();
            case QUIT -> quit(arguments);
            case ETRN, TURN, SEND, SOML, SAML -> refuse(StandardReply.COMMAND_UNSUPPORTED);
            case CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE ->
                hangUp(StandardReply.COMMAND_UNKNOWN.reply().closing());
            case AUTH, UNKNOWN -> refuse(StandardReply.COMMAND_UNKNOWN); // AUTH never comes here: its line is no String
        }
    }

    /** RFC 5321 section 4.1.1.1. What the client calls itself is taken as it is, as long as it is one word. */
    private void hello(String name, boolean ehlo) {
        if (name.isEmpty() || name.length() > 255 || name.indexOf(' ') >= 0) {
            refuse(StandardReply.BAD_ARGUMENTS, ehlo ? "EHLO domain" : "HELO domain");
            return;
        }
        endTransaction();
        client = client.withHelo(name);
        extended = ehlo;
        phase = Phase.READY;
        wire.reply(ehlo ? stages.capabilities().reply(client.tls().isPresent(), limits()) : stages.hello());
    }

    /** What EHLO announces: an identity's own limits once the client is known, and less where the upstream takes less. */
    private Capabilities.Limits limits() {
        Identity who = login.identity();
        Capabilities.Limits ours = who == null
                ? stages.capabilities().common()
                : new Capabilities.Limits(
                        stages.envelopes().maxSize(who),
                        ticket.maxMessages(),
                        stages.envelopes().maxRecipients(who));
        return ours.withRecipients(
                Math.min(ours.recipients(), stages.recipientLimit().announced()));
    }

    /** RFC 3207 section 4. Whatever was sent behind the command could be taken for encrypted, so it is an attack. */
    private void startTls(String arguments) {
        if (!stages.settings().tlsAvailable()) {
            refuse(StandardReply.COMMAND_UNSUPPORTED);
        } else if (client.tls().isPresent()) {
            refuse(StandardReply.BAD_SEQUENCE, "TLS is on already");
        } else if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "STARTTLS");
        } else if (wire.hasUnread()) {
            refuse(StandardReply.BAD_SEQUENCE
                    .reply("nothing may follow STARTTLS before the TLS handshake")
                    .closing());
        } else {
            wire.reply(StandardReply.TLS_READY.reply());
            phase = Phase.TLS;
        }
    }

    /** RFC 4954 section 4. */
    private void auth(byte[] buffer, int offset, int end) {
        answer(refusalOfAuth().orElseGet(() -> login.begin(buffer, offset, end, client)));
    }

    private Optional<Reply> refusalOfAuth() {
        Verdict verdict = stages.auth().admits(client);
        if (!(verdict instanceof Verdict.Proceed)) {
            return verdict.refusal();
        }
        String hint = phase == Phase.CONNECTED
                ? "EHLO first"
                : transaction != null ? "no AUTH in a mail transaction" : login.bySasl() ? "already authenticated" : "";
        return hint.isEmpty() ? Optional.empty() : Optional.of(StandardReply.BAD_SEQUENCE.reply(hint));
    }

    /** RFC 5321 section 4.1.1.2. */
    private void mail(String arguments) {
        Identity who = authenticated();
        if (who == null) {
            return;
        }
        if (phase == Phase.CONNECTED || transaction != null) {
            refuse(StandardReply.BAD_SEQUENCE, transaction == null ? "EHLO first" : "MAIL was given already");
            return;
        }
        Judged<Envelope> mail = stages.envelopes().mail(arguments);
        if (mail instanceof Judged.Refused<Envelope> refused) {
            refuse(refused.reply());
            return;
        }
        Envelope envelope = mail.value();
        String id = messageIds + transactions++;
        Transaction begun = new Transaction(
                id,
                who,
                envelope,
                stages.quotas().open(who, id, envelope.parameters().size().orElse(0)));
        Verdict verdict = ticket.nextMessage();
        if (verdict instanceof Verdict.Proceed) {
            verdict = begun.quota.cover(1);
        }
        if (verdict instanceof Verdict.Proceed) {
            verdict = stages.envelopes().sender(envelope, who, client);
        }
        if (verdict instanceof Verdict.Proceed) {
            begun.sender(stages.envelopes().withOwnClaims(envelope, who, client));
            transaction = begun;
            phase = Phase.TRANSACTION;
            wire.reply(StandardReply.SENDER_OK.reply());
        } else {
            begun.close();
            refuse(replyOf(verdict));
        }
    }

    /** RFC 5321 section 4.1.1.3. */
    private void rcpt(String arguments) {
        Transaction current = currentTransaction();
        if (current == null) {
            return;
        }
        if (current.receivesChunks()) {
            refuse(StandardReply.BAD_SEQUENCE, "no RCPT after BDAT");
            return;
        }
        Judged<Recipient> rcpt =
                stages.envelopes().rcpt(arguments, current.sender().parameters().smtpUtf8());
        if (rcpt instanceof Judged.Refused<Recipient> refused) {
            current.refusedRecipient();
            refuse(refused.reply());
            return;
        }
        Recipient recipient = rcpt.value();
        Verdict verdict = current.quota.cover(current.recipients().size() + 1);
        if (verdict instanceof Verdict.Proceed) {
            verdict = upstreamTakes(current, recipient);
        }
        if (verdict instanceof Verdict.Proceed) {
            verdict = stages.envelopes().recipient(current.sender(), current.recipients(), recipient, current.identity);
        }
        if (verdict instanceof Verdict.Proceed) {
            current.add(recipient);
            wire.reply(StandardReply.RECIPIENT_OK.reply());
        } else {
            current.refusedRecipient();
            refuse(replyOf(verdict));
        }
    }

    /** Else the message would be refused as a whole once it is there, and its client could do nothing about it. */
    private Verdict upstreamTakes(Transaction current, Recipient next) {
        int max = Math.min(
                stages.envelopes().maxRecipients(current.identity),
                stages.recipientLimit().of(current.sender(), current.recipients(), next, current.identity));
        return current.recipients().size() < max
                ? Verdict.proceed()
                : Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS, max);
    }

    /** RFC 5321 section 4.1.1.4. */
    private void data(String arguments) {
        Transaction current = currentTransaction();
        if (current == null) {
            return;
        }
        if (current.receivesChunks()) {
            refuse(StandardReply.BAD_SEQUENCE, "no DATA after BDAT"); // RFC 3030 section 3
        } else if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "DATA");
        } else if (current.recipients().isEmpty()) {
            refuse(recipientsMissing(current));
        } else {
            Verdict verdict = openContent(current);
            if (verdict instanceof Verdict.Proceed) {
                phase = Phase.DATA;
                wire.reply(StandardReply.CONTENT_START.reply());
            } else {
                refuse(replyOf(verdict));
            }
        }
    }

    private int dataOctets(byte[] buffer, int offset, int length) {
        Transaction current = Objects.requireNonNull(transaction);
        ContentGate.Receiver receiver = Objects.requireNonNull(current.receiver());
        int consumed = receiver.data(buffer, offset, length);
        if (receiver.ended()) {
            submit(current, receiver);
        } else if (receiver.discarded() > mostDiscarded()) {
            receiver.refusal().ifPresent(refusal -> hangUp(replyOf(refusal).closing()));
        }
        return consumed;
    }

    /** RFC 3030 section 2. */
    private void bdat(String arguments) {
        Optional<Chunk> parsed = Chunk.parse(arguments);
        if (parsed.isEmpty()) {
            Reply reply = StandardReply.BAD_ARGUMENTS.reply("BDAT size [LAST]");
            // without a size there is no chunk; with one that cannot be read, nobody can say where the chunk ends
            refuse(arguments.isEmpty() ? reply : reply.closing());
            return;
        }
        Chunk begun = parsed.get();
        begun.refusal = refusalOfChunk(begun);
        chunk = begun;
        phase = Phase.CHUNK;
        if (begun.complete()) {
            chunkComplete(begun);
        }
    }

    private @Nullable Reply refusalOfChunk(Chunk begun) {
        Verdict identified = login.require(client);
        if (!(identified instanceof Verdict.Proceed)) {
            return replyOf(identified);
        }
        if (begun.end == Chunk.End.MALFORMED) {
            return StandardReply.BAD_ARGUMENTS.reply("BDAT size [LAST]");
        }
        Transaction current = transaction;
        if (current == null) {
            return StandardReply.BAD_SEQUENCE.reply("MAIL first");
        }
        if (current.chunkFailure() != null) {
            return current.chunkFailure();
        }
        if (current.recipients().isEmpty()) {
            return recipientsMissing(current);
        }
        if (current.announce(begun.octets) > stages.envelopes().maxSize(current.identity)) {
            return StandardReply.MESSAGE_TOO_LARGE.reply();
        }
        Verdict verdict = current.receiver() == null ? openContent(current) : Verdict.proceed();
        return verdict instanceof Verdict.Proceed ? null : replyOf(verdict);
    }

    private int chunkOctets(byte[] buffer, int offset, int length) {
        Chunk current = Objects.requireNonNull(chunk);
        int taken = current.take(length);
        if (current.refusal == null) {
            Objects.requireNonNull(Objects.requireNonNull(transaction).receiver())
                    .chunk(buffer, offset, taken);
        }
        if (current.complete()) {
            chunkComplete(current);
        } else if (current.discarded() > mostDiscarded()) {
            hangUp(Objects.requireNonNull(current.refusal).closing());
        }
        return taken;
    }

    /** Nobody sends so much by mistake; nor has a message more that is refused though its size is allowed. */
    private long mostDiscarded() {
        return Math.max(MAX_DISCARDED, stages.settings().maxMessageSize());
    }

    private void chunkComplete(Chunk complete) {
        chunk = null;
        Transaction current = transaction;
        phase = current != null ? Phase.TRANSACTION : client.helo().isEmpty() ? Phase.CONNECTED : Phase.READY;
        Reply refusal = complete.refusal;
        if (refusal != null) {
            if (current != null && complete.last()) {
                endTransaction();
            } else if (current != null) {
                current.failChunks(refusal);
            }
            refuse(refusal);
        } else if (complete.last()) {
            Transaction whole = Objects.requireNonNull(current);
            submit(whole, Objects.requireNonNull(whole.receiver()));
        } else {
            wire.reply(StandardReply.CHUNK_OK.reply(complete.octets));
        }
    }

    /** RFC 5321 section 4.1.1.5. */
    private void rset(String arguments) {
        if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "RSET");
            return;
        }
        endTransaction();
        wire.reply(StandardReply.RESET_OK.reply());
    }

    private void vrfy(String arguments) {
        if (authenticated() == null) {
            return;
        }
        if (arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "VRFY address");
        } else {
            wire.reply(StandardReply.VERIFY_UNSUPPORTED.reply());
        }
    }

    private void expn() {
        if (authenticated() != null) {
            refuse(StandardReply.COMMAND_UNSUPPORTED);
        }
    }

    private void help() {
        wire.reply(
                StandardReply.HELP_TEXT.reply("EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"));
    }

    private void quit(String arguments) {
        if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "QUIT");
            return;
        }
        endTransaction();
        login.forget(); // its places are free before the client can come back
        wire.reply(StandardReply.GOODBYE.reply());
        phase = Phase.CLOSED;
    }

    // the end of a message

    private void submit(Transaction current, ContentGate.Receiver receiver) {
        ContentGate.Origin origin = new ContentGate.Origin(
                current.id,
                client,
                current.identity,
                login.bySasl(),
                extended,
                current.envelope(),
                stages.clock().now());
        Submitter.Answer answer = submitter.submit(receiver, origin, current.quota);
        boolean accepted = answer.reply().code() / 100 == 2;
        if (accepted) {
            current.quota.commit(origin.envelope().recipients().size());
            ticket.messageAccepted();
        }
        endTransaction(); // RFC 5321 section 4.1.1.4: every end of the content clears the buffers
        if (accepted) {
            wire.reply(answer.reply());
        } else {
            refuse(answer.reply(), answer.detail());
        }
    }

    // what several verbs need

    private Verdict openContent(Transaction current) {
        long declared = current.sender().parameters().size().orElse(-1);
        Judged<ContentGate.Receiver> opened =
                stages.contents().open(declared, stages.envelopes().maxSize(current.identity));
        if (opened instanceof Judged.Refused<ContentGate.Receiver> refused) {
            return Verdict.refuse(refused.reply());
        }
        current.receiver(opened.value());
        return Verdict.proceed();
    }

    private @Nullable Identity authenticated() {
        login.require(client).refusal().ifPresent(this::refuse);
        return login.identity();
    }

    private @Nullable Transaction currentTransaction() {
        if (authenticated() != null && transaction == null) {
            refuse(StandardReply.BAD_SEQUENCE, "MAIL first");
        }
        return transaction;
    }

    private static Reply recipientsMissing(Transaction current) {
        return current.everyRecipientRefused()
                ? StandardReply.NO_VALID_RECIPIENTS.reply()
                : StandardReply.BAD_SEQUENCE.reply("RCPT first");
    }

    private void endTransaction() {
        if (transaction != null) {
            transaction.close();
            transaction = null;
            phase = phase == Phase.CLOSED ? Phase.CLOSED : Phase.READY;
        }
    }

    private void answer(Reply reply) {
        if (reply.code() < 400) {
            wire.reply(reply);
        } else {
            refuse(reply);
        }
    }

    private void refuse(StandardReply row, Object... arguments) {
        refuse(row.reply(arguments));
    }

    private void refuse(Reply reply) {
        refuse(reply, "");
    }

    private void refuse(Reply reply, String detail) {
        if (reply.code() >= 500 && errors++ >= stages.settings().maxErrors()) {
            hangUp(StandardReply.TOO_MANY_ERRORS.reply(), detail);
        } else if (reply.closes()) {
            hangUp(reply, detail);
        } else {
            note(reply, detail);
            wire.reply(reply);
        }
    }

    private void hangUp(Reply reply) {
        hangUp(reply, "");
    }

    private void hangUp(Reply reply, String detail) {
        note(reply, detail);
        wire.reply(reply);
        endTransaction();
        login.forget();
        phase = Phase.CLOSED;
    }

    private void note(Reply reply, String detail) {
        LOG.info(
                "{} refused {} \"{}\"{}",
                client,
                reply.standard().map(Enum::name).orElse("-"),
                Printable.of(reply),
                detail.isEmpty() ? "" : ": " + detail);
        stages.tell(new RelayEvent.Refused(client, reply, detail));
    }

    private static Reply replyOf(Verdict verdict) {
        return verdict.refusal().orElseThrow();
    }
}
