package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate.Exchange;
import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.octets.Base64Symbols;
import dev.postern.internal.reply.Judged;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.EventSession;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who a session's client is, and the AUTH exchange that finds it out (RFC 4954 section 4). */
final class Authentication {

    /** What a client may send before it is known, as RFC 5321 has it a dozen times over; then it is no mail client. */
    private static final int MAX_LINES_BEFORE_LOGIN = 100;

    private static final int MAX_REVOCATIONS = 1000;

    private static final String NO_MECHANISM = ""; // of a trusted address

    private final SessionContext context;
    private final SessionGate.SessionPermit permit;
    private final Client client;
    private boolean bySasl; // not by its trusted address
    private volatile @Nullable Identity identity; // written by the session's thread alone
    private long since; // when its credentials came; guarded by this
    private @Nullable Judgement judgement; // guarded by this
    private int linesBeforeLogin;

    /** A login that is being judged, and what was revoked meanwhile. */
    private static final class Judgement {
        private final long begun;
        private final Set<Revocation> revocations = new HashSet<>(0);

        private Judgement(long begun) {
            this.begun = begun;
        }

        /** What other relays have revoked is told again and again, also what was before this login: one counts once. */
        private void add(Revocation revocation) {
            if (revocation.moment() - begun >= 0 && revocations.size() < MAX_REVOCATIONS) {
                revocations.add(new Revocation(revocation.scope(), revocation.name(), begun));
            }
        }

        /** With more of them than anybody makes in such a time, the login is refused whoever it is. */
        private boolean isRevoked(Identity found) {
            return revocations.size() == MAX_REVOCATIONS
                    || revocations.stream().anyMatch(revocation -> revocation.concerns(found, begun));
        }
    }

    Authentication(SessionContext context, SessionGate.SessionPermit permit, Client client) {
        this.context = context;
        this.permit = permit;
        this.client = client;
    }

    @Nullable
    Identity identity() {
        return identity;
    }

    boolean bySasl() {
        return bySasl;
    }

    /**
     * Takes the login away; one that is being judged is refused, for its authenticator may have answered already.
     * Tells whether it concerns the client's identity. For any thread.
     */
    synchronized boolean revoke(Revocation revocation) {
        if (judgement != null) {
            judgement.add(revocation);
        }
        Identity known = identity;
        return known != null && revocation.concerns(known, since);
    }

    private synchronized void beginJudgement(long begun) {
        judgement = new Judgement(begun);
    }

    private synchronized void endJudgement() {
        judgement = null;
    }

    /** Makes the identity known, unless it was revoked since its credentials came. */
    private synchronized boolean become(Identity found, boolean sasl) {
        Judgement judged = Objects.requireNonNull(judgement);
        if (judged.isRevoked(found)) {
            return false;
        }
        since = judged.begun;
        identity = found;
        bySasl = sasl;
        return true;
    }

    /**
     * A client at a trusted address is logged in when it first needs to be, so that its login counts like any other.
     */
    Verdict require(ClientInfo who) {
        if (identity != null) {
            return Verdict.proceed();
        }
        return context.auth()
                .trusted(who)
                .map(trusted -> enterTrusted(trusted, who))
                .orElseGet(() -> Verdict.refuse(StandardReply.AUTH_REQUIRED));
    }

    private Verdict enterTrusted(Identity trusted, ClientInfo who) {
        long begun = permit.nanoTime();
        beginJudgement(begun);
        try {
            Verdict verdict = enter(trusted, false, who);
            tell(who, replyTo(verdict), NO_MECHANISM, begun);
            return verdict;
        } finally {
            endJudgement();
        }
    }

    /** RFC 3207 section 4.2. */
    void forget() {
        permit.releaseLogin();
        identity = null;
        bySasl = false;
    }

    /** Counts a line; true when there were too many without a login. */
    boolean exhausted() {
        return identity == null && ++linesBeforeLogin > MAX_LINES_BEFORE_LOGIN;
    }

    /** AUTH: challenge and answer in turn. Returns the reply that ends the exchange. */
    Reply exchange(Line command, ClientInfo who) throws IOException {
        int name = command.skipSpaces(command.indexOfSpace(0));
        int nameEnd = command.indexOfSpace(name);
        int response = command.skipSpaces(nameEnd);
        int responseEnd = command.indexOfSpace(response);
        boolean wellFormed = nameEnd > name && command.skipSpaces(responseEnd) == command.length();
        boolean invited = response == command.length();
        String mechanism = command.ascii(name, nameEnd).toUpperCase(Locale.ROOT);
        Optional<Exchange> begun = context.auth().begin(mechanism, who, client::channelBinding);
        byte[] initial = command.octets(response, responseEnd);
        command.wipe();
        if (!wellFormed || begun.isEmpty()) {
            Arrays.fill(initial, (byte) 0);
            return wellFormed
                    ? StandardReply.MECHANISM_UNSUPPORTED.reply()
                    : StandardReply.BAD_ARGUMENTS.reply("AUTH mechanism [initial-response]");
        }
        Exchange exchange = begun.get();
        boolean empty = initial.length == 1 && initial[0] == '='; // RFC 4954 section 4
        beginJudgement(permit.nanoTime()); // a mechanism may ask its directory at its first step
        try {
            Step first = invited
                    ? new Step.Challenge(exchange.invitation())
                    : respond(exchange, empty ? new byte[0] : initial);
            return exchange(mechanism, exchange, first, who);
        } finally {
            endJudgement();
        }
    }

