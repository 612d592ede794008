package dev.postern.internal.content.header;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the charsets that headers name. Not by {@link Charset#forName}, which asks all of the class path for a name that
 * it does not know, each time: a millisecond for each word of a header that a client has filled with them.
 */
final class Charsets {

    /** Put together when the first header asks for more than UTF-8: it loads every charset that there is. */
    private static final class Known {
        private static final Map<String, Charset> BY_NAME = byName();

        private static Map<String, Charset> byName() {
            Map<String, Charset> known = new HashMap<>();
            for (Charset charset : Charset.availableCharsets().values()) {
                known.put(charset.name().toLowerCase(Locale.ROOT), charset);
                charset.aliases().forEach(alias -> known.putIfAbsent(alias.toLowerCase(Locale.ROOT), charset));
            }
            Map.copyOf(known).forEach((name, charset) -> known.putIfAbsent(squeezed(name), charset));
            return known;
        }
    }

    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final List<Function<byte[], String>> GUESSES = List.of(Charsets::asAscii, Charsets::utf7);

    private Charsets() {}

    /** Finds a charset by its name or one of its aliases, in any case and with whatever marks; empty when there is none. */
    static Optional<Charset> find(String name) {
        String folded = name.toLowerCase(Locale.ROOT);
        if (folded.equals("utf-8")) {
            return Optional.of(StandardCharsets.UTF_8);
        }
        Charset known = Known.BY_NAME.get(folded);
        return Optional.ofNullable(known == null ? Known.BY_NAME.get(squeezed(folded)) : known);
    }

    /** Some readers take any mark between letters and digits for any other. */
    private static String squeezed(String name) {
        StringBuilder rest = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            if (Character.isLetterOrDigit(name.charAt(i))) {
                rest.append(name.charAt(i));
            }
        }
        return rest.toString();
    }

    /**
     * What readers make of a charset that is not known: US-ASCII, as which nearly all begin, or UTF-7 (RFC 2152), which the JDK does
     * not have.
     */
    static List<Function<byte[], String>> guesses() {
        return GUESSES;
    }

    private static String utf7(byte[] octets) {
        String text = asAscii(octets);
        StringBuilder decoded = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int end = i + 1;
            while (text.charAt(i) == '+' && end < text.length() && BASE64.indexOf(text.charAt(end)) >= 0) {
                end++;
            }
            boolean shifted = text.charAt(i) == '+';
            boolean closed = shifted && end < text.length() && text.charAt(end) == '-';
            if (shifted && end > i + 1) {
                decoded.append(utf16(text.substring(i + 1, end)));
            } else {
                decoded.append(text.charAt(i)); // "+-" is a plus
            }
            i = closed ? end + 1 : end;
        }
        return decoded.toString();
    }

    private static String utf16(String base64) {
        StringBuilder text = new StringBuilder();
        long bits = 0;
        int count = 0;
        for (int i = 0; i < base64.length(); i++) {
            bits = bits << 6 | BASE64.indexOf(base64.charAt(i));
            count += 6;
            if (count >= 16) {
                count -= 16;
                text.append((char) (bits >> count));
            }
        }
        return text.toString();
    }

    private static String asAscii(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
