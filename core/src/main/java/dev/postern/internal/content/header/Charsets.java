package dev.postern.internal.content.header;

import dev.postern.internal.octets.Base64Symbols;
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

    /** Tells whether each character takes several octets, in an order in which readers differ where nothing says it. */
    static boolean isWide(Charset charset) {
        return charset.name().contains("UTF-16") || charset.name().contains("UTF-32");
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
        StringBuilder decoded = new StringBuilder();
        int i = 0;
        while (i < octets.length) {
            boolean shifted = octets[i] == '+';
            int end = shifted ? Base64Symbols.skip(octets, i + 1, octets.length) : i + 1;
            boolean closed = shifted && end < octets.length && octets[end] == '-';
            if (end > i + 1) {
                decoded.append(utf16(octets, i + 1, end));
            } else {
                decoded.append((char) (octets[i] & 0xff)); // "+-" is a plus
            }
            i = closed ? end + 1 : end;
        }
        return decoded.toString();
    }

    private static String utf16(byte[] base64, int start, int end) {
        StringBuilder text = new StringBuilder();
        long bits = 0;
        int count = 0;
        for (int i = start; i < end; i++) {
            bits = bits << 6 | Base64Symbols.valueOf(base64[i]);
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
