package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.header.MimeField;
import dev.postern.internal.content.mime.Signatures.Mode;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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

    private static final String MESSAGE = "message/";

    /** What some readers find wherever it stands in Content-Transfer-Encoding. */
    private static final Map<String, Encoding> MENTIONED = Map.of(
            "base64", Encoding.BASE64, "quotedprintable", Encoding.QUOTED_PRINTABLE, "uuencode", Encoding.UUENCODE);

    private final List<MimeField> types;
    private final String type;
    private final Kind kind;
    private final List<String> boundaries;
    private final List<Decoding> decodings;
    private final Set<String> fileNames;
    private final Set<String> unlikelyNames;
    private final @Nullable String conflict;
    private final @Nullable String beyondBound;

    private PartHeader(HeaderSection section, boolean inDigest) {
        types = section.contentTypes().stream().map(MimeField::parse).toList();
        List<MimeField> dispositions =
                section.dispositions().stream().map(MimeField::parse).toList();
        List<MimeField> encodings =
                section.transferEncodings().stream().map(MimeField::parse).toList();
        type = types.isEmpty()
                ? inDigest ? "message/rfc822" : "text/plain"
                : types.get(0).value();
        // where two fields differ, what has most in it, for the message is refused, or nothing of it may be missed
        kind = types.stream()
                .map(field -> kind(field.value()))
                .max(Comparator.naturalOrder())
                .orElse(kind(type));
        Set<String> found = new LinkedHashSet<>();
        types.forEach(field -> found.addAll(field.boundaries()));
        boundaries = List.copyOf(found);
        decodings = decodings(encodings);
        fileNames = new LinkedHashSet<>();
        unlikelyNames = new LinkedHashSet<>();
        Stream.of(dispositions, types).flatMap(List::stream).forEach(field -> {
            fileNames.addAll(field.fileNames());
            unlikelyNames.addAll(field.unlikelyFileNames());
        });
        conflict = conflict(encodings);
        beyondBound = section.beyondBound()
                .or(() -> Stream.of(types, dispositions, encodings)
                        .flatMap(List::stream)
                        .flatMap(field -> field.beyondBound().stream())
                        .findFirst())
                .orElse(null);
    }

    /** Reads a header section; in a digest, a part without a type is a message (RFC 2046 section 5.1.5). */
    static PartHeader of(HeaderSection section, boolean inDigest) {
        return new PartHeader(section, inDigest);
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
        return kind != Kind.MULTIPART && says(text -> text.contains("multipart"));
    }

    /** Whether some reader may take for a message what is none. */
    boolean mayBeMessage() {
        return kind == Kind.LEAF && says(text -> text.contains(MESSAGE));
    }

    /** What some reader may take for the boundary; the standard's reading first. */
    List<String> boundaries() {
        return boundaries;
    }

    boolean hasTwoBoundaries() {
        return !types.isEmpty() && types.get(0).hasTwoBoundaries();
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

    /** Names that hardly a reader gives the part. */
    Set<String> unlikelyNames() {
        return unlikelyNames;
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

    private static Kind kind(String type) {
        if (type.equals("multipart") || type.startsWith("multipart/")) {
            return Kind.MULTIPART;
        }
        return type.startsWith(MESSAGE) ? Kind.MESSAGE : Kind.LEAF;
    }

    private boolean says(Predicate<String> what) {
        return types.stream().anyMatch(field -> what.test(field.value()) || what.test(squeezed(field.raw())));
    }

    /** Without all that some readers pass over. */
    private static String squeezed(String text) {
        StringBuilder rest = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > ' ' && c != '"' && c != '\\') {
                rest.append(c);
            }
        }
        return rest.toString().toLowerCase(Locale.ROOT);
    }

    private @Nullable String conflict(List<MimeField> encodings) {
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
        Set<Decoding> all = new LinkedHashSet<>();
        if (fields.isEmpty()) {
            all.add(new Decoding(Encoding.IDENTITY, Mode.FULL, true));
        }
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
            String letters = letters(each.raw());
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
            default -> null;
        };
    }

    private static String letters(String value) {
        StringBuilder letters = new StringBuilder();
        value.chars().filter(Character::isLetterOrDigit).forEach(c -> letters.append((char) c));
        return letters.toString().toLowerCase(Locale.ROOT);
    }
}
