package dev.postern.internal.octets;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** The alphabet of base64 (RFC 2045 section 6.8). */
public final class Base64Symbols {

    public static final byte BLANK = -2;
    public static final byte PADDING = -3;
    private static final byte OTHER = -1;

    private static final byte[] VALUES = values();

    private Base64Symbols() {}

    private static byte[] values() {
        byte[] table = new byte[256];
        Arrays.fill(table, OTHER);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            table[alphabet.charAt(i)] = (byte) i;
        }
        table[' '] = BLANK;
        table['\t'] = BLANK;
        table['='] = PADDING;
        return table;
    }

    /** What an octet is: 0 to 63, {@link #BLANK}, {@link #PADDING}, or something else below 0. */
    public static byte valueOf(byte octet) {
        return VALUES[octet & 0xff];
    }

    /**
     * Decodes RFC 4648 section 4; empty when it is none. With its padding: what is written in two ways could be signed in
     * one and read in the other.
     */
    public static Optional<byte[]> decode(byte[] text) {
        try {
            return text.length % 4 == 0 ? Optional.of(Base64.getDecoder().decode(text)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Passes over symbols; returns the index of the first other octet, or the end. */
    public static int skip(byte[] buffer, int from, int end) {
        int i = from;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long others = others((long) Octets.WORDS.get(buffer, i));
            if (others != 0) {
                return i + (Long.numberOfTrailingZeros(others) >>> 3);
            }
        }
        while (i < end && valueOf(buffer[i]) >= 0) {
            i++;
        }
        return i;
    }

    /**
     * Marks those of eight octets that are no symbols, by their high bits. Each range of the alphabet turns the bit round at its
     * beginning and behind its end; no sum carries into the next octet, for none is above 0x7f + 0x80.
     */
    private static long others(long word) {
        long ascii = word & ~Octets.HIGH_BITS;
        long small = ascii | 0x20 * Octets.ONES; // makes large letters small ones, and nothing else one
        long inside = ascii + (0x80 - '+') * Octets.ONES
                ^ ascii + (0x80 - '+' - 1) * Octets.ONES
                ^ ascii + (0x80 - '/') * Octets.ONES // and the digits, which follow it
                ^ ascii + (0x80 - '9' - 1) * Octets.ONES
                ^ small + (0x80 - 'a') * Octets.ONES
                ^ small + (0x80 - 'z' - 1) * Octets.ONES;
        return (~inside | word) & Octets.HIGH_BITS;
    }
}
