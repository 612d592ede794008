package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.header.MimeField;
import dev.postern.internal.content.mime.Signatures.Mode;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the MIME fields of a header section make of the body, by the standards and by lenient readers. */
final class PartHeader {

    /** What a body is. */
    enum Kind {
        LEAF,
        MESSAGE,
        MULTIPART
    }

    /** A way to decode a body, and how much a mismatch counts then. By the standard's it has to be clean. */
    record Decoding(Encoding encoding, Mode mode, boolean standard) {}

    private static final List<Decoding> AS_IT_STANDS = List.of(new Decoding(Encoding.IDENTITY, Mode.FULL, true));

    private static final String MESSAGE = "message/";

    private static final Set<String> PLAIN_TEXT = Set.of("", "text", "text/plain");

    /** RFC 2045 section 5.1, in lower case. */
    private static final Pattern TYPE = Pattern.compile("[\\w!#$%&'*+.^`{|}~-]++/[\\w!#$%&'*+.^`{|}~-]++");

    /** What some readers find wherever it stands in Content-Transfer-Encoding. */
    private static final Map<String, Encoding> MENTIONED = Map.of(
            "base64",
            Encoding.BASE64,
            "quotedprintable",
            Encoding.QUOTED_PRINTABLE,
            "uuencode",
            Encoding.UUENCODE,
            "yenc",
            Encoding.YENC);

    private final List<MimeField> types;
    private final String type;
    private final Kind kind;
    private final List<String> boundaries;
    private final Set<String> doubtfulBoundaries;
    private final Set<String> decodedTypes = new LinkedHashSet<>();
    private final List<Decoding> decodings;
    private final Set<String> fileNames;
    private final Set<String> unlikelyNames;
    private boolean unknownCharset;
    private final boolean messageByDefault;
    private final @Nullable String conflict;
    private final @Nullable String beyondBound;

    /** Reads a header section; in a digest, a part without a type is a message (RFC 2046 section 5.1.5). */
    PartHeader(HeaderSection section, boolean inDigest) {
        types = parse(section.contentTypes());
        List<MimeField> dispositions = parse(section.dispositions());
        List<MimeField> encodings = parse(section.transferEncodings());
        type = types.isEmpty()
                ? inDigest ? "message/rfc822" : "text/plain"
                : types.get(0).value();
        // a type that is none, or a multipart without a boundary, is to some as if there were none (RFC 2045 section
        // 5.2)
        messageByDefault = inDigest && !types.stream().allMatch(PartHeader::isComplete);
        // where two fields differ, what has most in it, for the message is refused, or nothing of it may be missed
        Kind most = kind(type);
        Set<String> found = new LinkedHashSet<>();
        for (MimeField each : types) {
            most = kind(each.value()).compareTo(most) > 0 ? kind(each.value()) : most;
            found.addAll(each.boundaries());
        }
        kind = most;
        boundaries = List.copyOf(found);
        doubtfulBoundaries = found;
        for (MimeField each : types) {
            for (String decoded : each.decodedFirst()) {
                decodedTypes.add(decoded);
                doubtfulBoundaries.addAll(MimeField.parse(decoded).boundaries());
            }
        }
        decodings = decodings(encodings);
        fileNames = new LinkedHashSet<>();
        unlikelyNames = new LinkedHashSet<>();
        addNames(dispositions);
        addNames(types);
        List<MimeField> names =
                parse(section.names().stream().flatMap(PartHeader::asParameter).toList());
        addNames(names);
        conflict = conflict(encodings);
        beyondBound = beyondBound(section, List.of(types, dispositions, encodings, names));
    }

    private static List<MimeField> parse(List<String> fields) {
        List<MimeField> parsed = new ArrayList<>(fields.size());
        for (String each : fields) {
            parsed.add(MimeField.parse(each));
        }
        return parsed;
    }

    /** To its readers a field that is nothing but a name has no parameters: a semicolon is a part of the name. */
    private static Stream<String> asParameter(String name) {
        return Stream.of("x; name=" + name, "x; name=\"" + name.strip().replace("\"", "") + "\"");
    }

    private void addNames(List<MimeField> fields) {
        for (MimeField each : fields) {
            for (String name : each.fileNames()) {
                fileNames.add(name);
                fileNames.add(upToControl(name));
                fileNames.add(inOrderOfSight(name));
            }
            unlikelyNames.addAll(each.unlikelyFileNames());
            unknownCharset |= each.hasUnknownCharset();
        }
    }

