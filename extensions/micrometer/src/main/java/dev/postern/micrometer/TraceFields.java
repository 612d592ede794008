package dev.postern.micrometer;

import dev.postern.spi.MessageContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The header fields by which a span goes on (W3C Trace Context), as far as they are well-formed and there once. */
final class TraceFields {

    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";

    /** Section 3.2 of Trace Context; version ff is none, and ids of zeros are none. */
    private static final Pattern TRACE_PARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    /** Section 3.3.1.5: a state of so many characters is to be passed on. */
    private static final int MAX_STATE = 512;

    private static final Pattern PRINTABLE = Pattern.compile("[ -~]*");

    /** A header that is longer is not looked at to its end. */
    private static final int MAX_HEADER = 64 * 1024;

    private TraceFields() {}

    /** Returns the fields by their names in lower case; none without a traceparent that can be believed. */
    static Map<String, String> of(MessageContent content) {
        Map<String, String> fields = new HashMap<>();
        String[] lines = header(content).split("\r\n");
        for (int i = 0; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            if (name.equals(PARENT) || name.equals(STATE)) {
                boolean folded =
                        i + 1 < lines.length && (lines[i + 1].startsWith(" ") || lines[i + 1].startsWith("\t"));
                String value = folded ? "" : lines[i].substring(colon + 1).strip();
                fields.merge(name, value, (first, second) -> ""); // of two, neither is believed
            }
        }
        if (!TRACE_PARENT.matcher(fields.getOrDefault(PARENT, "")).matches()) {
            return Map.of();
        }
        String state = fields.getOrDefault(STATE, "");
        if (state.isEmpty()
                || state.length() > MAX_STATE
                || !PRINTABLE.matcher(state).matches()) {
            fields.remove(STATE);
        }
        return fields;
    }

    private static String header(MessageContent content) {
        try (InputStream in = content.open()) {
            return new String(in.readNBytes(MAX_HEADER), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException("a message's content cannot be read for its trace", e);
        }
    }
}
