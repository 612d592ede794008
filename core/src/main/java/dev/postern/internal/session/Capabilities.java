package dev.postern.internal.session;

import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.reply.Replies;
import dev.postern.spi.Reply;
import java.util.ArrayList;
import java.util.List;

/** What EHLO offers, made once for each state that a session without limits of its own can be in. */
final class Capabilities {

    /**
     * The limits that are announced; {@code MAX_VALUE} is left out.
     *
     * @param messageSize by SIZE (RFC 1870 section 3)
     * @param messages by MAILMAX (RFC 9422 section 4.1)
     * @param recipients by RCPTMAX (RFC 9422 section 4.2)
     */
    record Limits(long messageSize, int messages, int recipients) {

        Limits withRecipients(int newRecipients) {
            return recipients == newRecipients ? this : new Limits(messageSize, messages, newRecipients);
        }
    }

    private final Stages.Settings settings;
    private final AuthGate auth;
    private final Limits common;
    private final Reply inClear;
    private final Reply overTls;

    Capabilities(Stages.Settings settings, AuthGate auth) {
        this.settings = settings;
        this.auth = auth;
        common = new Limits(
                settings.messages().maxSize(),
                settings.sessions().messages(),
                settings.messages().maxRecipients());
        inClear = make(false, common);
        overTls = make(true, common);
    }

    /** The limits of every client that is not known yet. */
    Limits common() {
        return common;
    }

    Reply reply(boolean tls, Limits limits) {
        return limits.equals(common) ? tls ? overTls : inClear : make(tls, limits);
    }

    private Reply make(boolean tls, Limits limits) {
        List<String> keywords = new ArrayList<>(List.of("PIPELINING"));
        keywords.add(limits.messageSize == Long.MAX_VALUE ? "SIZE" : "SIZE " + limits.messageSize);
        keywords.addAll(List.of("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING"));
        if (settings.messages().dsn()) {
            keywords.add("DSN");
        }
        if (settings.tlsAvailable() && !tls) {
            keywords.add("STARTTLS"); // RFC 3207 section 4.2: not once TLS is on
        }
        List<String> mechanisms = auth.offered(tls);
        if (!mechanisms.isEmpty()) {
            keywords.add("AUTH " + String.join(" ", mechanisms));
        }
        String counts = (limits.messages == Integer.MAX_VALUE ? "" : " MAILMAX=" + limits.messages)
                + (limits.recipients == Integer.MAX_VALUE ? "" : " RCPTMAX=" + limits.recipients);
        if (!counts.isEmpty()) {
            keywords.add("LIMITS" + counts);
        }
        keywords.add("HELP");
        return Replies.capabilities(settings.hostName(), keywords);
    }
}
