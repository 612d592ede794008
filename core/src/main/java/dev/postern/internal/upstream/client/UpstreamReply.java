package dev.postern.internal.upstream.client;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import java.util.List;

/**
 * A reply as the upstream gave it.
 *
 * @param code 200 to 599, of which RFC 5321 has those to 559
 * @param lines the text behind the code, one character an octet, not sanitised
 */
public record UpstreamReply(int code, List<String> lines) {

    private static final int MAX_CODE = 559;
    private static final int ANY_FAILURE = 550;
    private static final int MAX_LOGGED = 400;

    /**
     * Tells whether it says that a command was carried out: any 2xx (RFC 5321 section 4.2.1), but for a greeting, a goodbye
     * and the end of a login, which answer nothing of a message and so have slipped here from elsewhere.
     */
    public boolean positive() {
        return code / 100 == 2 && code != 220 && code != 221 && code != 235;
    }

    public boolean negative() {
        return code / 100 >= 4;
    }

    public boolean permanent() {
        return code / 100 == 5;
    }

    /** The one code that may come at any time and ends the connection (RFC 5321 section 3.8). */
    public boolean closing() {
        return code == 421;
    }

    /** A code beyond the grammar, as some servers' "571", means what its first digit does (RFC 5321 section 4.3.2). */
    Reply toReply() {
        return Reply.fromUpstream(code > MAX_CODE ? ANY_FAILURE : code, lines);
    }

    /** Without the words: an upstream could echo our credentials in its answer to them. */
    String withoutText() {
        return code
                + EnhancedStatus.leading(lines.get(0))
                        .map(status -> " " + status)
                        .orElse("");
    }

    /** Returns the reply for a log line: printable and bounded. */
    @Override
    public String toString() {
        return Reply.printable(code + " " + String.join(" / ", lines), MAX_LOGGED);
    }
}
