package dev.postern.internal.content.mime;

import dev.postern.internal.octets.Octets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A multipart without its end yet, with every boundary that a reader may see; the standard's reading comes first. */
final class Multipart {

    /** RFC 2046 section 5.1.1 allows 70; some programs do not know. */
    static final int MAX_BOUNDARY = 200;

    /** What a reader takes for one who leaves a comment in it; delimiter lines have room for no more. */
    static final int MAX_LENIENT_BOUNDARY = 900;

    /** What a line is to a multipart. */
    enum Match {
        CONTENT,
        /** A delimiter with something behind it: some readers take it for one, others for content. */
        DOUBTFUL,
        OPENS,
        CLOSES;

        boolean isDelimiter() {
            return this == OPENS || this == CLOSES;
        }
    }

    private int matched; // the reading of the last delimiter
    private final List<byte[]> delimiters = new ArrayList<>();
    private int chosen = -1;
    private int cost;
    final int depth;
    final boolean digest;
    final boolean quoted;
    private boolean pastEnd;
    int parts;

    Multipart(List<String> boundaries, int depth, boolean digest, boolean quoted) {
        for (String each : boundaries) {
            add(("--" + each).getBytes(StandardCharsets.UTF_8));
        }
        this.depth = depth;
        this.digest = digest;
        this.quoted = quoted;
    }

    /** The same behind its end, which does not end it again. */
    Multipart behindEnd() {
        Multipart same = new Multipart(List.of(), depth, digest, true);
        same.add(delimiters.get(chosen));
        same.parts = parts;
        same.pastEnd = true;
        return same;
    }

    /** Whether it goes on behind an end, as some readers have it. */
    boolean isPastEnd() {
        return pastEnd;
    }

    private void add(byte[] delimiter) {
        delimiters.add(delimiter);
        cost += delimiter.length;
    }

    static boolean isBoundary(String boundary) {
        return octets(boundary) <= MAX_BOUNDARY;
    }

    static boolean areBounded(List<String> boundaries) {
        for (String each : boundaries) {
            if (octets(each) > MAX_LENIENT_BOUNDARY) {
                return false;
            }
        }
        return true;
    }

    private static int octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** How many octets a line is compared with at most. */
    int cost() {
        return cost;
    }

    /** The boundary of the standard's reading. */
    String boundary() {
        return delimiters.isEmpty() ? "" : new String(delimiters.get(0), StandardCharsets.UTF_8).substring(2);
    }

    /** The boundaries of the other readings than that whose delimiters came up. */
    List<String> otherBoundaries() {
        List<String> others = new ArrayList<>();
        for (int i = 0; i < delimiters.size(); i++) {
            if (i != chosen) {
                others.add(new String(delimiters.get(i), StandardCharsets.UTF_8).substring(2));
            }
        }
        return others;
    }

    /** Tells what a line is that begins with two hyphens. */
    Match match(byte[] buffer, int start, int end) {
        Match found = Match.CONTENT;
        for (int i = 0; i < delimiters.size(); i++) {
            Match line = match(i, buffer, start, end);
            if (line.isDelimiter()) {
                matched = i;
                return line;
            }
            found = found == Match.CONTENT ? line : found;
        }
        return pastEnd ? Match.CONTENT : found; // there is nothing to find two readings for
    }

    /** Boundaries may begin alike: programs of today compare whole lines, but for blanks behind (RFC 2046 section 5.1.1). */
    private Match match(int reading, byte[] buffer, int start, int end) {
        byte[] delimiter = delimiters.get(reading);
        int rest = start + delimiter.length;
        if (!Octets.startsWith(buffer, start, end, delimiter)) {
            return Match.CONTENT;
        }
        boolean closes = end - rest >= 2 && buffer[rest] == '-' && buffer[rest + 1] == '-';
        if (Octets.skipBlanks(buffer, closes ? rest + 2 : rest, end) == end) {
            return closes ? Match.CLOSES : Match.OPENS;
        }
        return buffer[rest] == '-' || Octets.isBlank(buffer[rest]) ? Match.DOUBTFUL : Match.CONTENT;
    }

    /** A multipart that does not tell its boundary: some readers take the first line that looks like a delimiter for one. */
    Match guess(byte[] buffer, int start, int end) {
        if (!quoted || !delimiters.isEmpty()) {
            return Match.CONTENT;
        }
        int last = end;
        while (last > start && Octets.isBlank(buffer[last - 1])) {
            last--;
        }
        boolean dashes = true;
        for (int i = start; i < last; i++) {
            dashes &= buffer[i] == '-';
        }
        if (last - start <= 2 || dashes && last - start > 4 || last - start > MAX_LENIENT_BOUNDARY) {
            return Match.CONTENT;
        }
        add(Arrays.copyOfRange(buffer, start, last));
        matched = 0;
        return Match.OPENS;
    }

    /**
     * Takes the delimiter that was matched for this multipart's own; false when it can be read in two ways. In a quoted message
     * the first that is found says how it was meant.
     */
    boolean choose() {
        if (chosen < 0 && (quoted || matched == 0)) {
            chosen = matched;
        }
        return chosen == matched;
    }
}
