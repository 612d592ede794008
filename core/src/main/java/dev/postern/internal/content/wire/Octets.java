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
