package dev.postern.internal.flow;

import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.reply.Replies;
import dev.postern.spi.Reply;
import java.util.ArrayList;
import java.util.List;

/** What EHLO offers, made once for each state that a session can be in. */
final class Capabilities {

    private final Reply inClear;
    private final Reply overTls;

    Capabilities(Stages.Settings settings, AuthGate auth) {
        inClear = reply(settings, false, auth.offered(false));
        overTls = reply(settings, true, auth.offered(true));
    }

    Reply reply(boolean tls) {
        return tls ? overTls : inClear;
    }

    private static Reply reply(Stages.Settings settings, boolean tls, List<String> mechanisms) {
        List<String> keywords = new ArrayList<>(List.of("PIPELINING"));
        keywords.add(
                settings.maxMessageSize() == Long.MAX_VALUE ? "SIZE" : "SIZE " + settings.maxMessageSize()); // RFC 1870
        keywords.addAll(List.of("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING"));
        if (settings.dsn()) {
            keywords.add("DSN");
        }
        if (settings.tlsAvailable() && !tls) {
            keywords.add("STARTTLS"); // RFC 3207 section 4.2: not once TLS is on
        }
        if (!mechanisms.isEmpty()) {
            keywords.add("AUTH " + String.join(" ", mechanisms));
        }
        String limits = (settings.maxMessages() == Integer.MAX_VALUE ? "" : " MAILMAX=" + settings.maxMessages())
                + (settings.maxRecipients() == Integer.MAX_VALUE ? "" : " RCPTMAX=" + settings.maxRecipients());
        if (!limits.isEmpty()) {
            keywords.add("LIMITS" + limits); // RFC 9422 section 3
        }
        keywords.add("HELP");
        return Replies.capabilities(settings.hostName(), keywords);
    }
}
