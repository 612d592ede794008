package dev.postern.internal.session;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A BDAT chunk (RFC 3030 section 2). Its octets are read, whatever the reply to it will be.
 *
 * @param octets how many it has; more than a long can hold are the most that one can
 * @param end what stands behind the size
 */
record Chunk(long octets, End end) {

    private static final int MAX_SIZE_DIGITS = 18; // what a long can hold; nobody has a larger chunk to send

    /** The reply to a size that cannot be read, or to something behind it that cannot. */
    static final Reply MALFORMED = StandardReply.BAD_ARGUMENTS.reply("BDAT size [LAST]");

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

    /** What is done with octets as they come. */
    interface Taker {
        void take(byte[] buffer, int offset, int length);
    }

    void receive(Client client, Taker taker) throws IOException {
        read(client, taker, Long.MAX_VALUE);
    }

    /** Reads the chunk for nothing; false when it has more than a bound, and the rest of it is still to come. */
    boolean discard(Client client, long most) throws IOException {
        return read(client, (buffer, offset, length) -> {}, most);
    }

    private boolean read(Client client, Taker taker, long most) throws IOException {
        if (octets == 0) {
            return true;
        }
        try (Client.Content content = client.content()) {
            for (long left = octets; left > 0; ) {
                if (octets - left > most) {
                    return false;
                }
                int taken = (int) Math.min(content.await(), left);
                taker.take(content.buffer(), content.position(), taken);
                content.take(taken);
                left -= taken;
            }
        }
        return true;
    }
}
