package dev.postern.testkit.upstream;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A received message, or a part of it, decoded for a test (RFC 5322, RFC 2045 to 2047); what cannot be decoded stays as
 * it is. Reads at most 20 levels and 1,000 parts. Immutable.
 */
public final class MessagePart {

    private static final int MAX_DEPTH = 20;
    private static final int MAX_PARTS = 1_000;
    private static final Pattern ENCODED_WORD =
            Pattern.compile("=\\?([^?\\s]+)\\?([bBqQ])\\?([^?\\s]*)\\?=(\\s+(?==\\?))?");
    private static final Pattern QUOTED = Pattern.compile("=([0-9A-Fa-f]{2})");

    private record Field(String name, String value) {}

    private final List<Field> fields;
    private final String body;
    private final List<MessagePart> parts;

    private MessagePart(List<Field> fields, String body, List<MessagePart> parts) {
        this.fields = List.copyOf(fields);
        this.body = body;
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a message.
     *
     * @param content header section and body
     * @return the message
     */
    public static MessagePart parse(byte[] content) {
        return parse(new String(content, StandardCharsets.ISO_8859_1), MAX_DEPTH, new int[] {MAX_PARTS});
    }

    private static MessagePart parse(String text, int depth, int[] left) {
        int end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
        String header = end < 0 ? text : text.substring(0, end);
        String body = end < 0 ? "" : text.substring(end == 0 ? 2 : end + 4);
        MessagePart whole = new MessagePart(fields(header), body, List.of());
        Optional<String> boundary = whole.parameter("Content-Type", "boundary");
        if (boundary.isEmpty() || depth == 0 || !whole.contentType().startsWith("multipart/")) {
            return whole;
        }
        List<MessagePart> parts = new ArrayList<>();
        for (String part : split(body, "--" + boundary.get())) {
            if (left[0]-- > 0) {
                parts.add(parse(part, depth - 1, left));
            }
        }
        return new MessagePart(whole.fields, body, parts);
    }

    private static List<Field> fields(String header) {
        List<Field> fields = new ArrayList<>();
        for (String line : header.split("\r\n(?![ \t])")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String value = line.substring(colon + 1).replaceAll("\r\n(?=[ \t])", "");
                fields.add(new Field(line.substring(0, colon).strip(), value.strip()));
            }
        }
        return fields;
    }

    /** Returns the text between the delimiter lines (RFC 2046 section 5.1.1). */
    private static List<String> split(String body, String delimiter) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = null;
        for (String line : body.split("(?<=\r\n)")) {
            String bare = line.stripTrailing();
            boolean last = bare.equals(delimiter + "--");
            if (last || bare.equals(delimiter)) {
                if (part != null) {
                    parts.add(part.length() >= 2 ? part.substring(0, part.length() - 2) : "");
                }
                if (last) {
                    return parts;
                }
                part = new StringBuilder();
            } else if (part != null) {
                part.append(line);
            }
        }
        return parts;
    }

    /**
     * Returns a field's value.
     *
     * @param name the field's name; case is ignored
     * @return the value of the first such field, unfolded and with encoded words decoded; empty when there is none
     */
    public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
    }

    /**
     * Returns the values of all fields of a name.
     *
     * @param name the fields' name; case is ignored
     * @return the values in order, unfolded and with encoded words decoded
     */
    public List<String> headers(String name) {
        return fields.stream()
                .filter(field -> field.name.equalsIgnoreCase(name))
                .map(field -> decodedWords(field.value))
                .toList();
    }

    /** {@return the names of all fields in order, as written} */
    public List<String> headerNames() {
        return fields.stream().map(Field::name).toList();
    }

    /** {@return the media type, with type and subtype in lower case; {@code text/plain} when none is given} */
    public String contentType() {
        return header("Content-Type")
                .map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .filter(type -> !type.isEmpty())
                .orElse("text/plain");
    }

    /** {@return the parts of a multipart in order; empty for anything else} */
    public List<MessagePart> parts() {
        return parts;
    }

    /** {@return all non-multipart parts at any level, in order; only this part when it is not a multipart} */
    public List<MessagePart> leaves() {
        return parts.isEmpty()
                ? List.of(this)
                : parts.stream().flatMap(part -> part.leaves().stream()).toList();
    }

    /** {@return the parts at any level that have a file name, in order} */
    public List<MessagePart> attachments() {
        return leaves().stream().filter(part -> part.fileName().isPresent()).toList();
    }

    /** {@return the file name of Content-Disposition, else of Content-Type; empty without one} */
    public Optional<String> fileName() {
        return parameter("Content-Disposition", "filename").or(() -> parameter("Content-Type", "name"));
    }

    /** {@return the content without its transfer encoding} */
    public byte[] octets() {
        byte[] raw = body.getBytes(StandardCharsets.ISO_8859_1);
        return switch (header("Content-Transfer-Encoding").orElse("").toLowerCase(Locale.ROOT)) {
            case "base64" -> Base64.getMimeDecoder().decode(raw);
            case "quoted-printable" -> quotedPrintable(body);
            default -> raw;
        };
    }

    /** {@return the content as text, in the part's character set, or in UTF-8 if it names none that is known} */
    public String text() {
        return new String(octets(), charset(parameter("Content-Type", "charset").orElse("UTF-8")));
    }

    private Optional<String> parameter(String field, String name) {
        String quoted = Pattern.quote(name);
        Pattern plain = Pattern.compile("(?i);\\s*" + quoted + "\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]+))");
        Pattern extended = Pattern.compile("(?i);\\s*" + quoted + "\\*\\s*=\\s*([^';]+)'[^']*'([^;\\s]+)"); // RFC 2231
        for (String value : headers(field)) {
            Matcher encoded = extended.matcher(value);
            if (encoded.find()) {
                byte[] octets =
                        quotedPrintable(encoded.group(2).replace("=", "=3D").replace('%', '='));
                return Optional.of(new String(octets, charset(encoded.group(1))));
            }
            Matcher matcher = plain.matcher(value);
            if (matcher.find()) {
                return Optional.of(
                        matcher.group(1) == null
                                ? matcher.group(2)
                                : matcher.group(1).replaceAll("\\\\(.)", "$1"));
            }
        }
        return Optional.empty();
    }

    private static byte[] quotedPrintable(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
        String joined = text.replaceAll("=[ \t]*\r\n", "");
        Matcher code = QUOTED.matcher(joined);
        int from = 0;
        while (code.find()) {
            octets.writeBytes(joined.substring(from, code.start()).getBytes(StandardCharsets.ISO_8859_1));
            octets.write(Integer.parseInt(code.group(1), 16));
            from = code.end();
        }
        octets.writeBytes(joined.substring(from).getBytes(StandardCharsets.ISO_8859_1));
        return octets.toByteArray();
    }

    private static String decodedWords(String value) {
        // raw 8-bit header text is UTF-8 (RFC 6532)
        String text = new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return ENCODED_WORD
                .matcher(text)
                .replaceAll(word -> Matcher.quoteReplacement(decoded(word.group(1), word.group(2), word.group(3))));
    }

    private static String decoded(String charset, String encoding, String text) {
        byte[] octets = encoding.equalsIgnoreCase("b")
                ? Base64.getMimeDecoder().decode(text)
                : quotedPrintable(text.replace('_', ' '));
        return new String(octets, charset(charset));
    }

    private static Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8; // a name that is none: the text shows what it is worth
        }
    }
}
