package dev.postern.internal.flow;

import dev.postern.spi.Reply;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A BDAT chunk on its way in (RFC 3030 section 2). Its octets are read, whatever the reply to it will be. */
final class Chunk {

    private static final int MAX_SIZE_DIGITS = 18; // what a long can hold; nobody has a larger chunk to send

    private static final Pattern LAST = Pattern.compile("LAST", Pattern.CASE_INSENSITIVE); // of US-ASCII letters only

    final long octets;
    final boolean last;

    @Nullable
    Reply refusal;

    private long remaining;

    private Chunk(long octets, boolean last) {
        this.octets = octets;
        this.last = last;
        this.remaining = octets;
    }

    /** Reads {@code size [LAST]}. */
    static Optional<Chunk> parse(String arguments) {
        String[] words = arguments.split(" +", -1);
        boolean last = words.length == 2 && LAST.matcher(words[1]).matches();
        boolean wellFormed = (words.length == 1 || last) && words[0].matches("[0-9]{1," + MAX_SIZE_DIGITS + "}");
        return wellFormed ? Optional.of(new Chunk(Long.parseLong(words[0]), last)) : Optional.empty();
    }

    /** Takes its part of what was received, and says how much that is. */
    int take(int received) {
        int taken = (int) Math.min(received, remaining);
        remaining -= taken;
        return taken;
    }

    boolean complete() {
        return remaining == 0;
    }
}
