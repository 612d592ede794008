package dev.postern.robustness;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What content is by the rules, written down apart from the product's scanner. Octets are characters of ISO 8859-1. */
final class ContentReference {

    private static final String END = ".\r\n";

    private ContentReference() {}

    /** The content that arrived as DATA's octets, the end of data included. */
    static String ofData(String wire) {
        if (!wire.equals(END) && !wire.endsWith("\r\n" + END)) {
            throw new AssertionError("not the end of data: ..." + tail(wire));
        }
        String lines = wire.substring(0, wire.length() - END.length());
        return Arrays.stream(lines.split("(?<=\r\n)", -1))
                .map(line -> line.startsWith(".") ? line.substring(1) : line)
                .map(ContentReference::normalized)
                .collect(Collectors.joining());
    }

    /** The content that arrived in chunks. */
    static String ofChunks(String octets) {
        String content = normalized(octets);
        return content.isEmpty() || content.endsWith("\r\n") ? content : content + "\r\n";
    }

    /** Tells whether the octets may reach an upstream: no lone CR, no lone LF, no NUL, and a whole last line. */
    static boolean isClean(String content) {
        return content.replace("\r\n", "").chars().allMatch(c -> c != '\r' && c != '\n' && c != 0)
                && (content.isEmpty() || content.endsWith("\r\n"));
    }

    private static String normalized(String octets) {
        return octets.replaceAll("(?<!\r)\n", "\r\n");
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 20));
    }
}
