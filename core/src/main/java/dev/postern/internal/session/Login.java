package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate.Exchange;
import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.reply.Judged;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Who a session's client is, and the AUTH exchange that finds it out (RFC 4954 section 4). */
final class Login {

    /** How the client came to its identity. */
    private enum How {
        NOT_AT_ALL,
        TRUSTED_ADDRESS,
        SASL
    }

    private final Stages stages;
    private final SessionGate.Ticket ticket;
    private final BooleanSupplier gone;
    private How how = How.NOT_AT_ALL;
    private @Nullable Identity identity;
    private @Nullable Exchange exchange;
    private @Nullable Reply refusalToCome; // when the client has answered the explanation of it

    Login(Stages stages, SessionGate.Ticket ticket, BooleanSupplier gone) {
        this.stages = stages;
        this.ticket = ticket;
        this.gone = gone;
    }

    @Nullable
    Identity identity() {
        return identity;
    }

    boolean bySasl() {
        return how == How.SASL;
    }

    boolean inExchange() {
        return exchange != null || refusalToCome != null;
    }

    /** A client at a trusted address is logged in when it first needs to be, so that its login counts like any other. */
    Verdict require(ClientInfo client) {
        if (identity != null) {
            return Verdict.proceed();
        }
        return stages.auth()
                .trusted(client)
                .map(trusted -> enter(trusted, How.TRUSTED_ADDRESS, client))
                .orElseGet(() -> Verdict.refuse(StandardReply.AUTH_REQUIRED));
    }

    /** RFC 3207 section 4.2. */
    void forget() {
        ticket.releaseLogin();
        identity = null;
        how = How.NOT_AT_ALL;
        abandonExchange();
    }

    void abandonExchange() {
        exchange = null;
        refusalToCome = null;
    }

    /** Takes what stands behind the verb. The initial response stays in the buffer, where it can be wiped. */
    Reply begin(byte[] buffer, int offset, int end, ClientInfo client) {
        int start = Lines.skipSpaces(buffer, offset, end);
        int mechanismEnd = Lines.indexOfSpace(buffer, start, end);
        int responseStart = Lines.skipSpaces(buffer, mechanismEnd, end);
        int responseEnd = Lines.indexOfSpace(buffer, responseStart, end);
        if (mechanismEnd == start || Lines.skipSpaces(buffer, responseEnd, end) != end) {
            return StandardReply.BAD_ARGUMENTS.reply("AUTH mechanism [initial-response]");
        }
        Optional<Exchange> begun = stages.auth().begin(Lines.ascii(buffer, start, mechanismEnd));
        if (begun.isEmpty()) {
            return StandardReply.MECHANISM_UNSUPPORTED.reply();
        }
        exchange = begun.get();
        if (responseStart == end) {
            return begun.get().invitation();
        }
        // "=" is an empty initial response
        boolean empty = responseEnd == responseStart + 1 && buffer[responseStart] == '=';
        return respond(buffer, responseStart, empty ? 0 : responseEnd - responseStart, client);
    }

    /** Takes the client's answer to a challenge. */
    Reply respond(byte[] buffer, int offset, int length, ClientInfo client) {
        Reply refusal = refusalToCome;
        if (refusal != null) { // whatever the client answers to the explanation (RFC 7628 section 3.2.3)
            refusalToCome = null;
            return refusal;
        }
        Exchange current = Objects.requireNonNull(exchange);
        if (length == 1 && buffer[offset] == '*') {
            exchange = null;
            return StandardReply.AUTH_CANCELLED.reply();
        }
        byte[] response = Arrays.copyOfRange(buffer, offset, offset + length);
        Optional<byte[]> decoded = Lines.base64(response);
        Arrays.fill(response, (byte) 0);
        Step step = decoded.map(current::respond).orElseGet(Step.Malformed::new);
        if (step instanceof Step.Challenge challenge) {
            return challenge.reply();
        }
        exchange = null;
        if (step instanceof Step.Given given) {
            Reply reply = outcome(stages.auth().judge(given.credentials(), client, gone), client);
            boolean wrong = reply.standard().equals(Optional.of(StandardReply.AUTH_CREDENTIALS_INVALID));
            Optional<Reply> explanation = wrong ? current.explanation() : Optional.empty();
            refusalToCome = explanation.isPresent() ? reply : null;
            return explanation.orElse(reply);
        }
        return step instanceof Step.Hopeless
                ? outcome(stages.auth().hopeless(client, gone), client)
                : StandardReply.AUTH_MALFORMED.reply();
    }

    private Reply outcome(Judged<Identity> judged, ClientInfo client) {
        return judged instanceof Judged.Refused<Identity> refused
                ? refused.reply()
                : enter(judged.value(), How.SASL, client).refusal().orElseGet(StandardReply.AUTH_SUCCEEDED::reply);
    }

    private Verdict enter(Identity who, How by, ClientInfo client) {
        identity = null; // a trusted client that logs in leaves its first identity
        how = How.NOT_AT_ALL;
        Verdict verdict = ticket.loggedIn(who, client);
        if (verdict instanceof Verdict.Proceed) {
            identity = who;
            how = by;
            stages.tell(new RelayEvent.Authenticated(client, who));
        }
        return verdict;
    }
}
