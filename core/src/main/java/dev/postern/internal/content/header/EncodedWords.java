package dev.postern.internal.content.header;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decodes encoded words (RFC 2047) wherever they stand, also next to each other or within a word, where the RFC does not
 * allow them and some readers decode them all the same. Not by jakarta.mail, which decodes fewer, and searches the class
 * path for each.
 */
final class EncodedWords {

    /** Charset, with a language that does not matter (RFC 2231 section 5), encoding and text. */
    private static final Pattern WORD =
            Pattern.compile("=\\?([^?*\\s]{1,80}+)(?:\\*[^?\\s]{0,80}+)?\\?([bBqQ])\\?([^?]*+)\\?=");

    /** Blanks between two encoded words are not shown (RFC 2047 section 6.2). */
    private static final Pattern BETWEEN = Pattern.compile("\\?=\\s++=\\?");

    private EncodedWords() {}

    static String decode(String text) {
        return decode(text, null);
    }

    /** Everything that readers make of encoded words: those in a charset that is not known they leave as they stand, or guess. */
    static Set<String> readings(String text) {
        Set<String> readings = new LinkedHashSet<>();
        readings.add(decode(text));
        if (namesUnknownCharset(text)) {
            Charsets.guesses().forEach(guess -> readings.add(decode(text, guess)));
        }
        return readings;
    }

    /** Tells whether there is an encoded word in a charset that is not known. */
    static boolean namesUnknownCharset(String text) {
        return text.contains("=?")
                && WORD.matcher(text)
                        .results()
                        .anyMatch(word -> Charsets.find(word.group(1)).isEmpty());
    }

    private static String decode(String text, @Nullable Function<byte[], String> guess) {
        if (!text.contains("=?")) {
            return text;
        }
        return WORD.matcher(BETWEEN.matcher(text).replaceAll("?==?"))
                .replaceAll(word -> Matcher.quoteReplacement(decode(word, guess)));
    }

    private static String decode(MatchResult word, @Nullable Function<byte[], String> guess) {
        Optional<Charset> charset = Charsets.find(word.group(1));
        if (charset.isEmpty() && guess == null) {
            return word.group(); // shown as it stands
        }
        boolean base64 = word.group(2).equalsIgnoreCase("b");
        try {
            byte[] octets = base64
                    ? Base64.getMimeDecoder().decode(word.group(3).getBytes(StandardCharsets.ISO_8859_1))
                    : quotedPrintable(word.group(3));
            return charset.isPresent() || guess == null
                    ? new String(octets, charset.orElseThrow())
                    : guess.apply(octets);
        } catch (IllegalArgumentException e) {
            return word.group(); // no base64
        }
    }

    /** The Q encoding (RFC 2047 section 4.2); what is no escape stands for itself. */
    private static byte[] quotedPrintable(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '=' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                octets.write(high << 4 | low);
                i += 2;
            } else {
                octets.write(c == '_' ? ' ' : c);
            }
        }
        return octets.toByteArray();
    }
}
