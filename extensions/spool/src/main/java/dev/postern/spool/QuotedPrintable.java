package dev.postern.spool;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The encoding of what has lines and octets beyond US-ASCII (RFC 2045 section 6.7). */
final class QuotedPrintable {

    private static final int MAX_LINE = 76;
    private static final byte[] SOFT_BREAK = {'=', '\r', '\n'};

    private QuotedPrintable() {}

    /** Encodes lines that end with CRLF. */
    static byte[] of(byte[] lines) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream(lines.length * 5 / 4);
        int column = 0;
        for (int i = 0; i < lines.length; i++) {
            if (isLineEnd(lines, i)) {
                encoded.write('\r');
                encoded.write('\n');
                i++;
                column = 0;
                continue;
            }
            byte[] one = encoded(lines[i], i + 1 == lines.length || isLineEnd(lines, i + 1));
            if (column + one.length >= MAX_LINE) { // the soft break needs a place too
                encoded.writeBytes(SOFT_BREAK);
                column = 0;
            }
            encoded.writeBytes(one);
            column += one.length;
        }
        return encoded.toByteArray();
    }

    private static boolean isLineEnd(byte[] lines, int i) {
        return i + 1 < lines.length && lines[i] == '\r' && lines[i + 1] == '\n';
    }

    private static byte[] encoded(byte octet, boolean last) {
        boolean blank = octet == ' ' || octet == '\t';
        boolean itself = blank ? !last : octet > ' ' && octet <= '~' && octet != '=';
        return itself
                ? new byte[] {octet}
                : String.format("=%02X", octet & 0xff).getBytes(StandardCharsets.US_ASCII);
    }
}
