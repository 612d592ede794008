package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.reply.Judged;
import dev.postern.internal.session.Submitter.Answer;
import dev.postern.internal.time.DeadlineException;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EventSession;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way of a message: one SMTP session (RFC 5321 section 4.1.4), free of sockets. It greets, runs one command after the
 * other, and says farewell. Run by one thread; others may ask how far it has come, and that it end.
 */
public final class Session implements AutoCloseable {

    private static final Pattern BLANK = Pattern.compile("[ \t]");

    /** How the client has introduced itself. */
    private enum Hello {
        NONE,
        HELO,
        EHLO
    }

    private final SessionContext context;
    private final Client client;
    private final SessionGate.SessionPermit permit;
    private final SessionEvents events;
    private final Authentication authentication;
    private volatile ClientInfo who; // written by the session's thread alone
    private Hello hello = Hello.NONE;
    private Verdict admission = Verdict.proceed();
    private volatile @Nullable MailTransaction transaction; // another thread asks whether the session is idle
    private @Nullable String answered; // the message that a reply answers, when its transaction has ended
    private volatile boolean ending; // somebody has asked for its end
    private int transactions;
    private RelayEvent.Stage stage = RelayEvent.Stage.CONNECT; // where a refusal happens now
    private RelayEvent.End end = RelayEvent.End.LOST; // how it ends, unless it ends otherwise
    private @Nullable Reply farewell;
    private @Nullable Identity lastIdentity; // whose permits were given back already
    private boolean over;

    /** Takes a connection in, of which the socket alone tells who it is; its time and its permit count from now on. */
    public Session(SessionContext context, ClientInfo connected, Client client) {
        this.context = context;
        this.client = client;
        this.who = connected;
        this.permit = context.sessions().enter(client::gone);
        this.events = new SessionEvents(context, permit, client);
        this.authentication = new Authentication(context, permit, client);
    }

    /** When its time is over, as the relay's clock counts nanoseconds; empty without limit. */
    public OptionalLong end() {
        return permit.end();
    }

    /** Whether no message is under way, so that a relay that stops may end the session now. For any thread. */
    public boolean idle() {
        return transaction == null;
    }

    /** How far it has come. For any thread. */
    public SessionInfo.Phase phase() {
        MailTransaction current = transaction;
        return current == null ? SessionInfo.Phase.IDLE : current.phase();
    }

    /** What an operator sees of it. For any thread. */
    public SessionInfo describe() {
        SessionInfo info = permit.describe(who, phase(), client.received());
        Identity identity = authentication.identity();
        return identity == null ? info : info.withIdentity(identity);
    }

    /**
     * Asks for its end: as soon as no content is under way, which is answered first. Tells whether it may end now;
     * then its wait is to be ended. For any thread.
     */
    public boolean requestEnd() {
        ending = true; // before the phase is looked at: a session that goes on meanwhile sees it by itself
        return mayEnd();
    }

    /** Whether somebody has asked for its end. For any thread. */
    public boolean ending() {
        return ending;
    }

    /**
     * Takes a login away, if it is this session's, which then is to end; one that is just being judged is refused.
     * For any thread.
     */
    public boolean revoke(Revocation revocation) {
        return authentication.revoke(revocation);
    }

    private boolean mayEnd() {
        return phase().compareTo(SessionInfo.Phase.CONTENT) < 0;
    }

    /** Judges the connection by how many there are, before any TLS handshake; the greeting says what came of it. */
    public boolean admit(ClientInfo arrived) {
        who = arrived;
        admission = permit.admit(arrived);
        return admission instanceof Verdict.Proceed;
    }

    /**
     * Talks with the client until one of the two ends it, and tells whether the client has: by QUIT, after which it sends
     * nothing more. What was said last is not sent yet then.
     */
    public boolean run(ClientInfo arrived) throws IOException {
        who = arrived;
        greet();
        while (!over) {
            try {
                next();
            } catch (DeadlineException e) {
                farewell(reasonOfEnd());
            }
        }
        return end == RelayEvent.End.QUIT;
    }

