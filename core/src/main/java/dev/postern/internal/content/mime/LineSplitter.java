package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.octets.Octets;
import dev.postern.settings.MessageRules;
import java.util.Optional;

/**
 * Splits the clean octets into lines for the {@link StructureWalk}, without holding more than the beginning of one line
 * that two blocks share.
 */
public final class LineSplitter {

    /** From so many octets on, a line is handed on in fragments; RFC 5322 section 2.1.1 allows none over 998. */
    static final int LONG_LINE = 1002;

    private final StructureWalk walk;
    private final byte[] pending = new byte[LONG_LINE];
    private int pendingLength;
    private boolean fragmented; // the beginning of the line was handed on already
    private long position; // of the block in the content
    private long lineStart; // of the pending line

    public LineSplitter(MessageRules rules, StructureLimits limits) {
        walk = new StructureWalk(rules, limits);
    }

    public void accept(byte[] buffer, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end && !walk.done()) {
            if (pendingLength == 0 && !fragmented) {
                int taken = walk.lines(buffer, i, end, position + i - offset);
                if (taken > i) {
                    i = taken;
                    continue;
                }
            }
            int lf = Octets.indexOf(buffer, i, end, Octets.LF);
            if (lf == end) {
                begin(buffer, i, end, position + i - offset);
            } else if (pendingLength > 0 || fragmented) {
                complete(buffer, i, lf);
            } else {
                walk.line(buffer, i, lf - 1, true, true, position + i - offset); // in clean content a CR is before it
            }
            i = lf + 1;
        }
        position += length;
    }

    /** Ends the content. */
    public void end() {
        if (pendingLength > 0 || fragmented) {
            complete(pending, pendingLength, pendingLength); // content that was not ended by CRLF
        }
        walk.end(position);
    }

    /** What is wrong, printable. */
    public Optional<String> defect() {
        return walk.defect();
    }

    /** Counts what the content costs, behind the search for line ends, which looks at each octet once. */
    WholeMessage message() {
        return walk.message;
    }

    public HeaderSection header() {
        return walk.header();
    }

    /** Finds where the lines end that are whole and do not begin with two hyphens. */
    static int bodyLines(byte[] buffer, int start, int end) {
        int stop = end;
        while (stop > start && buffer[stop - 1] != Octets.LF) {
            stop--;
        }
        int i = start;
        while (i < stop) {
            i = Octets.indexOf(buffer, i, stop, (byte) '-');
            if (i < stop && buffer[i + 1] == '-' && (i == start || buffer[i - 1] == Octets.LF)) {
                return i;
            }
            i++;
        }
        return stop;
    }

    /** Takes a part of a line that goes on in the next block. */
    private void begin(byte[] buffer, int start, int end, long at) {
        if (pendingLength == 0 && !fragmented) {
            lineStart = at;
        }
        if (!fragmented && pendingLength + end - start <= pending.length) {
            append(buffer, start, end);
            return;
        }
        int from = flush(buffer, start, end);
        walk.line(buffer, from, withoutCr(buffer, from, end), false, false, lineStart);
    }

    private void complete(byte[] buffer, int start, int lf) {
        if (!fragmented && pendingLength + lf - start <= pending.length) {
            append(buffer, start, lf);
            int length = pendingLength;
            pendingLength = 0;
            walk.line(pending, 0, withoutCr(pending, 0, length), true, true, lineStart);
            return;
        }
        int from = flush(buffer, start, lf);
        fragmented = false;
        walk.line(buffer, from, withoutCr(buffer, from, lf), false, true, lineStart);
    }

    private void append(byte[] buffer, int start, int end) {
        System.arraycopy(buffer, start, pending, pendingLength, end - start);
        pendingLength += end - start;
    }

    /** Hands on the first fragment, always of the same length, so that it says the same however the blocks are cut. */
    private int flush(byte[] buffer, int start, int end) {
        if (fragmented) {
            return start;
        }
        int from = start + Math.min(end - start, pending.length - pendingLength);
        append(buffer, start, from);
        fragmented = true;
        pendingLength = 0;
        walk.line(pending, 0, pending.length, true, false, lineStart);
        return from;
    }

    private static int withoutCr(byte[] buffer, int start, int end) {
        return end > start && buffer[end - 1] == Octets.CR ? end - 1 : end;
    }
}