    /** A name as whoever shows it who takes a control character, such as an encoded NUL, for its end. */
    private static String upToControl(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < ' ' && name.charAt(i) != '\t') {
                return name.substring(0, i);
            }
        }
        return name;
    }

    /** A name as its reader sees it: behind RIGHT-TO-LEFT OVERRIDE letters run backwards (UAX 9 section 2.2). */
    private static String inOrderOfSight(String name) {
        int override = name.indexOf('\u202e');
        if (override < 0) {
            return name;
        }
        StringBuilder seen = new StringBuilder(name.length());
        int behind = 0;
        while (override >= 0) {
            int pop = name.indexOf('\u202c', override);
            int end = pop < 0 ? name.length() : pop;
            seen.append(name, behind, override).append(new StringBuilder(name.substring(override + 1, end)).reverse());
            behind = end;
            override = name.indexOf('\u202e', behind);
        }
        return seen.append(name, behind, name.length()).toString();
    }

    private static @Nullable String beyondBound(HeaderSection section, List<List<MimeField>> fields) {
        Optional<String> found = section.beyondBound();
        for (List<MimeField> ofOneName : fields) {
            for (MimeField each : ofOneName) {
                found = found.isPresent() ? found : each.beyondBound();
            }
        }
        return found.orElse(null);
    }

    /** The media type in lower case. */
    String type() {
        return type;
    }

    Kind kind() {
        return kind;
    }

    /** Whether some reader may take for a multipart what is none. */
    boolean mayBeMultipart() {
        return kind != Kind.MULTIPART && says("multipart");
    }

    /** Whether a reader may take it for a multipart who looks at nothing but the boundary, such as Nodemailer's. */
    boolean hasBoundaryOnly() {
        return kind == Kind.LEAF && !doubtfulBoundaries.isEmpty() && !says("multipart");
    }

    /** Whether readers look in it for files that stand in a text, without MIME: KMail does in HTML, too. */
    boolean mayHoldInlineFiles() {
        return kind == Kind.LEAF
                && (isPlainText()
                        || types.stream().anyMatch(each -> each.value().startsWith("text/"))
                        || encodings().stream().anyMatch(Encoding::hasBeginning));
    }

    /** Whether some reader takes it for a plain text. */
    boolean isPlainText() {
        return types.isEmpty() || types.stream().anyMatch(each -> PLAIN_TEXT.contains(each.value()));
    }

    Set<Encoding> encodings() {
        Set<Encoding> encodings = new LinkedHashSet<>();
        decodings.forEach(each -> encodings.add(each.encoding()));
        return encodings;
    }

    /** What is a boundary to whoever takes for a multipart what is none. */
    List<String> doubtfulBoundaries() {
        return List.copyOf(doubtfulBoundaries);
    }

    /** Whether some reader may take for a message what is none. */
    boolean mayBeMessage() {
        return kind == Kind.LEAF && (messageByDefault || says(MESSAGE));
    }

    /** Whether it is a multipart that some take for a message: by another of its fields, or because its type is none. */
    boolean isMessageToo() {
        return kind == Kind.MULTIPART
                && (messageByDefault || types.stream().anyMatch(each -> kind(each.value()) == Kind.MESSAGE));
    }

    /** What some reader may take for the boundary; the standard's reading first. */
    List<String> boundaries() {
        return boundaries;
    }

    /** Whether a boundary ends with a blank, with which some readers look for it and some do not. */
    boolean hasBlankBoundary() {
        return types.stream().anyMatch(MimeField::hasBlankBoundary);
    }

    boolean hasClearBoundary() {
        return !types.isEmpty()
                && !types.get(0).hasTwoBoundaries()
                && types.stream().anyMatch(MimeField::hasClearBoundary);
    }

    /** How the body may be encoded; the standard's reading first. */
    List<Decoding> decodings() {
        return decodings;
    }

    /** Whether the standard says that the body is base64. */
    boolean isBase64() {
        return decodings.get(0).standard() && decodings.get(0).encoding() == Encoding.BASE64;
    }

    /** All names that a reader may give the part. */
    Set<String> fileNames() {
        return fileNames;
    }

    long namesLength() {
        long length = 0;
        for (String each : fileNames) {
            length += each.length();
        }
        for (String each : unlikelyNames) {
            length += each.length();
        }
        return length;
    }

    /** Names that hardly a reader gives the part. */
    Set<String> unlikelyNames() {
        return unlikelyNames;
    }

    /** Whether a name is in a charset that is not known, so that readers may show it as another. */
    boolean hasUnknownCharset() {
        return unknownCharset;
    }

    /**
     * Header fields, and what is no file of its own: no name can belie them (RFC 2046 section 5.2, RFC 6522 section 4, RFC
     * 3464, RFC 5965, RFC 6533, RFC 8098). A whole message is none either: programs name it by its subject.
     */
    boolean isFieldsOnly() {
        return type.equals("text/rfc822-headers") || kind != Kind.LEAF;
    }

    /** What two fields of one name disagree about, so that two readers see two structures (RFC 2045 section 3). */
    Optional<String> conflict() {
        return Optional.ofNullable(conflict);
    }

    /** What is too much for a bound, so that there may be names that were not read. */
    Optional<String> beyondBound() {
        return Optional.ofNullable(beyondBound);
    }

    /** The field that says what the body is, as found. */
    String found() {
        return types.isEmpty() ? "none" : types.get(0).raw().strip();
    }

    private static boolean isComplete(MimeField type) {
        return TYPE.matcher(type.value()).matches()
                && (kind(type.value()) != Kind.MULTIPART || !type.boundaries().isEmpty());
    }

    private static Kind kind(String type) {
        if (type.equals("multipart") || type.startsWith("multipart/")) {
            return Kind.MULTIPART;
        }
        return type.startsWith(MESSAGE) ? Kind.MESSAGE : Kind.LEAF;
    }

    private boolean says(String word) {
        for (MimeField each : types) {
            if (each.value().contains(word) || says(each.raw(), word)) {
                return true;
            }
        }
        return decodedTypes.stream().anyMatch(decoded -> says(decoded, word));
    }

    /** Tells whether a word of small letters is in a text, in any case, and without all that some readers pass over. */
    private static boolean says(String text, String word) {
        for (int start = 0; start < text.length(); start++) {
            int found = 0; // nothing is passed over before the first letter, so that the work stays linear
            int end = toSmall(text.charAt(start)) == word.charAt(0) ? text.length() : start;
            for (int i = start; i < end && found < word.length(); i++) {
                char c = text.charAt(i);
                if (toSmall(c) == word.charAt(found)) {
                    found++;
                } else if (c > ' ' && c != '"' && c != '\\') {
                    break;
                }
            }
            if (found == word.length()) {
                return true;
            }
        }
        return false;
    }

    private static char toSmall(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
    }

    private @Nullable String conflict(List<MimeField> encodings) {
        if (types.size() <= 1 && encodings.size() <= 1) {
            return null;
        }
        for (MimeField each : types) {
            boolean same = kind(each.value()) == kind(type)
                    && (kind != Kind.MULTIPART
                            || each.boundaries().equals(types.get(0).boundaries()));
            if (!same) {
                return "two Content-Type fields that differ";
            }
        }
        for (MimeField each : encodings) {
            if (standard(each.value()) != standard(encodings.get(0).value())) {
                return "two Content-Transfer-Encoding fields that differ";
            }
        }
        return null;
    }

    private static List<Decoding> decodings(List<MimeField> fields) {
        if (fields.isEmpty()) {
            return AS_IT_STANDS;
        }
        Set<Decoding> all = new LinkedHashSet<>();
        for (MimeField each : fields) {
            Encoding standard = standard(each.value());
            Encoding meant = standard == null ? misspelled(each.value()) : standard;
            if (meant != null) {
                boolean first = all.isEmpty();
                all.add(new Decoding(meant, first ? Mode.FULL : Mode.KNOWN_BINARIES, first && standard != null));
            }
            if (standard != null && each.raw().strip().equalsIgnoreCase(each.value())) {
                continue; // no reader can err
            }
            if (meant != Encoding.IDENTITY) {
                all.add(new Decoding(Encoding.IDENTITY, Mode.KNOWN_BINARIES, false)); // RFC 2045 section 6.4: opaque
            }
            String letters = letters(each.raw() + each.decodedFirst());
            MENTIONED.forEach((word, encoding) -> {
                if (encoding != meant && letters.contains(word)) {
                    all.add(new Decoding(encoding, Mode.KNOWN_BINARIES, false));
                }
            });
        }
        return List.copyOf(all);
    }

    /** The encodings of RFC 2045 section 6.1. */
    private static @Nullable Encoding standard(String value) {
        return switch (value) {
            case "", "7bit", "8bit", "binary" -> Encoding.IDENTITY;
            case "base64" -> Encoding.BASE64;
            case "quoted-printable" -> Encoding.QUOTED_PRINTABLE;
            default -> null;
        };
    }

    /** What some readers make of others: names of old, and what programs write in error. */
    private static @Nullable Encoding misspelled(String value) {
        return switch (letters(value)) {
            case "7bit", "7bits", "8bit", "8bits", "binary", "none", "7", "8" -> Encoding.IDENTITY;
            case "base64", "b64", "xbase64" -> Encoding.BASE64;
            case "quotedprintable", "quotedprintible", "qp", "xquotedprintable" -> Encoding.QUOTED_PRINTABLE;
            case "xuuencode", "uuencode", "xuue", "uue", "xuu", "uu" -> Encoding.UUENCODE;
            case "xyencode", "yencode", "xyenc", "yenc" -> Encoding.YENC;
            default -> null;
        };
    }

    private static String letters(String value) {
        StringBuilder letters = new StringBuilder();
        value.chars().filter(Character::isLetterOrDigit).forEach(c -> letters.append((char) c));
        return letters.toString().toLowerCase(Locale.ROOT);
    }
}