    /** Why a wait has ended without anything to read. */
    private StandardReply reasonOfEnd() {
        if (ending) {
            return StandardReply.SESSION_ENDED;
        }
        if (client.draining()) {
            return StandardReply.SHUTTING_DOWN;
        }
        return permit.isOver() ? StandardReply.SESSION_LIFETIME : StandardReply.INACTIVITY;
    }

    /** Greets, or refuses in place of the greeting (RFC 5321 section 3.1). */
    private void greet() {
        Verdict verdict = admission instanceof Verdict.Proceed ? permit.connected(who) : admission;
        if (verdict instanceof Verdict.Proceed) {
            client.say(context.capabilities().greeting());
            events.opened(who);
        } else {
            hangUp(verdict.refusal().orElseThrow());
        }
    }

    private void next() throws IOException {
        stage = RelayEvent.Stage.OTHER;
        if (ending && mayEnd()) {
            farewell(StandardReply.SESSION_ENDED);
        } else if (client.draining() && idle()) {
            farewell(StandardReply.SHUTTING_DOWN);
        } else if (permit.isOver()) {
            farewell(StandardReply.SESSION_LIFETIME);
        } else {
            run(client.line());
        }
    }

    /** Says a farewell, with a row that closes; once. */
    public void farewell(StandardReply reply) {
        if (!over) {
            hangUp(reply.reply());
        }
    }

    /** Frees everything that the session holds; a second time does nothing. */
    @Override
    public void close() {
        try (permit) { // also when a host's store throws an Error: nobody else would ever give it back
            endTransaction();
        } finally {
            events.closed(who, lastIdentity == null ? authentication.identity() : lastIdentity, end, farewell);
        }
    }

    // the verbs, in the order in which a client sends them

    private void run(Line line) throws IOException {
        if (authentication.exhausted() || permit.hasErredTooOften()) {
            line.wipe();
            hangUp(StandardReply.TOO_MANY_ERRORS.reply());
            return;
        }
        permit.commandCame();
        Command command = Command.of(line);
        String arguments = command.arguments();
        if (command.refusal() != null) {
            line.wipe();
            answer(command.refusal());
            return;
        }
        stage = command.verb().stage();
        switch (command.verb()) {
            case EHLO -> hello(arguments, Hello.EHLO);
            case HELO -> hello(arguments, Hello.HELO);
            case STARTTLS -> startTls(arguments);
            case AUTH -> auth(line);
            case MAIL -> mail(arguments);
            case RCPT -> rcpt(arguments);
            case DATA -> data(arguments);
            case BDAT -> bdat(arguments);
            case RSET -> rset(arguments);
            case NOOP -> answer(StandardReply.NOOP_OK.reply());
            case VRFY -> vrfy(arguments);
            case EXPN -> expn();
            case HELP -> help();
            case QUIT -> quit(arguments);
            case ETRN, TURN, SEND, SOML, SAML -> refuse(StandardReply.COMMAND_UNSUPPORTED);
            case CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE ->
                hangUp(StandardReply.COMMAND_UNKNOWN.reply().closing());
            case UNKNOWN -> refuse(StandardReply.COMMAND_UNKNOWN);
        }
    }