    private Reply exchange(String mechanism, Exchange exchange, Step first, ClientInfo who) throws IOException {
        Step step = first;
        while (step instanceof Step.Challenge challenge) {
            client.say(challenge.reply());
            Line answer = client.line();
            Optional<Reply> refusal = refusal(answer);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            if (answer.length() == 1 && answer.at(0) == '*') {
                return StandardReply.AUTH_CANCELLED.reply();
            }
            step = respond(exchange, answer.octets(0, answer.length()));
            answer.wipe();
        }
        return outcome(mechanism, exchange, step, who);
    }

    /** The reply to a line that cannot be the answer to a challenge. */
    private Optional<Reply> refusal(Line answer) {
        Optional<Reply> refusal = exhausted() ? Optional.of(StandardReply.TOO_MANY_ERRORS.reply()) : answer.refusal();
        if (refusal.isEmpty() && answer.announcesChunk() && !isBase64(answer)) {
            refusal = Optional.of(answer.refusal(StandardReply.AUTH_MALFORMED));
        }
        if (refusal.isPresent()) {
            answer.wipe();
        }
        return refusal;
    }

    /** Tells it of what may be a secret all the same, so copies are wiped. */
    private static boolean isBase64(Line answer) {
        byte[] text = answer.octets(0, answer.length());
        Optional<byte[]> decoded = Base64Symbols.decode(text);
        Arrays.fill(text, (byte) 0);
        decoded.ifPresent(octets -> Arrays.fill(octets, (byte) 0));
        return decoded.isPresent();
    }

    /** Takes what the client sent, and wipes it. */
    private static Step respond(Exchange exchange, byte[] response) {
        Optional<byte[]> decoded = Base64Symbols.decode(response);
        Arrays.fill(response, (byte) 0);
        return decoded.map(exchange::respond).orElseGet(Step.Malformed::new);
    }

    private Reply outcome(String mechanism, Exchange exchange, Step last, ClientInfo who) throws IOException {
        if (last instanceof Step.Malformed) {
            return StandardReply.AUTH_MALFORMED.reply();
        }
        if (last instanceof Step.Unsupported) {
            return StandardReply.MECHANISM_UNSUPPORTED.reply();
        }
        long begun = permit.nanoTime();
        Judged<Identity> judged = judged(exchange, last, who);
        if (judged instanceof Judged.Refused<Identity> refused) {
            tell(who, refused.reply(), mechanism, begun);
            boolean wrong = refused.reply().standard().equals(Optional.of(StandardReply.AUTH_CREDENTIALS_INVALID));
            Optional<Reply> explanation = wrong ? exchange.explanation() : Optional.empty();
            return explanation.isEmpty() ? refused.reply() : explained(explanation.get(), refused.reply());
        }
        Optional<Reply> confirmation = exchange.confirmation();
        if (confirmation.isPresent()) {
            long asked = permit.nanoTime();
            Optional<Reply> refusal = confirmed(confirmation.get());
            if (refusal.isPresent()) {
                return refusal.get();
            }
            begun += permit.nanoTime() - asked;
        }
        Reply reply = replyTo(enter(judged.value(), true, who));
        tell(who, reply, mechanism, begun);
        return reply;
    }

    private Judged<Identity> judged(Exchange exchange, Step last, ClientInfo who) {
        if (last instanceof Step.Given given) {
            return context.auth().judge(given.credentials(), exchange, who, client::gone);
        }
        return last instanceof Step.Shown shown
                ? context.auth().judge(shown, who, client::gone)
                : context.auth().hopeless(who, client::gone);
    }

    private Reply explained(Reply explanation, Reply refusal) throws IOException {
        client.say(explanation);
        Line answer = client.line(); // whatever it is (RFC 7628 section 3.2.3)
        Optional<Reply> another = refusal(answer);
        answer.wipe();
        return another.orElse(refusal);
    }

    /** The client may find that the server is not the right one. Returns the reply to it then. */
    private Optional<Reply> confirmed(Reply confirmation) throws IOException {
        client.say(confirmation);
        Line answer = client.line();
        Optional<Reply> refusal = refusal(answer);
        if (refusal.isPresent() || answer.length() == 0) {
            return refusal;
        }
        boolean cancelled = answer.length() == 1 && answer.at(0) == '*';
        return Optional.of((cancelled ? StandardReply.AUTH_CANCELLED : StandardReply.AUTH_MALFORMED).reply());
    }

    /** {@return the reply to a login that was judged so} */
    private static Reply replyTo(Verdict verdict) {
        return verdict.refusal().orElseGet(StandardReply.AUTH_SUCCEEDED::reply);
    }

    private void tell(ClientInfo who, Reply reply, String mechanism, long begun) {
        RelayEvent.LoginJudged judged = RelayEvent.LoginJudged.of(
                SessionEvents.of(who, identity), reply, Duration.ofNanos(permit.nanoTime() - begun));
        context.tell(mechanism.isEmpty() ? judged : judged.withMechanism(mechanism));
    }

    private Verdict enter(Identity found, boolean sasl, ClientInfo who) {
        identity = null; // a trusted client that logs in leaves its first identity
        bySasl = false;
        Verdict verdict = permit.loggedIn(found, who);
        if (verdict instanceof Verdict.Proceed && !become(found, sasl)) {
            permit.releaseLogin();
            verdict = Verdict.refuse(StandardReply.SESSION_ENDED);
        }
        if (verdict instanceof Verdict.Proceed) {
            context.tell(RelayEvent.Authenticated.of(EventSession.of(who), found));
        }
        return verdict;
    }
}
