package dev.postern.internal.session;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Reads pieces of command lines. */
final class Lines {

    private Lines() {}

    /** The arguments of a command without blanks around them; empty when they are no text. */
    static Optional<String> text(byte[] buffer, int offset, int length) {
        boolean ascii = true;
        for (int i = offset; i < offset + length; i++) {
            int c = buffer[i];
            if (c < 0) {
                ascii = false;
            } else if (c < ' ' && c != '\t' || c == 0x7f) {
                return Optional.empty();
            }
        }
        if (ascii) {
            return Optional.of(new String(buffer, offset, length, StandardCharsets.ISO_8859_1).strip());
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer, offset, length))
                    .toString()
                    .strip());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether a line begins like a BDAT command with something behind the verb, in any case. Its sender may not see what is
     * in front of the verb, blanks, controls or invisible characters; what follows is a chunk all the same.
     */
    static boolean announcesChunk(byte[] buffer, int offset, int length) {
        int start = skipInvisible(buffer, offset, offset + length);
        return offset + length - start > 4 && Verb.of(buffer, start, 4) == Verb.BDAT;
    }

    /** Skips octets that are no visible US-ASCII. */
    static int skipInvisible(byte[] buffer, int from, int end) {
        int i = from;
        while (i < end && (buffer[i] <= ' ' || buffer[i] == 0x7f)) { // those beyond US-ASCII are negative
            i++;
        }
        return i;
    }

    static int skipSpaces(byte[] buffer, int from, int end) {
        int i = from;
        while (i < end && buffer[i] == ' ') {
            i++;
        }
        return i;
    }

    static int indexOfSpace(byte[] buffer, int from, int end) {
        int i = from;
        while (i < end && buffer[i] != ' ') {
            i++;
        }
        return i;
    }

    static String ascii(byte[] buffer, int start, int end) {
        return new String(buffer, start, end - start, StandardCharsets.US_ASCII);
    }

    /** RFC 4648 section 4, with its padding; empty when it is none. */
    static Optional<byte[]> base64(byte[] text) {
        if (text.length % 4 != 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
