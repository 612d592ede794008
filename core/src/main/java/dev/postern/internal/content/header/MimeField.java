package dev.postern.internal.content.header;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Content-Type or Content-Disposition field: a value and parameters (RFC 2045 section 5.1). Reads as lenient as mail
 * programs do (unquoted values with blanks, unknown rubbish), and keeps every value that one of them might take.
 */
public final class MimeField {

    private static final int MAX_SEGMENTS = 100;

    /** For a charset that is not known: the extension, which matters here, is US-ASCII in nearly all. */
    private static final Charset ANY = StandardCharsets.ISO_8859_1;

    private final String text;
    private int at;
    private final String value;
    private final Map<String, Set<String>> parameters = new LinkedHashMap<>();
    private final Map<String, Map<Integer, Segment>> segments = new LinkedHashMap<>();

    /** A piece of a parameter (RFC 2231 section 3); an extended one is percent-encoded (section 4). */
    private record Segment(String text, boolean extended) {}

    private MimeField(String text) {
        this.text = text;
        value = token().toLowerCase(Locale.ROOT);
        while (at < text.length()) {
            parameter();
        }
        segments.forEach((name, pieces) -> add(name, join(pieces)));
    }

    /** Reads a field. */
    public static MimeField parse(String text) {
        return new MimeField(text);
    }

    /** The value in lower case, without comments. */
    public String value() {
        return value;
    }

    /** A parameter that must have one value; empty when it is missing or not clear. */
    public Optional<String> single(String name) {
        Set<String> values = parameters.getOrDefault(name, Set.of());
        return values.size() == 1 ? Optional.of(values.iterator().next()) : Optional.empty();
    }

    /** All values of a parameter, as they stand and with encoded words decoded (RFC 2047, which RFC 2045 forbids here). */
    Set<String> all(String name) {
        Set<String> values = new LinkedHashSet<>();
        for (String each : parameters.getOrDefault(name, Set.of())) {
            values.add(each);
            if (each.contains("=?")) {
                values.add(EncodedWords.decode(each));
            }
        }
        return values;
    }

    private void parameter() {
        at++; // the semicolon
        int start = at;
        while (at < text.length() && text.charAt(at) != '=' && text.charAt(at) != ';') {
            at++;
        }
        String name = withoutComments(text.substring(start, at)).strip().toLowerCase(Locale.ROOT);
        if (at == text.length() || text.charAt(at) == ';') {
            return; // a name without a value is nothing
        }
        at++;
        int star = name.indexOf('*');
        String parameterValue = parameterValue();
        if (star < 0) {
            add(name, parameterValue);
        } else {
            segment(name.substring(0, star), name.substring(star + 1), parameterValue);
        }
    }

    private void add(String name, String parameterValue) {
        parameters.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(parameterValue);
    }

    /** name*=, name*0=, name*0*= (RFC 2231 sections 3 and 4.1). */
    private void segment(String name, String suffix, String piece) {
        boolean extended = suffix.isEmpty() || suffix.endsWith("*");
        String digits = suffix.endsWith("*") ? suffix.substring(0, suffix.length() - 1) : suffix;
        if (digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return;
        }
        int number = digits.isEmpty() ? 0 : Integer.parseInt(digits);
        if (number < MAX_SEGMENTS) {
            segments.computeIfAbsent(name, n -> new TreeMap<>()).putIfAbsent(number, new Segment(piece, extended));
        }
    }

    private static String join(Map<Integer, Segment> pieces) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        Charset charset = StandardCharsets.UTF_8;
        for (Map.Entry<Integer, Segment> each : pieces.entrySet()) {
            String piece = each.getValue().text();
            if (!each.getValue().extended()) {
                octets.writeBytes(piece.getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int language = piece.indexOf('\'');
            int content = language < 0 ? -1 : piece.indexOf('\'', language + 1);
            if (each.getKey() == 0 && content >= 0) {
                charset = Charsets.find(piece.substring(0, language)).orElse(ANY);
                piece = piece.substring(content + 1);
            }
            percentDecode(piece, octets);
        }
        return octets.toString(charset);
    }

    /** What is not encoded stands for octets as well, whatever the charset, for not every charset can be written. */
    private static void percentDecode(String piece, ByteArrayOutputStream decoded) {
        byte[] octets = piece.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < octets.length; i++) {
            boolean escape = octets[i] == '%' && i + 2 < octets.length;
            int high = escape ? Character.digit(octets[i + 1], 16) : -1;
            int low = escape ? Character.digit(octets[i + 2], 16) : -1;
            if (high >= 0 && low >= 0) {
                decoded.write(high << 4 | low);
                i += 2;
            } else {
                decoded.write(octets[i]);
            }
        }
    }

    /** Everything up to the next semicolon, without comments. */
    private String token() {
        int start = at;
        int end = text.indexOf(';', at);
        at = end < 0 ? text.length() : end;
        return withoutComments(text.substring(start, at)).strip();
    }

    private String parameterValue() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '"') {
            String quoted = quoted();
            int end = text.indexOf(';', at);
            at = end < 0 ? text.length() : end; // what stands behind the quote is nothing
            return quoted;
        }
        int start = at;
        int end = text.indexOf(';', at);
        at = end < 0 ? text.length() : end;
        return text.substring(start, at).strip(); // with its blanks: many programs do not quote file names
    }

    private String quoted() {
        StringBuilder content = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            content.append(text.charAt(at));
        }
        return content.toString();
    }

    private static String withoutComments(String part) {
        if (part.indexOf('(') < 0) {
            return part;
        }
        StringBuilder rest = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            depth += c == '(' ? 1 : 0;
            if (depth == 0) {
                rest.append(c);
            }
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }
        return rest.toString();
    }

    /** The values of a list of fields, for instance of both fields that may carry a file name. */
    public static List<String> names(Optional<MimeField> disposition, Optional<MimeField> type) {
        Set<String> names = new LinkedHashSet<>();
        disposition.ifPresent(field -> names.addAll(field.all("filename")));
        type.ifPresent(field -> names.addAll(field.all("name")));
        return new ArrayList<>(names);
    }
}
