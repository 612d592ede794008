package dev.postern.internal.octets;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Searches octets, eight at a time, and decodes them. Every stage that reads what somebody sent does so here. */
public final class Octets {

    public static final byte NUL = 0;
    private static final byte TAB = '\t';
    public static final byte LF = '\n';
    public static final byte CR = '\r';

    /** Reads eight octets; little-endian, so that the first octet is the lowest and a borrow cannot hide it. */
    public static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** The high bit of each of eight octets. */
    public static final long HIGH_BITS = 0x8080808080808080L;

    static final long ONES = 0x0101010101010101L;
    private static final int STRIDE = 4 * Long.BYTES;

    private Octets() {}

    /** Marks those of eight octets that are under 14, by their high bits. Only the lowest mark is exact. */
    public static long under14(long word) {
        return (word - 14 * ONES) & ~word & HIGH_BITS;
    }

    /** Finds an octet under 128; returns its index, or the end. */
    public static int indexOf(byte[] buffer, int from, int end, int octet) {
        long pattern = octet * ONES;
        int i = from;
        while (i <= end - STRIDE && !strideHas(buffer, i, pattern)) {
            i += STRIDE;
        }
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long hit = zeros((long) WORDS.get(buffer, i) ^ pattern) & HIGH_BITS;
            if (hit != 0) {
                return i + (Long.numberOfTrailingZeros(hit) >>> 3);
            }
        }
        while (i < end && buffer[i] != octet) {
            i++;
        }
        return i;
    }

    private static boolean strideHas(byte[] buffer, int i, long pattern) {
        long first = zeros((long) WORDS.get(buffer, i) ^ pattern);
        long second = zeros((long) WORDS.get(buffer, i + 8) ^ pattern);
        long third = zeros((long) WORDS.get(buffer, i + 16) ^ pattern);
        long fourth = zeros((long) WORDS.get(buffer, i + 24) ^ pattern);
        return ((first | second | third | fourth) & HIGH_BITS) != 0;
    }

    /** Marks those of eight octets that are 0, by their high bits. Only the lowest mark is exact. */
    private static long zeros(long word) {
        return (word - ONES) & ~word;
    }

    /** Passes over octets that are all the same; returns the index of the first other one, or the end. */
    public static int skip(byte[] buffer, int from, int end, int octet) {
        int i = from;
        while (i < end && buffer[i] == octet) {
            i++;
        }
        return i;
    }

    /** Tells whether octets begin with others. */
    public static boolean startsWith(byte[] buffer, int from, int end, byte[] prefix) {
        int prefixEnd = from + prefix.length;
        return prefixEnd <= end && Arrays.equals(buffer, from, prefixEnd, prefix, 0, prefix.length);
    }

    /** Tells whether there is an octet above 127. */
    public static boolean hasEightBit(byte[] buffer, int from, int end) {
        int i = from;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            if (((long) WORDS.get(buffer, i) & HIGH_BITS) != 0) {
                return true;
            }
        }
        int seen = 0;
        for (; i < end; i++) {
            seen |= buffer[i];
        }
        return seen < 0;
    }

    /** Tells whether an octet is space or tab, WSP of RFC 5234. */
    public static boolean isBlank(byte octet) {
        return octet == ' ' || octet == TAB;
    }

    /** Passes over spaces and tabs; returns the index of the first other octet, or the end. */
    public static int skipBlanks(byte[] buffer, int from, int end) {
        int i = from;
        while (i < end && isBlank(buffer[i])) {
            i++;
        }
        return i;
    }

    /** Tells whether an octet is a control character, CTL of RFC 5234. */
    public static boolean isControl(byte octet) {
        return octet >= 0 && octet < ' ' || octet == 0x7f;
    }

    /** Decodes octets that are written as a sign and two hexadecimal digits; what is no such escape stands for itself. */
    public static byte[] unescape(byte[] text, char sign) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length);
        for (int i = 0; i < text.length; i++) {
            boolean escape = text[i] == sign && i + 2 < text.length;
            int high = escape ? Character.digit(text[i + 1], 16) : -1;
            int low = escape ? Character.digit(text[i + 2], 16) : -1;
            if (high >= 0 && low >= 0) {
                octets.write(high << 4 | low);
                i += 2;
            } else {
                octets.write(text[i]);
            }
        }
        return octets.toByteArray();
    }

    /** Decodes UTF-8, strictly; empty when it is none. */
    public static Optional<String> utf8(byte[] buffer, int start, int end) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer, start, end - start))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
