package dev.postern.internal.content.header;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A MIME field: a value and parameters (RFC 2045 section 5.1, RFC 2183, RFC 2231), read as the standards say and as lenient
 * readers do, for attackers live in the difference. The standard's reading of a parameter comes first among its values.
 *
 * <p>The work is linear: each octet is looked at once for the syntax, and a bounded number of times for values. What is
 * beyond a bound is told by {@link #beyondBound()}, never dropped in silence.
 */
public final class MimeField {

    static final int MAX_COMMENT_DEPTH = 50;
    static final int MAX_PARAMETERS = 250;

    /** Programs write a name twice, each time in two ways; more are there for a reader to err. */
    static final int MAX_VALUES = 20;

    static final int MAX_VALUE_LENGTH = 4096;

    private static final String SPECIALS = "()<>@,;:\\\"/[]?="; // tspecials of RFC 2045 section 5.1
    private static final String ENCODING_MARKS = "*'%"; // RFC 2231 section 7 has none of them in a plain piece
    private static final List<String> FILE_NAMES = List.of("filename", "name");
    static final Set<String> JUDGED = Set.of("filename", "name", "boundary");

    /** Where a parameter's value begins; the suffix stands between its name and the equals sign. */
    private record Occurrence(String name, String suffix, int start, boolean standard) {}

    /**
     * What a reader may take for a value: the standard's reading, as it stands, to who counts quotes, and to who undoes quoted
     * pairs without quotes, as Nodemailer's does; to who takes it for a token that ends where none can go on, in a piece that
     * is encoded and in one that is not, as Python does; and all there are.
     */
    private record Value(
            String standard,
            String asItStands,
            String byQuotes,
            String unescaped,
            String token,
            String plainToken,
            Set<String> all) {

        List<String> inSegments(boolean encoded) {
            return List.of(standard, asItStands, byQuotes, unescaped, token, encoded ? token : plainToken);
        }
    }

    private final String text;
    private final @Nullable PlainField plain; // what it is when all readers agree, and the rest is not needed
    private final String value;
    private final Map<Integer, Occurrence> occurrences = new TreeMap<>();
    private final Map<Integer, Value> read = new HashMap<>(); // by where they begin
    private @Nullable String beyondBound;
    private boolean unknownCharset;
    private boolean blankBoundary;
    private boolean clearBoundary;
    private long work;

    private MimeField(PlainField plain, String text) {
        this.text = text;
        this.plain = plain;
        value = plain.value();
    }

    /** Reads a field's value in every way, even where there is but one. */
    MimeField(String text) {
        this.text = text;
        plain = null;
        StringBuilder content = new StringBuilder();
        int at = readValue(content);
        value = content.toString().strip().toLowerCase(Locale.ROOT);
        int parameters = 0;
        while (at < text.length()) {
            if (++parameters > MAX_PARAMETERS) {
                beyond("over " + MAX_PARAMETERS + " parameters");
                break;
            }
            at = readParameter(at + 1);
        }
        new LenientReader().find();
    }

    /** Reads a field's value; its folds have no line ends any more. */
    public static MimeField parse(String text) {
        PlainField plain = PlainField.read(text);
        return plain == null ? new MimeField(text) : new MimeField(plain, text);
    }

    /** The value in lower case: without comments, quotes, and the blanks round its slash. */
    public String value() {
        return value;
    }

    /** The field as it stands, for whoever does not know of comments. */
    public String raw() {
        return text;
    }

    /** What is too much for a bound, printable. */
    public Optional<String> beyondBound() {
        return Optional.ofNullable(beyondBound);
    }

    /** Tells whether a name is in a charset that is not known, so that readers may show another one than any that was found. */
    public boolean hasUnknownCharset() {
        return unknownCharset;
    }

    /** How many octets were looked at. */
    long work() {
        return work;
    }

    /**
     * All file names that a reader may take from a field: of {@code filename} and {@code name}, in pieces or whole, with
     * encoded words decoded (RFC 2047, which RFC 2045 forbids here).
     */
    public Set<String> fileNames() {
        return plain == null ? names(false) : plain.fileNames();
    }

    /** What only a reader takes for a name who joins parameters as they stand, or decodes the field before he parses it. */
    public Set<String> unlikelyFileNames() {
        if (plain != null) {
            return Set.of();
        }
        Set<String> names = names(true);
        if (text.contains("=?")) {
            for (String each : decodedFirst()) {
                MimeField other = new MimeField(each);
                names.addAll(other.fileNames());
                other.beyondBound().ifPresent(this::beyond);
            }
        }
        if (!names.isEmpty()) {
            names.removeAll(fileNames());
        }
        return names;
    }

    /** The field as whoever parses it who has decoded encoded words in it before; empty where there are none. */
    public Set<String> decodedFirst() {
        if (!text.contains("=?")) {
            return Set.of();
        }
        Set<String> decoded = new LinkedHashSet<>(EncodedWords.plainReadings(text));
        decoded.remove(text);
        return decoded;
    }

    private Set<String> names(boolean unlikely) {
        Set<String> names = new LinkedHashSet<>();
        if (occurrences.isEmpty()) {
            return names;
        }
        FILE_NAMES.forEach(name -> names.addAll(values(name, unlikely)));
        return names;
    }

    /** All boundaries that a reader may take from the field, the standard's reading first. */
    public List<String> boundaries() {
        if (plain != null) {
            return plain.boundaries();
        }
        Set<String> found = new LinkedHashSet<>();
        Set<String> values = values("boundary", false);
        for (String each : values) {
            found.add(each.stripTrailing()); // RFC 2046 section 5.1.1: a blank there is a gateway's
            blankBoundary |= !each.equals(each.stripTrailing());
        }
        for (String each : values) {
            found.add(each.stripTrailing().replace('\t', ' ')); // some readers make a blank of a fold
            found.add(Text.strippedTrailing(each));
            String inner = QuoteCount.unquoted(each); // Python takes quotes off twice
            found.add(inner.stripTrailing());
            found.add(QuoteCount.unquoted(inner).stripTrailing());
        }
        found.remove("");
        return List.copyOf(found);
    }

    /** Whether one of the {@link #boundaries()} ends with a blank, which some readers take for its own. */
    public boolean hasBlankBoundary() {
        return plain == null ? blankBoundary : plain.hasBlankBoundary();
    }

    /** Whether a boundary is there for more readers than those who take comments and odd blanks out of a parameter's name. */
    public boolean hasClearBoundary() {
        return plain == null ? clearBoundary : !plain.boundaries().isEmpty();
    }

    /** Whether two parameters say what the boundary is, and say different things. */
    public boolean hasTwoBoundaries() {
        Set<String> standard = new LinkedHashSet<>();
        for (Occurrence each : occurrences.values()) {
            if (each.standard()
                    && each.name().equals("boundary")
                    && each.suffix().isEmpty()) {
                standard.add(valueOf(each).standard());
            }
        }
        return standard.size() > 1;
    }

    // the standard's syntax

    private int readValue(StringBuilder content) {
        int i = 0;
        boolean gap = false;
        while (i < text.length() && text.charAt(i) != ';') {
            char c = text.charAt(i);
            if (Text.isBlank(c) || c == '(') {
                i = behindBlanksAndComments(i);
                gap = true;
                continue;
            }
            if (gap && c != '/' && !content.isEmpty() && content.charAt(content.length() - 1) != '/') {
                content.append(' ');
            }
            gap = false;
            if (c == '"') {
                i = behindQuoted(i, content);
            } else {
                content.append(c);
                i++;
                work++;
            }
        }
        return i;
    }

    /** Reads a parameter; returns where the semicolon behind it is. */
    private int readParameter(int from) {
        int start = behindBlanksAndComments(from);
        int i = start;
        while (i < text.length() && !Text.isBlank(text.charAt(i)) && "(=;\"".indexOf(text.charAt(i)) < 0) {
            i++;
        }
        work += i - start;
        StringBuilder found = new StringBuilder(text.substring(start, i));
        i = behindBlanksAndComments(i);
        boolean standard = true;
        boolean whole = true;
        while (i < text.length() && "=;\"".indexOf(text.charAt(i)) < 0) {
            // some readers let blanks stand in a name, or look for it when they have taken comments out
            found.append(text.charAt(i));
            standard = false;
            whole &= text.charAt(i) == '*' || Text.isDigit(text.charAt(i));
            work++;
            i = behindBlanksAndComments(i + 1);
        }
        if (i < text.length() && text.charAt(i) == '=') {
            i++;
            String name = Text.stripped(found.toString()).toLowerCase(Locale.ROOT);
            whole &= name.length() == found.length();
            standard &= whole;
            int star = name.indexOf('*');
            String base = star < 0 ? name : Text.strippedTrailing(name.substring(0, star));
            if (JUDGED.contains(base)) {
                clearBoundary |= whole && base.equals("boundary");
                occurrences.put(i, new Occurrence(base, star < 0 ? "" : name.substring(star), i, standard));
            }
        }
        return nextSemicolon(i);
    }

    /** Skips CFWS (RFC 5322 section 3.2.2), which may stand between any two tokens (RFC 2045 section 5.1). */
    private int behindBlanksAndComments(int from) {
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '(') {
                i = behindComment(i);
            } else if (Text.isBlank(c)) {
                i++;
                work++;
            } else {
                break;
            }
        }
        return i;
    }

    private int behindComment(int from) {
        int depth = 0;
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c == '\\') {
                i++;
            } else if (c == '(') {
                if (++depth > MAX_COMMENT_DEPTH) {
                    beyond("comments nested over " + MAX_COMMENT_DEPTH + " deep");
                }
            } else if (c == ')' && --depth == 0) {
                break;
            }
        }
        i = Math.min(i, text.length());
        work += i - from;
        return i;
    }

    /** Takes a quoted string without its quotes and quoted pairs (RFC 5322 section 3.2.4), one without end whole. */
    private int behindQuoted(int from, @Nullable StringBuilder content) {
        int i = from + 1;
        while (i < text.length() && text.charAt(i) != '"') {
            if (text.charAt(i) == '\\' && i + 1 < text.length()) {
                i++;
            }
            if (content != null) {
                content.append(text.charAt(i));
            }
            i++;
        }
        work += i - from;
        return Math.min(i + 1, text.length());
    }

    /** Finds the next semicolon that is in no comment and no quoted string. */
    private int nextSemicolon(int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) != ';') {
            char c = text.charAt(i);
            if (c == '(') {
                i = behindComment(i);
            } else if (c == '"') {
                i = behindQuoted(i, null);
            } else {
                i++;
                work++;
            }
        }
        return i;
    }

    // lenient readings

    /** Finds the beginning of each parameter as readers do who know of comments, and of no quotes in front of a semicolon. */
    private static final class Beginning {
        private int last = -1;
        private boolean next;
        private int depth;

        void pass(char c, int at) {
            if (depth > 0) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            } else if (c == ';') {
                next = true;
            } else if (next && c == '(') {
                depth = 1;
            } else if (next && !Text.isBlank(c)) {
                next = false;
                last = at;
            }
        }
    }

    /** Finds the parameters of readers who miss a semicolon, or see one within a comment or a quoted string. */
    private final class LenientReader {

        void find() {
            boolean inQuotes = false;
            int depth = 0;
            int lenient = 0;
            Beginning beginning = new Beginning();
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                beginning.pass(c, i);
                if (c == '\\' && (inQuotes || depth > 0)) {
                    i++;
                } else if (c == '"' && depth == 0) {
                    inQuotes = !inQuotes;
                } else if (c == '(' && !inQuotes) {
                    depth++;
                } else if (c == ')' && !inQuotes && depth > 0) {
                    depth--;
                } else if (c == '=' && !occurrences.containsKey(i + 1)) {
                    Occurrence found = occurrenceBefore(i, !inQuotes && depth == 0, beginning.last);
                    clearBoundary |= found != null && found.name().equals("boundary");
                    if (found != null && ++lenient <= MAX_VALUES) {
                        occurrences.put(i + 1, found);
                    } else if (found != null) {
                        beyond("over " + MAX_VALUES + " parameters that only some readers see");
                    }
                }
            }
            work += text.length();
        }

        private @Nullable Occurrence occurrenceBefore(int equals, boolean outside, int beginning) {
            int end = equals;
            while (end > 0 && Text.isSpace(text.charAt(end - 1))) {
                end--;
            }
            int suffix = end;
            while (suffix > 0 && (text.charAt(suffix - 1) == '*' || Text.isDigit(text.charAt(suffix - 1)))) {
                suffix--;
            }
            int start = suffix;
            while (start > 0 && suffix - start < "filename".length() && Text.isLetter(text.charAt(start - 1))) {
                start--;
            }
            String name = text.substring(start, suffix).toLowerCase(Locale.ROOT);
            work += equals - start;
            if (!JUDGED.contains(name)) {
                return null;
            }
            int before = start;
            while (before > 0 && Text.isSpace(text.charAt(before - 1))) {
                before--;
            }
            work += start - before;
            boolean behindSemicolon = start == beginning || before == 0 || text.charAt(before - 1) == ';';
            boolean begins = before < start || before > 0 && "\"),".indexOf(text.charAt(before - 1)) >= 0;
            return behindSemicolon || outside && begins
                    ? new Occurrence(name, text.substring(suffix, end), equals + 1, false)
                    : null;
        }
    }

    private Set<String> values(String name, boolean unlikely) {
        List<Occurrence> inOrder = inOrder(name);
        if (inOrder.isEmpty() || unlikely && inOrder.size() == 1 && isPlain(inOrder.get(0))) {
            return Set.of();
        }
        Set<String> values = new LinkedHashSet<>();
        Set<String> ofNoNumber = new LinkedHashSet<>();
        Segments segments = new Segments();
        int whole = 0;
        for (Occurrence each : inOrder) {
            Value own = valueOf(each);
            if (!each.suffix().isEmpty()) {
                segments.add(each.suffix(), own.inSegments(each.suffix().endsWith("*")))
                        .ifPresent(this::beyond);
                if (unlikely && !Segments.isNumbered(each.suffix())) {
                    ofNoNumber.addAll(own.all()); // each alone, to readers who take what is no number for none
                }
            } else if (++whole <= MAX_VALUES) {
                values.addAll(own.all());
                segments.addWhole(own.inSegments(false));
            } else {
                beyond("over " + MAX_VALUES + " parameters called " + name);
            }
        }
        if (unlikely) {
            values = ofNoNumber;
            values.addAll(segments.asTheyStand());
        } else {
            values.addAll(segments.joined());
        }
        Set<String> decoded = new LinkedHashSet<>(values);
        for (String each : values) {
            if (each.length() > MAX_VALUE_LENGTH) {
                beyond("a " + name + " over " + MAX_VALUE_LENGTH + " characters");
            }
            if (each.contains("=?")) {
                decoded.addAll(EncodedWords.readings(each));
                unknownCharset |= EncodedWords.namesUnknownCharset(each);
            }
        }
        unknownCharset |= segments.nameUnknownCharset();
        return decoded;
    }

    /** Those of a name: first as the standard has them, and else as they stand. */
    private List<Occurrence> inOrder(String name) {
        List<Occurrence> inOrder = new ArrayList<>();
        int standard = 0;
        for (Occurrence each : occurrences.values()) {
            if (each.name().equals(name)) {
                inOrder.add(each.standard() ? standard++ : inOrder.size(), each);
            }
        }
        return inOrder;
    }

    /** Tells whether a parameter alone makes nothing more when it is read as a piece, as most do not. */
    private boolean isPlain(Occurrence only) {
        return only.suffix().isEmpty()
                && valueOf(only).inSegments(false).stream()
                        .noneMatch(each -> ENCODING_MARKS.chars().anyMatch(c -> each.indexOf(c) >= 0));
    }

    private Value valueOf(Occurrence each) {
        return read.computeIfAbsent(each.start(), this::valueAt);
    }

    private Value valueAt(int start) {
        int end = nextSemicolon(start);
        String raw = text.substring(start, end).strip();
        String byQuotes = upToEvenQuotes(start);
        Set<String> all = new LinkedHashSet<>();
        int first = behindBlanksAndComments(start);
        work += 4L * (end - start);
        if (first < end && text.charAt(first) == '"') {
            StringBuilder content = new StringBuilder();
            int behind = behindQuoted(first, content);
            boolean open = behind == text.length() && (behind - first < 2 || text.charAt(behind - 1) != '"');
            String backslashes = text.substring(first + 1, open ? behind : behind - 1);
            all.addAll(List.of(content.toString(), backslashes, byQuotes));
            if (open) {
                all.add(upToAnySemicolon(first + 1));
            }
            if (open || behind < end || first > start) {
                all.addAll(List.of(raw, joined(start, end), raw.replace("\"", "")));
            }
            String quoted = content.toString();
            return new Value(quoted, backslashes, byQuotes, quoted, quoted, quoted, all);
        }
        String standard = joined(start, end);
        all.addAll(List.of(standard, raw, byQuotes, upToAnySemicolon(start)));
        String unquoted = raw.replace("\"", "");
        String unescaped = unquoted.indexOf('\\') < 0 ? standard : unquoted.replaceAll("(?s)\\\\(.)", "$1");
        String token = Text.token(text, first, end, SPECIALS);
        String plainToken = Text.token(text, first, end, SPECIALS + ENCODING_MARKS);
        work += token.length() + plainToken.length();
        all.addAll(List.of(token, unquoted, unescaped));
        return new Value(standard, raw, byQuotes, unescaped, token, plainToken, all);
    }

    private String upToAnySemicolon(int start) {
        int end = text.indexOf(';', start);
        work += (end < 0 ? text.length() : end) - start;
        return text.substring(start, end < 0 ? text.length() : end).strip();
    }

    private String upToEvenQuotes(int start) {
        int end = QuoteCount.end(text, start);
        work += end - start;
        return QuoteCount.unquoted(text.substring(start, end).strip());
    }

    /** All that stands there, one piece behind the other, without comments and quotes. */
    private String joined(int start, int end) {
        StringBuilder rest = new StringBuilder();
        int i = start;
        while (i < end) {
            if (text.charAt(i) == '(') {
                i = behindComment(i);
            } else if (text.charAt(i) == '"') {
                i = behindQuoted(i, rest);
            } else {
                rest.append(text.charAt(i++));
            }
        }
        return rest.toString().strip();
    }

    private void beyond(String what) {
        beyondBound = beyondBound == null ? what : beyondBound;
    }
}