    /** RFC 5321 section 4.1.1.1. What the client calls itself is taken as it is, up to the first blank. */
    private void hello(String arguments, Hello verb) {
        if (arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, verb + " domain");
            return;
        }
        endTransaction();
        who = who.withHelo(BLANK.split(arguments, 2)[0]);
        hello = verb;
        Capabilities capabilities = context.capabilities();
        if (verb == Hello.HELO) {
            answer(capabilities.helo());
            return;
        }
        int upstreams = context.submitter().recipientLimit().announced();
        Capabilities.Limits limits = capabilities.limits(authentication.identity(), permit.maxMessages(), upstreams);
        List<String> mechanisms = context.auth().offered(who, client::channelBinding);
        answer(capabilities.ehlo(who.tls().isPresent(), mechanisms, limits));
    }

    /** RFC 3207 section 4. Whatever was sent behind the command could be taken for encrypted, so it is an attack. */
    private void startTls(String arguments) throws IOException {
        if (!context.capabilities().startTls()) {
            refuse(StandardReply.COMMAND_UNSUPPORTED);
        } else if (who.tls().isPresent()) {
            refuse(StandardReply.BAD_SEQUENCE, "TLS is on already");
        } else if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "STARTTLS");
        } else if (client.hasUnread()) {
            answer(StandardReply.BAD_SEQUENCE
                    .reply("nothing may follow STARTTLS before the TLS handshake")
                    .closing());
        } else {
            client.say(StandardReply.TLS_READY.reply());
            who = who.withTls(client.startTls());
            // everything that the client said in clear is forgotten (section 4.2)
            endTransaction();
            authentication.forget();
            hello = Hello.NONE;
        }
    }

    /** RFC 4954 section 4. */
    private void auth(Line line) throws IOException {
        Optional<Reply> refusal = refusalOfAuth();
        if (refusal.isPresent()) {
            line.wipe();
        }
        answer(refusal.isPresent() ? refusal.get() : authentication.exchange(line, who));
    }

    private Optional<Reply> refusalOfAuth() {
        Verdict verdict = context.auth().admits(who);
        if (!(verdict instanceof Verdict.Proceed)) {
            return verdict.refusal();
        }
        String hint = hello == Hello.NONE
                ? "EHLO first"
                : transaction != null
                        ? "no AUTH in a mail transaction"
                        : authentication.bySasl() ? "already authenticated" : "";
        return hint.isEmpty() ? Optional.empty() : Optional.of(StandardReply.BAD_SEQUENCE.reply(hint));
    }

    /** RFC 5321 section 4.1.1.2. */
    private void mail(String arguments) {
        Identity identity = authenticated();
        if (identity == null) {
            return;
        }
        if (hello == Hello.NONE || transaction != null) {
            refuse(StandardReply.BAD_SEQUENCE, transaction == null ? "EHLO first" : "MAIL was given already");
            return;
        }
        Judged<Envelope> sender = context.envelopes().mail(arguments, who.tls().isPresent());
        if (sender instanceof Judged.Refused<Envelope> refused) {
            answer(refused.reply());
            return;
        }
        MailTransaction begun = new MailTransaction(
                context,
                client,
                new MailTransaction.Sender(
                        who.sessionId() + "." + transactions++,
                        who,
                        identity,
                        authentication.bySasl(),
                        hello == Hello.EHLO),
                sender.value());
        transaction = begun; // from now on it is freed, whatever happens
        Optional<Reply> refusal = permit.nextMessage().refusal().or(begun::admit);
        if (refusal.isPresent()) {
            endTransaction();
        }
        answer(refusal.orElseGet(StandardReply.SENDER_OK::reply));
    }

    private void rcpt(String arguments) {
        MailTransaction current = currentTransaction();
        if (current != null) {
            answer(current.rcpt(arguments));
        }
    }

    private void data(String arguments) throws IOException {
        MailTransaction current = currentTransaction();
        if (current != null) {
            ended(current, current.data(arguments));
        }
    }

    private void bdat(String arguments) throws IOException {
        Optional<Reply> unidentified = authentication.require(who).refusal();
        Optional<Chunk> parsed = Chunk.parse(arguments);
        if (parsed.isEmpty()) {
            Reply refusal = unidentified.orElse(Chunk.MALFORMED);
            answer(arguments.isEmpty() ? refusal : refusal.closing()); // nobody can say where such a chunk ends
            return;
        }
        Chunk chunk = parsed.get();
        MailTransaction current = transaction;
        if (unidentified.isEmpty() && current != null) {
            ended(current, current.bdat(chunk));
            return;
        }
        Reply refusal = unidentified.orElseGet(() ->
                chunk.end() == Chunk.End.MALFORMED ? Chunk.MALFORMED : StandardReply.BAD_SEQUENCE.reply("MAIL first"));
        answer(chunk.discard(client, MailTransaction.MAX_DISCARDED) ? refusal : refusal.closing());
    }

    /** What follows on DATA and on each chunk. */
    private void ended(MailTransaction current, Answer answer) {
        if (current.over()) {
            if (answer.reply().code() / 100 == 2) {
                permit.messageAccepted();
            }
            endTransaction();
        }
        answered = current.id(); // the reply is still the message's
        answer(answer.reply(), answer.detail(), current.decided());
        answered = null;
    }

    /** RFC 5321 section 4.1.1.5. */
    private void rset(String arguments) {
        if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "RSET");
            return;
        }
        endTransaction();
        answer(StandardReply.RESET_OK.reply());
    }

    private void vrfy(String arguments) {
        if (authenticated() != null) {
            Reply cannot = StandardReply.VERIFY_UNSUPPORTED.reply();
            answer(arguments.isEmpty() ? StandardReply.BAD_ARGUMENTS.reply("VRFY address") : cannot);
        }
    }

    private void expn() {
        if (authenticated() != null) {
            refuse(StandardReply.COMMAND_UNSUPPORTED);
        }
    }

    private void help() {
        answer(StandardReply.HELP_TEXT.reply("EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"));
    }

    private void quit(String arguments) {
        if (!arguments.isEmpty()) {
            refuse(StandardReply.BAD_ARGUMENTS, "QUIT");
            return;
        }
        endTransaction();
        forgetLogin(); // its permits are free before the client can come back
        end = RelayEvent.End.QUIT;
        client.say(StandardReply.GOODBYE.reply());
        over = true;
    }

    // what several verbs need

    private @Nullable Identity authenticated() {
        authentication.require(who).refusal().ifPresent(this::answer);
        return authentication.identity();
    }

    private @Nullable MailTransaction currentTransaction() {
        if (authenticated() != null && transaction == null) {
            refuse(StandardReply.BAD_SEQUENCE, "MAIL first");
        }
        return transaction;
    }

    private void endTransaction() {
        MailTransaction current = transaction;
        if (current != null) {
            current.close();
            transaction = null;
        }
    }

    private void refuse(StandardReply row, Object... arguments) {
        answer(row.reply(arguments));
    }

    private void answer(Reply reply) {
        answer(reply, "", false);
    }

    private void answer(Reply reply, String detail, boolean ofMessage) {
        if (reply.closes()) {
            hangUp(reply, detail);
        } else if (reply.code() >= 500 && !permit.mayErr() && !ofMessage) { // else it would be sent again, unchanged
            hangUp(StandardReply.TOO_MANY_ERRORS.reply(), detail);
        } else {
            if (reply.code() >= 400) {
                events.refused(now(), stage, reply, detail);
            }
            client.say(reply);
        }
    }

    private void hangUp(Reply reply) {
        hangUp(reply, "");
    }

    private void hangUp(Reply reply, String detail) {
        events.refused(now(), stage, reply, detail);
        client.say(reply);
        end = RelayEvent.End.FAREWELL;
        farewell = reply;
        over = true; // before what may fail: there is one farewell
        endTransaction();
        forgetLogin();
    }

    private void forgetLogin() {
        lastIdentity = authentication.identity();
        authentication.forget();
    }

    /** The session as an event tells of it. */
    private EventSession now() {
        EventSession session = SessionEvents.of(who, authentication.identity());
        MailTransaction current = transaction;
        String message = current == null ? answered : current.id();
        return message == null ? session : session.withMessageId(message);
    }
}
