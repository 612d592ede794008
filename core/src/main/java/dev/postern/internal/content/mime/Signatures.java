package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.Text;
import dev.postern.internal.content.mime.SignatureRegistry.FileType;
import dev.postern.spi.Reply;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a file name's extension stands for with what the content begins with, by the registry of Apache Tika.
 *
 * <ul>
 *   <li>An extension that the registry does not know, or whose type has no signature, passes; so does an empty file, and
 *       the AppleDouble header that goes with one.
 *   <li>A type passes with its own signature, or that of a type above or beside it: every ZIP passes for every format
 *       that is a ZIP, every OLE2 file for every format that is one.
 *   <li>A text passes unless it is a known binary; signatures of two letters do not make one of it.
 *   <li>What a program itself writes under another's extension passes: RTF and XML as {@code .doc}, XML as {@code .xls},
 *       encrypted OOXML, which is OLE2. HTML or CSV under {@code .xls} does not: Excel warns of it as well.
 * </ul>
 *
 * <p>One object for each message, for one thread.
 */
final class Signatures {

    private static final String PDF = "application/pdf"; // the one binary that can do without any control character
    private static final String OLE2 = "application/x-tika-msoffice";
    private static final String ISO_MEDIA = "application/quicktime";

    /** Types whose signatures in the registry do not cover all honest files; only a foreign signature counts. */
    private static final Set<String> INCOMPLETE = Set.of(
            "application/pgp-encrypted",
            "application/pkcs7-signature",
            "application/x-x509-cert",
            "application/x-dbf",
            "application/x-font-ttf",
            "application/x-iso9660-image", // stands at 32 KiB
            "application/x-matlab-data",
            "application/x-tar", // before POSIX there was none
            "audio/mpeg",
            "image/x-tga",
            "video/mpeg");

    /** Extensions that mean something else as often: a key, a public key, a graph, a domain name. */
    private static final Set<String> AMBIGUOUS = Set.of("com", "dot", "key", "pub");

    /** Families that take in a foreign one, by a type that their files descend from. */
    private static final Map<String, Set<String>> ALSO = Map.of(
            "application/msword", Set.of("application/rtf", "application/xml"),
            "application/vnd.ms-excel", Set.of("application/xml"),
            "application/x-tika-ooxml", Set.of(OLE2),
            "application/illustrator", Set.of("application/postscript"),
            "application/coreldraw", Set.of("application/zip"),
            "image/svg+xml", Set.of("application/gzip"),
            "video/3gpp", Set.of(ISO_MEDIA),
            "video/3gpp2", Set.of(ISO_MEDIA),
            "image/avif", Set.of(ISO_MEDIA));

    /** The part of a file that Macintoshes send beside it under the same name (RFC 1740); Tika does not know it. */
    private static final byte[] APPLE_DOUBLE = {0x00, 0x05, 0x16, 0x07};

    private static final int MAX_EXTENSION = 16;

    /**
     * How often the whole registry is searched for one message, a tenth of a millisecond each. It is for what has neither the
     * signature of its extension nor is text, and still may pass, of which honest mail has hardly any.
     */
    static final int MAX_SEARCHES = 100;

    private int searches;

    /** Tells whether a name has an extension at all. */
    static boolean mayKnow(List<String> names) {
        return names.stream().anyMatch(name -> !extension(name).isEmpty());
    }

    /** How often the whole registry was searched. */
    int searches() {
        return searches;
    }

    /**
     * Compares.
     *
     * @param names those that the part has
     * @param sample what it begins with
     * @param lenient a signature need not be there; only that of another kind of file counts
     * @return what is wrong, printable
     */
    Optional<String> mismatch(List<String> names, byte[] sample, boolean lenient) {
        boolean appleDouble = sample.length >= APPLE_DOUBLE.length
                && Arrays.equals(sample, 0, APPLE_DOUBLE.length, APPLE_DOUBLE, 0, APPLE_DOUBLE.length);
        if (sample.length == 0 || appleDouble) {
            return Optional.empty();
        }
        Content content = new Content(sample);
        Map<String, String> byExtension = new LinkedHashMap<>(); // most parts have their name twice
        names.forEach(name -> byExtension.putIfAbsent(extension(name), name));
        byExtension.remove("");
        for (Map.Entry<String, String> each : byExtension.entrySet()) {
            boolean fits = fits(each.getKey(), content, lenient);
            if (searches > MAX_SEARCHES) {
                return Optional.of("over " + MAX_SEARCHES + " attachments without a signature");
            }
            if (!fits) {
                return Optional.of(
                        "attachment \"" + Reply.printable(each.getValue(), 100) + "\" is not what its extension says");
            }
        }
        return Optional.empty();
    }

    /** What a part begins with. Its type is found once for all of the part's names: the search goes over the registry. */
    private final class Content {
        final byte[] sample;
        final boolean text;
        private @Nullable FileType type;

        Content(byte[] sample) {
            this.sample = sample;
            this.text = isText(sample);
        }

        FileType type() {
            FileType known = type;
            if (known == null) {
                searches++;
                known = SignatureRegistry.get().ofContent(sample);
                type = known;
            }
            return known;
        }
    }

    /** The last extension in lower case, without the dots and blanks behind it, which some systems drop. */
    private static String extension(String fileName) {
        String name = Text.visible(fileName);
        int end = name.length();
        while (end > 0 && (name.charAt(end - 1) <= ' ' || name.charAt(end - 1) == '.')) {
            end--;
        }
        int dot = name.lastIndexOf('.', end - 1);
        boolean found = dot >= 0 && end - dot - 1 <= MAX_EXTENSION;
        return found ? name.substring(dot + 1, end).toLowerCase(Locale.ROOT) : "";
    }

    private boolean fits(String extension, Content content, boolean lenient) {
        SignatureRegistry registry = SignatureRegistry.get();
        FileType expected = registry.ofExtension(extension);
        if (!expected.text() && !expected.signed()) {
            return true;
        }
        FileType program = registry.ofExtension("exe");
        if (!expected.text() && !related(expected, program) && program.hasSignature(content.sample)) {
            return false; // before a signature that may stand further inside, such as that of PDF
        }
        boolean anythingUnknown = lenient
                || expected.text()
                || AMBIGUOUS.contains(extension)
                || expected.family().stream().anyMatch(INCOMPLETE::contains);
        boolean plainText = content.text && !registry.ofExtension("pdf").hasSignature(content.sample);
        if (anythingUnknown && plainText || expected.hasSignature(content.sample)) {
            return true;
        }
        FileType found = content.type();
        return related(expected, found) || anythingUnknown && isNoKnownBinary(found, content);
    }

    private static boolean isNoKnownBinary(FileType found, Content content) {
        return found.unknown()
                || found.text()
                || content.text && !found.family().contains(PDF);
    }

    private static boolean related(FileType expected, FileType found) {
        for (String each : expected.family()) {
            if (found.family().contains(each)
                    || ALSO.getOrDefault(each, Set.of()).stream().anyMatch(found.family()::contains)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isText(byte[] sample) {
        for (byte octet : sample) {
            if (octet >= 0 && octet < ' ' && octet != '\t' && octet != '\n' && octet != '\r' && octet != '\f') {
                return false;
            }
        }
        return true;
    }
}
