package dev.postern.internal.content.header;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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
            return known;
        }
    }

    private Charsets() {}

    /** Finds a charset by its name or one of its aliases, in any case; empty when there is none. */
    static Optional<Charset> find(String name) {
        String folded = name.toLowerCase(Locale.ROOT);
        return folded.equals("utf-8")
                ? Optional.of(StandardCharsets.UTF_8)
                : Optional.ofNullable(Known.BY_NAME.get(folded));
    }
}
