package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.MimeField;
import dev.postern.internal.content.wire.Octets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Checks that the body of a part can be decoded (RFC 2045 section 6), and keeps the beginning of what it decodes to
 * where somebody wants to look at it.
 */
final class TransferDecoder {

    /** The most decoded octets that are kept of a part. */
    static final int SAMPLE = 8 * 1024;

    /** How a body is encoded. */
    enum Encoding {
        IDENTITY,
        BASE64,
        QUOTED_PRINTABLE;

        /** Reads Content-Transfer-Encoding (RFC 2045 section 6.1); an unknown one is empty. */
        static Optional<Encoding> of(String field) {
            return switch (MimeField.parse(field).value().toLowerCase(Locale.ROOT)) {
                case "", "7bit", "8bit", "binary" -> Optional.of(IDENTITY);
                case "base64" -> Optional.of(BASE64);
                case "quoted-printable" -> Optional.of(QUOTED_PRINTABLE);
                default -> Optional.empty();
            };
        }
    }

    private static final byte OTHER = -1;
    private static final byte BLANK = -2;
    private static final byte PADDING = -3;
    private static final byte[] SYMBOLS = symbols();
    private static final byte[] NO_OCTETS = {};

    private final Encoding encoding;
    private final boolean sampling;
    private final boolean lenient;
    private byte[] sample = NO_OCTETS;
    private int sampled;
    private boolean lineBefore;

    private int symbols; // of base64, modulo 4, with padding
    private boolean padded;
    private int bits;

    private int escape; // of quoted-printable: 1 behind "=", 2 behind "=X", 3 behind "=" and blanks
    private int high;

    /**
     * Begins a body.
     *
     * @param sampling keeps the beginning of what it decodes to
     * @param lenient decodes whatever comes, as readers do that pass over what is no base64 or quoted-printable
     */
    TransferDecoder(Encoding encoding, boolean sampling, boolean lenient) {
        this.encoding = encoding;
        this.sampling = sampling;
        this.lenient = lenient;
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

    /** Tells whether the lines of the body make no difference. */
    boolean indifferent() {
        return (encoding == Encoding.IDENTITY || lenient) && !sampling;
    }

    /** Takes a line without its CRLF, or a fragment of one. Returns false when it cannot be decoded. */
    boolean line(byte[] buffer, int start, int end, boolean first, boolean last) {
        if (lenient && !wantsMore()) {
            return true;
        }
        return switch (encoding) {
            case IDENTITY -> {
                identity(buffer, start, end, first);
                yield true;
            }
            case BASE64 -> base64(buffer, start, end);
            case QUOTED_PRINTABLE -> quotedPrintable(buffer, start, end, last);
        };
    }

    /** Ends the body. Returns false when something is missing. */
    boolean end() {
        return symbols == 0 || lenient;
    }

    /** The first decoded octets. */
    byte[] sample() {
        return Arrays.copyOf(sample, sampled);
    }

    private boolean wantsMore() {
        return sampling && sampled < SAMPLE;
    }

    private void identity(byte[] buffer, int start, int end, boolean first) {
        if (!wantsMore()) {
            return;
        }
        // the CRLF before a delimiter is the delimiter's (RFC 2046 section 5.1.1), so one comes with the line behind it
        if (first && lineBefore) {
            decoded('\r');
            decoded('\n');
        }
        lineBefore = true;
        for (int i = start; i < end && wantsMore(); i++) {
            decoded(buffer[i]);
        }
    }

    private boolean base64(byte[] buffer, int start, int end) {
        if (!padded && !wantsMore()) {
            int seen = 0;
            for (int i = start; i < end; i++) {
                seen |= SYMBOLS[buffer[i] & 0xff];
            }
            if (seen >= 0) {
                symbols = symbols + end - start & 3;
                return true;
            }
        }
        for (int i = start; i < end; i++) {
            byte symbol = SYMBOLS[buffer[i] & 0xff];
            if (symbol != BLANK && !(symbol == PADDING ? padding() : symbol >= 0 && symbol(symbol)) && !lenient) {
                return false; // else passed over (RFC 2045 section 6.8)
            }
        }
        return true;
    }

    private boolean symbol(int symbol) {
        if (padded) {
            return false;
        }
        bits = bits << 6 | symbol;
        symbols = symbols + 1 & 3;
        if (symbols != 1 && wantsMore()) {
            decoded(bits >> (4 - symbols & 3) * 2);
        }
        return true;
    }

    /** One or two at the end, filling up the last four (RFC 2045 section 6.8). */
    private boolean padding() {
        if (lenient) {
            symbols = 0; // the next four begin
            return true;
        }
        if (symbols < 2) {
            return false;
        }
        padded = true;
        symbols = symbols + 1 & 3;
        return true;
    }

    private boolean quotedPrintable(byte[] buffer, int start, int end, boolean last) {
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
                        decoded(octet);
                    }
                    i = next;
                }
            } else if (escaped(octet)) {
                i++;
            } else if (lenient) {
                noEscape(); // and the octet once more
            } else {
                return false;
            }
        }
        return !last || endOfLine();
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
            high = digit;
            escape = 2;
        } else {
            if (wantsMore()) {
                decoded(high << 4 | digit);
            }
            escape = 0;
        }
        return true;
    }

    /** What looked like an escape stands for itself. */
    private void noEscape() {
        if (wantsMore()) {
            decoded('=');
            if (escape == 2) {
                decoded(Character.forDigit(high, 16));
            }
        }
        escape = 0;
    }

    private boolean endOfLine() {
        boolean complete = escape != 2 || lenient;
        if (escape == 2 && lenient) {
            noEscape();
        }
        boolean softBreak = escape == 1 || escape == 3;
        if (!softBreak && wantsMore()) {
            decoded('\r');
            decoded('\n');
        }
        escape = 0;
        return complete;
    }

    private void decoded(int octet) {
        if (sampled == sample.length) {
            if (sampled == SAMPLE) {
                return;
            }
            sample = Arrays.copyOf(sample, Math.min(SAMPLE, Math.max(512, 2 * sampled)));
        }
        sample[sampled++] = (byte) octet;
    }
}
