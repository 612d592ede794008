package dev.postern.internal.content.mime;

import dev.postern.internal.octets.Base64Symbols;
import dev.postern.internal.octets.Octets;
import java.nio.charset.StandardCharsets;

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
        UUENCODE,
        /** The same to who finds its beginning by the octal mode in it, such as Python. */
        UUENCODE_BY_MODE,
        /** Of newsgroups (yenc.org); Mozilla's programs decode it in mail. */
        YENC;

        /** Whether it has a beginning of its own in the body. */
        boolean hasBeginning() {
            return this == UUENCODE || this == UUENCODE_BY_MODE || this == YENC;
        }
    }

    /** Takes what is decoded. */
    interface Output {

        /** Tells whether more is wanted; once false, always false. */
        boolean wantsMore();

        /** Takes an octet that all readers see. */
        void octet(int octet);

        /** Takes an octet that some readers leave out. */
        void doubtful(int octet);

        /** Takes octets that all readers see, as long as they are wanted. */
        default void octets(byte[] octets, int start, int end) {
            for (int i = start; i < end && wantsMore(); i++) {
                octet(octets[i]);
            }
        }
    }

    static final byte[] UU_BEGIN = "begin".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UU_END = "end".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] Y_LINE = "=y".getBytes(StandardCharsets.US_ASCII);
    static final byte[] Y_BEGIN = "=ybegin ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] Y_END = "=yend".getBytes(StandardCharsets.US_ASCII);

    private final Encoding encoding;
    private final boolean checked;
    private final Output output;
    private boolean wanted = true;
    private boolean clean = true;
    private boolean lineBefore;

    private int symbols; // of base64, modulo 4, with padding
    private boolean padded;
    private int bits;
    private final byte[] decoded = new byte[57]; // as many as a line of 76 symbols

    private int escape; // of quoted-printable: 1 behind "=", 2 behind "=X", 3 behind "=" and blanks
    private byte high;

    private boolean begun; // of uuencode
    private boolean ended;

    /**
     * A checked one goes over all of the body, so that {@link #clean} tells of all of it; else only as far as the
     * output wants it.
     */
    TransferDecoder(Encoding encoding, boolean checked, Output output) {
        this.encoding = encoding;
        this.checked = checked && encoding != Encoding.IDENTITY;
        this.output = output;
    }

    /** Tells whether the lines that follow make no difference. */
    boolean indifferent() {
        return ended || !(checked && clean) && !wantsMore();
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

    /**
     * Passes whole lines of base64 symbols, once nothing of them is wanted: what is to do for the most of a large
     * attachment. Returns the start of the first line that has something else, or the end.
     */
    int skip(byte[] buffer, int start, int end) {
        int line = start;
        if (wanted || encoding != Encoding.BASE64 || !checked || padded) {
            return line;
        }
        while (line < end) {
            int i = Base64Symbols.skip(buffer, line, end);
            if (i >= end - 1 || buffer[i] != Octets.CR || buffer[i + 1] != Octets.LF) {
                break;
            }
            symbols = symbols + i - line & 3;
            line = i + 2;
        }
        return line;
    }

    /** Takes a line without its CRLF, or a fragment of one. */
    void line(byte[] buffer, int start, int end, boolean first, boolean last) {
        if (indifferent()) {
            return;
        }
        switch (encoding) {
            case IDENTITY -> identity(buffer, start, end, first);
            case BASE64 -> base64(buffer, start, end);
            case QUOTED_PRINTABLE -> quotedPrintable(buffer, start, end, first, last);
            case UUENCODE, UUENCODE_BY_MODE -> uuencode(buffer, start, end, first, last);
            case YENC -> yEnc(buffer, start, end, first);
        }
    }

    /** Ends the body. */
    void end() {
        if (encoding == Encoding.BASE64) {
            // padding that is missing leaves no doubt, but for a single symbol, which is not even an octet
            clean &= symbols == 0 || !padded && symbols > 1;
        } else if (encoding.hasBeginning()) {
            clean &= begun;
        }
    }

    private void identity(byte[] buffer, int start, int end, boolean first) {
        breakLine(first);
        lineBefore = true;
        output.octets(buffer, start, end);
    }

    /** The CRLF before a delimiter is the delimiter's (RFC 2046 section 5.1.1), so one comes with the line behind it. */
    private void breakLine(boolean first) {
        if (first && lineBefore) {
            output.octet('\r');
            output.octet('\n');
        }
    }

    private void base64(byte[] buffer, int start, int end) {
        for (int i = symbols == 0 && !padded ? groups(buffer, start, end) : start; i < end; i++) {
            byte symbol = Base64Symbols.valueOf(buffer[i]);
            if (symbol >= 0) {
                symbol(symbol);
            } else if (symbol == Base64Symbols.PADDING) {
                padding();
            } else if (symbol != Base64Symbols.BLANK) {
                clean = false; // passed over (RFC 2045 section 6.8)
            }
        }
    }

    /** Decodes symbols by four, as far as there are no others between. Returns where they end. */
    private int groups(byte[] buffer, int start, int end) {
        int i = start;
        while (end - i >= 4 && wantsMore()) {
            int length = 0;
            while (end - i >= 4 && length < decoded.length) {
                int group = Base64Symbols.valueOf(buffer[i]) << 18
                        | Base64Symbols.valueOf(buffer[i + 1]) << 12
                        | Base64Symbols.valueOf(buffer[i + 2]) << 6
                        | Base64Symbols.valueOf(buffer[i + 3]);
                if (group < 0) {
                    break; // one is no symbol
                }
                decoded[length] = (byte) (group >> 16);
                decoded[length + 1] = (byte) (group >> 8);
                decoded[length + 2] = (byte) group;
                length += 3;
                i += 4;
            }
            if (length == 0) {
                break;
            }
            output.octets(decoded, 0, length);
        }
        return i;
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

    private void quotedPrintable(byte[] buffer, int start, int end, boolean first, boolean last) {
        breakLine(first);
        int i = start;
        while (i < end) {
            byte octet = buffer[i];
            if (escape == 0) {
                int next = Octets.indexOf(buffer, i, end, (byte) '=');
                output.octets(buffer, i, next);
                escape = next < end ? 1 : 0;
                i = Math.min(next + 1, end);
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
        lineBefore = escape == 0; // else the break is soft
        escape = 0;
    }

    /**
     * A line has its length as its first character, and groups of four characters for three octets. POSIX ends a file with a line
     * of no octets; Mozilla's programs and KMail pass over these, and over empty lines, and end it with "end".
     */
    private void uuencode(byte[] buffer, int start, int end, boolean first, boolean last) {
        clean &= first && last && end - start < LineSplitter.LONG_LINE; // however the line came
        boolean begins = end - start > UU_BEGIN.length
                && Octets.startsWith(buffer, start, end, UU_BEGIN)
                && (encoding == Encoding.UUENCODE || hasMode(buffer, start + UU_BEGIN.length, end));
        if (!begun || !first) { // the first fragment has all that a line can stand for
            begun |= first && begins;
            return;
        }
        ended = end - start == UU_END.length && Octets.startsWith(buffer, start, end, UU_END);
        int left = end > start && !ended ? buffer[start] - ' ' & 0x3f : 0;
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

    /** Tells whether blanks, octal digits and a blank follow. */
    private static boolean hasMode(byte[] buffer, int start, int end) {
        int mode = Octets.skipBlanks(buffer, start, end);
        int i = mode;
        while (i < end && buffer[i] >= '0' && buffer[i] <= '7') {
            i++;
        }
        return mode > start && i > mode && i < end && Octets.isBlank(buffer[i]);
    }

    /** Each octet is 42 more than it was, behind an equals sign 64 more than that. */
    private void yEnc(byte[] buffer, int start, int end, boolean first) {
        if (first && Octets.startsWith(buffer, start, end, Y_LINE)) {
            begun |= Octets.startsWith(buffer, start, end, Y_BEGIN);
            ended |= begun && Octets.startsWith(buffer, start, end, Y_END);
            return;
        }
        for (int i = start; begun && !ended && i < end; i++) {
            if (escape == 0 && buffer[i] == '=') {
                escape = 1;
            } else {
                output.octet((buffer[i] - 42 - 64 * escape) & 0xff);
                escape = 0;
            }
        }
    }
}
