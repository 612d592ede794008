package dev.postern.internal.content.header;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A MIME field as nearly all programs write it, so plain that all readings of {@link MimeField} are the same; one short pass
 * finds it out. Nothing in it is a comment, a quoted pair, a fold within a parameter, a piece of RFC 2231, percent encoded, an
 * encoded word or above 126, no name that is judged comes twice, and within quotes nothing looks like a parameter.
 */
final class PlainField {

    private static final int MAX_LENGTH = 500;

    /** What may stand in a value, other than letters and digits. */
    private static final String VALUE_MARKS = "/-.+_";

    /** What may stand in a parameter without quotes: no tspecial (RFC 2045 section 5.1), and none of RFC 2231's marks. */
    private static final String MARKS = "-._+!#$&^`{|}~";

    /** What may stand in quotes besides. */
    private static final String QUOTED_MARKS = " /:?,@<>[]=;()";

    private final String text;
    private int at;
    private String value = "";
    private final Map<String, String> judged = new HashMap<>(4); // parameters

    private PlainField(String text) {
        this.text = text;
    }

    /** Reads a field's value; null when it is not as plain. */
    static @Nullable PlainField read(String text) {
        PlainField field = new PlainField(text);
        return text.length() <= MAX_LENGTH && field.readAll() ? field : null;
    }

    String value() {
        return value;
    }

    Set<String> fileNames() {
        String first = judged.get("filename");
        String second = judged.get("name");
        if (first == null || second == null || first.equals(second)) {
            return first != null ? Set.of(first) : second != null ? Set.of(second) : Set.of();
        }
        return new LinkedHashSet<>(List.of(first, second));
    }

    List<String> boundaries() {
        String found = boundary().stripTrailing();
        return found.isEmpty() ? List.of() : List.of(found);
    }

    boolean hasBlankBoundary() {
        return !boundary().equals(boundary().stripTrailing());
    }

    private String boundary() {
        return judged.getOrDefault("boundary", "");
    }

    private boolean readAll() {
        skipBlanks();
        int start = at;
        while (at < text.length() && isOf(text.charAt(at), VALUE_MARKS)) {
            at++;
        }
        value = text.substring(start, at).toLowerCase(Locale.ROOT);
        while (at < text.length()) {
            if (text.charAt(at++) != ';' || !readParameter()) {
                return false;
            }
        }
        return true;
    }

    private boolean readParameter() {
        skipBlanks();
        int start = at;
        while (at < text.length() && (Text.isLetter(text.charAt(at)) || text.charAt(at) == '-')) {
            at++;
        }
        String parameter = text.substring(start, at).toLowerCase(Locale.ROOT);
        if (at + 1 >= text.length() || text.charAt(at++) != '=') {
            return false;
        }
        String content = text.charAt(at) == '"' ? readQuoted() : readToken();
        if (content == null) {
            return false;
        }
        if (!MimeField.JUDGED.contains(parameter)) {
            return true;
        }
        boolean bracketed = parameter.equals("boundary") && content.startsWith("<"); // to Python these are quotes
        return judged.putIfAbsent(parameter, content) == null && !bracketed;
    }

    private @Nullable String readToken() {
        int start = at;
        while (at < text.length() && isOf(text.charAt(at), MARKS)) {
            at++;
        }
        return at > start ? text.substring(start, at) : null;
    }

    private @Nullable String readQuoted() {
        int start = ++at;
        boolean semicolon = false;
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at);
            boolean plain = isOf(c, MARKS) || QUOTED_MARKS.indexOf(c) >= 0;
            boolean parameter = c == '=' && semicolon;
            boolean encodedWord = c == '?' && text.charAt(at - 1) == '=';
            if (!plain || parameter || encodedWord) {
                return null;
            }
            semicolon |= c == ';';
            at++;
        }
        return at < text.length() ? text.substring(start, at++) : null;
    }

    private void skipBlanks() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    private static boolean isOf(char c, String marks) {
        return Text.isLetter(c) || Text.isDigit(c) || marks.indexOf(c) >= 0;
    }
}
