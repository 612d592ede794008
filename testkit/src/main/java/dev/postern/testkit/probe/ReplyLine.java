package dev.postern.testkit.probe;

import dev.postern.testkit.internal.wire.Octets;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One line of a reply, read strictly by RFC 5321 section 4.2. */
record ReplyLine(int code, Place place, String text) {

    enum Place {
        BEFORE_OTHERS,
        LAST
    }

    private static final int MAX_OCTETS = 512;
    private static final Pattern LINE = Pattern.compile("([2-5][0-5][0-9])(?:([ -])([\\t -~]*))?");

    static ReplyLine parse(byte[] octets) {
        if (!Octets.endsWithCrLf(octets)) {
            throw malformed("does not end with CRLF", octets);
        }
        if (octets.length > MAX_OCTETS) {
            throw malformed("has " + octets.length + " octets, more than " + MAX_OCTETS, octets);
        }
        Matcher line = LINE.matcher(new String(Octets.withoutLineEnd(octets), StandardCharsets.ISO_8859_1));
        if (!line.matches()) {
            throw malformed("is not a code and printable US-ASCII", octets);
        }
        String text = line.group(3) == null ? "" : line.group(3);
        Place place = "-".equals(line.group(2)) ? Place.BEFORE_OTHERS : Place.LAST;
        return new ReplyLine(Integer.parseInt(line.group(1)), place, text);
    }

    static IllegalArgumentException malformed(String why, byte[] octets) {
        return new IllegalArgumentException("Malformed reply: line " + why + ": \"" + Octets.escape(octets) + "\"");
    }
}
