package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.reply.Replies;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the relay says of itself, made once for each state that a session without limits of its own can be in. */
public final class Capabilities {

    /**
     * The limits that EHLO announces; {@code MAX_VALUE} is left out.
     *
     * @param messageSize by SIZE (RFC 1870 section 3)
     * @param messages by MAILMAX (RFC 9422 section 4.1)
     * @param recipients by RCPTMAX (RFC 9422 section 4.2)
     */
    record Limits(long messageSize, int messages, int recipients) {}

    /** What differs between sessions without limits of their own. */
    private record State(boolean tls, List<String> mechanisms) {}

    /** Whether clients can turn TLS on. */
    public enum StartTls {
        AVAILABLE,
        UNAVAILABLE
    }

    private final String hostName;
    private final StartTls startTls;
    private final EnvelopeGate envelopes;
    private final Limits common;
    private final Reply greeting;
    private final Reply helo;
    private final Map<State, Reply> made = new ConcurrentHashMap<>(); // a client cannot choose of more than a few

    public Capabilities(
            String hostName, String productName, StartTls startTls, EnvelopeGate envelopes, SessionGate sessions) {
        this.hostName = hostName;
        this.startTls = startTls;
        this.envelopes = envelopes;
        greeting = StandardReply.GREETING.reply(hostName, productName);
        helo = StandardReply.HELLO.reply(hostName);
        MessageRules rules = envelopes.rules();
        common = new Limits(rules.maxSize(), sessions.maxMessages(), rules.maxRecipients());
    }

    String hostName() {
        return hostName;
    }

    boolean startTls() {
        return startTls == StartTls.AVAILABLE;
    }

    /** RFC 5321 section 4.2. */
    Reply greeting() {
        return greeting;
    }

    Reply helo() {
        return helo;
    }

    /**
     * What EHLO announces: an identity's own limits once the client is known, and less where the upstreams take less.
     */
    Limits limits(@Nullable Identity identity, int messages, int upstreams) {
        return identity == null
                ? new Limits(common.messageSize, common.messages, Math.min(common.recipients, upstreams))
                : new Limits(
                        envelopes.maxSize(identity), messages, Math.min(envelopes.maxRecipients(identity), upstreams));
    }

    Reply ehlo(boolean tls, List<String> mechanisms, Limits limits) {
        return limits.equals(common)
                ? made.computeIfAbsent(new State(tls, mechanisms), state -> make(state.tls, state.mechanisms, common))
                : make(tls, mechanisms, limits);
    }

    private Reply make(boolean tls, List<String> mechanisms, Limits limits) {
        List<String> keywords = new ArrayList<>(List.of("PIPELINING"));
        keywords.add(limits.messageSize == Long.MAX_VALUE ? "SIZE" : "SIZE " + limits.messageSize);
        keywords.addAll(List.of("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING"));
        if (envelopes.rules().dsn()) {
            keywords.add("DSN");
        }
        if (envelopes.requireTls(tls)) {
            keywords.add("REQUIRETLS");
        }
        if (startTls() && !tls) {
            keywords.add("STARTTLS"); // RFC 3207 section 4.2: not once TLS is on
        }
        if (!mechanisms.isEmpty()) {
            keywords.add("AUTH " + String.join(" ", mechanisms));
        }
        String counts = (limits.messages == Integer.MAX_VALUE ? "" : " MAILMAX=" + limits.messages)
                + (limits.recipients == Integer.MAX_VALUE ? "" : " RCPTMAX=" + limits.recipients);
        if (!counts.isEmpty()) {
            keywords.add("LIMITS" + counts);
        }
        keywords.add("HELP");
        return Replies.capabilities(hostName, keywords);
    }
}
