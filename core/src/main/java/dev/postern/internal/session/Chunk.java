package dev.postern.internal.session;

import dev.postern.spi.Reply;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A BDAT chunk on its way in (RFC 3030 section 2). Its octets are read, whatever the reply to it will be. */
final class Chunk {

    private static final int MAX_SIZE_DIGITS = 18; // what a long can hold; nobody has a larger chunk to send

    private static final Pattern LAST = Pattern.compile("LAST", Pattern.CASE_INSENSITIVE); // of US-ASCII letters only

    /** What stands behind the size. */
    enum End {
        /** Nothing: more chunks follow. */
        OPEN,
        /** {@code LAST}. */
        LAST,
        /** Something else, which does not make the octets behind the command any less a chunk. */
        MALFORMED
    }

    final long octets;
    final End end;

    @Nullable
    Reply refusal;

    private long remaining;

    private Chunk(long octets, End end) {
        this.octets = octets;
        this.end = end;
        this.remaining = octets;
    }

    /** Reads {@code size [LAST]}; empty when there is no size, so that nobody can say where the chunk ends. */
    static Optional<Chunk> parse(String arguments) {
        String[] words = arguments.split(" +", -1);
        if (!words[0].matches("[0-9]+")) {
            return Optional.empty();
        }
        String digits = words[0].replaceFirst("^0+(?=.)", "");
        long octets = digits.length() > MAX_SIZE_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
        return Optional.of(new Chunk(octets, end(words)));
    }

    private static End end(String[] words) {
        if (words.length == 1) {
            return End.OPEN;
        }
        return words.length == 2 && LAST.matcher(words[1]).matches() ? End.LAST : End.MALFORMED;
    }

    boolean last() {
        return end == End.LAST;
    }

    /** Takes its part of what was received, and says how much that is. */
    int take(int received) {
        int taken = (int) Math.min(received, remaining);
        remaining -= taken;
        return taken;
    }

    /** How many of its octets were read for nothing. */
    long discarded() {
        return refusal == null ? 0 : octets - remaining;
    }

    boolean complete() {
        return remaining == 0;
    }
}
