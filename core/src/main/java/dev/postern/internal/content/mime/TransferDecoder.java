package dev.postern.internal.content.mime;

import dev.postern.internal.octets.Octets;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes the body of a part (RFC 2045 section 6) as lenient readers do, who pass over what is none of the encoding, and
 * tells whether it was clean. Used by one thread at a time.
 */
final class TransferDecoder {

    /** How a body is encoded. */
    enum Encoding {
        IDENTITY,
        BASE64,
        QUOTED_PRINTABLE,
        /** Of old, by POSIX's uuencode; no standard of mail knows it. */
        UUENCODE
    }

    /** Takes what is decoded. */
    interface Output {

        /** Tells whether more is wanted; once false, always false. */
        boolean wantsMore();

        /** Takes an octet that all readers see. */
        void octet(int octet);

        /** Takes an octet that some readers leave out. */
        void doubtful(int octet);
    }

    private static final byte OTHER = -1;
    static final byte BLANK = -2;
    private static final byte PADDING = -3;
    private static final byte[] SYMBOLS = symbols();
    private static final byte[] UU_BEGIN = "begin".getBytes(StandardCharsets.US_ASCII);

    private final Encoding encoding;
    private final boolean checked;
    private final Output output;
    private boolean wanted = true;
    private boolean clean = true;
    private boolean lineBefore;

    private int symbols; // of base64, modulo 4, with padding
    private boolean padded;
    private int bits;

    private int escape; // of quoted-printable: 1 behind "=", 2 behind "=X", 3 behind "=" and blanks
    private byte high;

    private boolean begun; // of uuencode
    private boolean ended;

    /**
     * Begins a body.
     *
     * @param checked goes over all of it, so that {@link #clean} tells of all of it; else only as far as the output wants it
     */
    TransferDecoder(Encoding encoding, boolean checked, Output output) {
        this.encoding = encoding;
        this.checked = checked && encoding != Encoding.IDENTITY;
        this.output = output;
    }

    private static byte[] symbols() {
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

    /** What an octet is in base64: 0 to 63, {@link #BLANK}, or something else below 0. */
    static byte symbolOf(byte octet) {
        return SYMBOLS[octet & 0xff];
    }

    /** Tells whether the lines that follow make no difference. */
    boolean indifferent() {
        return !(checked && clean) && !wantsMore();
    }

    /** Tells whether the body had to be of the encoding, and is not. */
    boolean broken() {
        return checked && !clean;
    }

    private boolean wantsMore() {
        wanted = wanted && output.wantsMore();
        return wanted;
    }

    /** Tells whether everything so far was of the encoding. */
    boolean clean() {
        return clean;
    }

    /** Takes a line without its CRLF, or a fragment of one. */
    void line(byte[] buffer, int start, int end, boolean first, boolean last) {
        if (!wanted && encoding == Encoding.BASE64 && checked && !padded && isClean(buffer, start, end)) {
            symbols = symbols + end - start & 3;
            return;
        }
        if (indifferent()) {
            return;
        }
        switch (encoding) {
            case IDENTITY -> identity(buffer, start, end, first);
            case BASE64 -> base64(buffer, start, end);
            case QUOTED_PRINTABLE -> quotedPrintable(buffer, start, end, last);
            case UUENCODE -> uuencode(buffer, start, end, first && last);
        }
    }

    /** Ends the body. */
    void end() {
        if (encoding == Encoding.BASE64) {
            // padding that is missing leaves no doubt, but for a single symbol, which is not even an octet
            clean &= symbols == 0 || !padded && symbols > 1;
        } else if (encoding == Encoding.UUENCODE) {
            clean &= begun;
        }
    }

    private void identity(byte[] buffer, int start, int end, boolean first) {
        // the CRLF before a delimiter is the delimiter's (RFC 2046 section 5.1.1), so one comes with the line behind it
        if (first && lineBefore) {
            output.octet('\r');
            output.octet('\n');
        }
        lineBefore = true;
        for (int i = start; i < end && wantsMore(); i++) {
            output.octet(buffer[i]);
        }
    }

    private void base64(byte[] buffer, int start, int end) {
        for (int i = start; i < end; i++) {
            byte symbol = SYMBOLS[buffer[i] & 0xff];
            if (symbol >= 0) {
                symbol(symbol);
            } else if (symbol == PADDING) {
                padding();
            } else if (symbol != BLANK) {
                clean = false; // passed over (RFC 2045 section 6.8)
            }
        }
    }

    /** Tells whether there are symbols alone: all that is left to do for the most of a large attachment. */
    private static boolean isClean(byte[] buffer, int start, int end) {
        int seen = 0;
        int i = start;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long word = (long) Octets.WORDS.get(buffer, i);
            int low = (int) word;
            int high = (int) (word >>> 32);
            seen |= SYMBOLS[low & 0xff] | SYMBOLS[low >> 8 & 0xff] | SYMBOLS[low >> 16 & 0xff] | SYMBOLS[low >>> 24];
            seen |= SYMBOLS[high & 0xff]
                    | SYMBOLS[high >> 8 & 0xff]
                    | SYMBOLS[high >> 16 & 0xff]
                    | SYMBOLS[high >>> 24];
        }
        for (; i < end; i++) {
            seen |= SYMBOLS[buffer[i] & 0xff];
        }
        return seen >= 0;
    }

