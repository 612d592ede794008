package dev.postern.internal.content.header;

import dev.postern.internal.octets.Octets;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.regex.Pattern;

/** Header octets as text. */
public final class Text {

    /** What nobody sees: general category Cf, and what else is a Default_Ignorable_Code_Point, which the JDK does not know. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cf}\\x{34f}\\x{115f}\\x{1160}\\x{17b4}\\x{17b5}"
            + "\\x{180b}-\\x{180f}\\x{2065}\\x{3164}\\x{fe00}-\\x{fe0f}\\x{ffa0}\\x{fff0}-\\x{fff8}"
            + "\\x{e0000}-\\x{e0fff}]+");

    /** What IDNA takes for a dot (RFC 3490 section 3.1), behind NFKC, which makes plain ones of the wide and small. */
    private static final Pattern DOTS = Pattern.compile("[\\x{3002}\\x{ff0e}\\x{ff61}]");

    /**
     * More than the 30 marks on a letter that any language and its notations need (UAX 15 section 13): to put n of them in order
     * takes the time of the square of n. The last two are letters, of which NFKC makes marks.
     */
    private static final Pattern TOO_MANY_MARKS =
            Pattern.compile("([\\p{M}\\x{ff9e}\\x{ff9f}]{30})[\\p{M}\\x{ff9e}\\x{ff9f}]++");

    private Text() {}

    /** A text as a reader sees it, so that two of them which look alike compare alike: NFKC (UAX 15) of what is visible. */
    public static String visible(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        String folded = normalized(INVISIBLE.matcher(text).replaceAll(""), Normalizer.Form.NFKC);
        return DOTS.matcher(INVISIBLE.matcher(folded).replaceAll("")).replaceAll(".");
    }

    /** A text with its marks composed: NFC (UAX 15), of no more marks on a letter than somebody needs. */
    static String composed(String text) {
        return normalized(text, Normalizer.Form.NFC);
    }

    private static String normalized(String text, Normalizer.Form form) {
        return Normalizer.normalize(TOO_MANY_MARKS.matcher(text).replaceAll("$1"), form);
    }

    /** Decodes UTF-8, or what every octet sequence is. */
    public static String decode(byte[] octets, int offset, int length) {
        return Octets.utf8(octets, offset, offset + length)
                .orElseGet(() -> new String(octets, offset, length, StandardCharsets.ISO_8859_1));
    }

    static boolean isBlank(char c) {
        return c <= ' ';
    }

    /** Whether some language takes it off the ends of a text: a blank of any script, or one without width. */
    static boolean isSpace(char c) {
        return isBlank(c)
                || Character.isSpaceChar(c)
                || Character.isISOControl(c)
                || Character.getType(c) == Character.FORMAT;
    }

    /** A text without {@linkplain #isSpace spaces} around it. */
    static String stripped(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return strippedTrailing(text.substring(start));
    }

    /** A text without {@linkplain #isSpace spaces} behind it. */
    static String strippedTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** What stands in a text before a blank or one of the marks. */
    static String token(String text, int start, int end, String marks) {
        int i = start;
        while (i < end && !isBlank(text.charAt(i)) && marks.indexOf(text.charAt(i)) < 0) {
            i++;
        }
        return text.substring(Math.min(start, i), i);
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
