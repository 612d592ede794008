package dev.postern.internal.upstream;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import java.util.List;

/**
 * A reply as the upstream gave it.
 *
 * @param code 200 to 559
 * @param lines the text behind the code, one character an octet, not sanitised
 */
record UpstreamReply(int code, List<String> lines) {

    private static final int MAX_LOGGED = 400;

    boolean positive() {
        return code / 100 == 2;
    }

    boolean negative() {
        return code / 100 >= 4;
    }

    boolean permanent() {
        return code / 100 == 5;
    }

    /** The one code that may come at any time and ends the connection (RFC 5321 section 3.8). */
    boolean closing() {
        return code == 421;
    }

    Reply toReply() {
        return Reply.fromUpstream(code, lines);
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
