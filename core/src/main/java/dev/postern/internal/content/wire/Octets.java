package dev.postern.internal.content.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Searches octets eight at a time. */
public final class Octets {

    static final byte NUL = 0;
    private static final byte TAB = '\t';
    public static final byte LF = '\n';
    public static final byte CR = '\r';

    /** Reads eight octets; little-endian, so that the first octet is the lowest and a borrow cannot hide it. */
    public static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final long HIGH_BITS = 0x8080808080808080L;
    private static final long ONES = 0x0101010101010101L;

    private Octets() {}

    /**
     * Marks octets under 14: the lowest mark is exact, those above it may be wrong.
     *
     * @param word eight octets
     * @return the high bit of the first such octet, 0 when there is none
     */
    static long under14(long word) {
        return (word - 14 * ONES) & ~word & HIGH_BITS;
    }

    /**
     * Finds an octet.
     *
     * @param buffer where
     * @param from first index to look at
     * @param end index behind the last to look at
     * @param octet 0 to 127
     * @return its index, or {@code end}
     */
    public static int indexOf(byte[] buffer, int from, int end, byte octet) {
        long pattern = octet * ONES;
        int i = from;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long word = (long) WORDS.get(buffer, i) ^ pattern;
            long hit = (word - ONES) & ~word & HIGH_BITS;
            if (hit != 0) {
                return i + (Long.numberOfTrailingZeros(hit) >>> 3);
            }
        }
        while (i < end && buffer[i] != octet) {
            i++;
        }
        return i;
    }

    /**
     * Passes symbols of base64 (RFC 2045 section 6.8) but its padding.
     *
     * @param buffer where
     * @param from first index to look at
     * @param end index behind the last to look at
     * @return the index of the first other octet, or {@code end}
     */
    public static int behindBase64(byte[] buffer, int from, int end) {
        int i = from;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long others = othersThanBase64((long) WORDS.get(buffer, i));
            if (others != 0) {
                return i + (Long.numberOfTrailingZeros(others) >>> 3);
            }
        }
        while (i < end && othersThanBase64(buffer[i] & 0xff) << 56 == 0) {
            i++;
        }
        return i;
    }

    /** Marks octets that are none of {@code +/09azAZ}, exactly: each that is let in turns its mark round, as does its end. */
    private static long othersThanBase64(long word) {
        long low = word & ~HIGH_BITS;
        long folded = low | 0x20 * ONES; // a letter is a small one
        long inside = low + (0x80 - '+') * ONES
                ^ low + (0x80 - '+' - 1) * ONES
                ^ low + (0x80 - '/') * ONES // with the digits behind it
                ^ low + (0x80 - '9' - 1) * ONES
                ^ folded + (0x80 - 'a') * ONES
                ^ folded + (0x80 - 'z' - 1) * ONES;
        return (~inside | word) & HIGH_BITS;
    }

    /**
     * Tells whether there is an octet above 127.
     *
     * @param buffer where
     * @param from first index to look at
     * @param end index behind the last to look at
     * @return true when there is one
     */
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
}