    private void symbol(int symbol) {
        if (padded) {
            clean = false; // and the next four begin, to those who go on
            padded = false;
            symbols = 0;
        }
        bits = bits << 6 | symbol;
        symbols = symbols + 1 & 3;
        if (symbols != 1 && wantsMore()) {
            output.octet(bits >> (4 - symbols & 3) * 2);
        }
    }

    /** One or two at the end, filling up the last four (RFC 2045 section 6.8). */
    private void padding() {
        if (symbols < 2) {
            clean = false;
            padded = symbols != 0 || padded;
            return;
        }
        padded = true;
        symbols = symbols + 1 & 3;
    }

    private void quotedPrintable(byte[] buffer, int start, int end, boolean last) {
        int i = start;
        while (i < end) {
            byte octet = buffer[i];
            if (escape == 0) {
                int next = wantsMore() && octet != '=' ? i + 1 : Octets.indexOf(buffer, i, end, (byte) '=');
                if (next == i) {
                    escape = 1;
                    i++;
                } else {
                    if (wantsMore()) {
                        output.octet(octet);
                    }
                    i = next;
                }
            } else if (escaped(octet)) {
                i++;
            } else {
                noEscape(); // and the octet once more
            }
        }
        if (last) {
            endOfLine();
        }
    }

    private boolean escaped(byte octet) {
        int digit = octet < 0 ? -1 : Character.digit((char) octet, 16);
        if (escape != 2 && Octets.isBlank(octet)) {
            escape = 3; // blanks that a gateway has put behind a soft line break (RFC 2045 section 6.7 rule 3)
            return true;
        }
        if (digit < 0 || escape == 3) {
            return false;
        }
        if (escape == 1) {
            high = octet;
            escape = 2;
        } else {
            output.octet(Character.digit((char) high, 16) << 4 | digit);
            escape = 0;
        }
        return true;
    }

    /** What looked like an escape stands for itself (RFC 2045 section 6.7, note 2 of its rules); some leave out its sign. */
    private void noEscape() {
        clean = false;
        output.doubtful('=');
        if (escape == 2) {
            output.octet(high);
        }
        escape = 0;
    }

    private void endOfLine() {
        if (escape == 2) {
            noEscape();
        }
        boolean softBreak = escape == 1 || escape == 3;
        if (!softBreak) {
            output.octet('\r');
            output.octet('\n');
        }
        escape = 0;
    }

    /** A line has its length as its first character, and groups of four characters for three octets. */
    private void uuencode(byte[] buffer, int start, int end, boolean whole) {
        boolean begins = end - start > UU_BEGIN.length
                && Arrays.equals(buffer, start, start + UU_BEGIN.length, UU_BEGIN, 0, UU_BEGIN.length);
        if (!begun || !whole) {
            clean &= whole;
            begun |= begins;
            return;
        }
        int left = end > start ? buffer[start] - ' ' & 0x3f : 0;
        if (ended || left == 0) {
            ended = true;
            return;
        }
        for (int i = start + 1; i < end && left > 0; i += 4) {
            int group = 0;
            for (int k = 0; k < 4; k++) {
                group = group << 6 | (i + k < end ? buffer[i + k] - ' ' & 0x3f : 0);
            }
            for (int k = 0; k < 3 && left > 0; k++, left--) {
                output.octet(group >> 16 - 8 * k);
            }
        }
    }
}
