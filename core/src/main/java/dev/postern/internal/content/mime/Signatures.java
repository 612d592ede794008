package dev.postern.internal.content.mime;

import dev.postern.internal.content.header.Text;
import dev.postern.internal.content.mime.ContentSample.Program;
import dev.postern.internal.content.mime.ContentSample.Zip;
import dev.postern.internal.content.mime.SignatureRegistry.FileType;
import dev.postern.internal.octets.Octets;
import dev.postern.spi.Reply;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Compares what a file name's extension stands for with what the content begins with, by the registry of Apache Tika.
 *
 * <ul>
 *   <li>An extension that the registry does not know, or whose type has no signature, passes; so does an empty file, and
 *       the AppleDouble header that goes with one.
 *   <li>A type passes with its own signature, or that of a type above or beside it: every ZIP for every format that is
 *       a ZIP, every OLE2 file for every format that is one, and formats of one family, as programs treat them, unless the families are off.
 *   <li>A text passes unless it is a known binary; signatures of two letters do not make one of it.
 *   <li>A program or an archive never passes as a document, a picture, a sound or a text.
 * </ul>
 *
 * <p>One object for each message, for one thread.
 */
final class Signatures {

    /** How much of a mismatch counts. */
    enum Mode {
        /** The content has to be what the name says. */
        FULL,
        /** It must not be a known binary of another kind: where little was seen, or a reading is far-fetched. */
        KNOWN_BINARIES,
        /** It must not be a program or an archive under another kind's name: where hardly a reader sees such a name. */
        PROGRAMS
    }

    private static final String PDF = "application/pdf"; // the one binary that can do without any control character
    private static final String OLE2 = "application/x-tika-msoffice";
    private static final String OOXML = "application/x-tika-ooxml";
    private static final String ISO_MEDIA = "application/quicktime";

    /** Types whose signatures in the registry do not cover all honest files; only a foreign signature counts. */
    private static final Set<String> INCOMPLETE = Set.of(
            "application/pgp-encrypted",
            "application/pkcs7-signature",
            "application/x-stata-dta",
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

    /** Formats that another one's container or older form is, by a type that their files descend from. */
    private static final Map<String, Set<String>> ALSO = Map.ofEntries(
            Map.entry(OOXML, Set.of(OLE2)), // encrypted
            Map.entry("application/illustrator", Set.of("application/postscript")),
            Map.entry("application/coreldraw", Set.of("application/zip")),
            Map.entry(
                    "application/vnd.ms-package.3dmanufacturing-3dmodel+xml",
                    Set.of("application/zip")), // XML to the registry
            Map.entry("application/x-x509-cert", Set.of("application/x-x509-key")), // to both, .der is a name
            Map.entry("application/x-font-otf", Set.of("application/x-font-ttf")),
            Map.entry("image/svg+xml", Set.of("application/gzip")),
            Map.entry("video/3gpp", Set.of(ISO_MEDIA)),
            Map.entry("video/3gpp2", Set.of(ISO_MEDIA)),
            Map.entry("image/avif", Set.of(ISO_MEDIA)),
            Map.entry("application/x-gnumeric", Set.of("application/gzip")),
            Map.entry("application/x-netcdf", Set.of("application/x-hdf")), // of version 4
            Map.entry("text/x-vhdl", Set.of("application/x-vhd"))); // to both, .vhd is a name

    /** Families: what programs write and open under another format's extension. */
    private static final Map<String, Set<String>> FAMILIES = Map.of(
            "application/msword",
                    Set.of("application/rtf", "application/xml", "text/html", "message/rfc822", "multipart/related"),
            "application/vnd.ms-excel",
                    Set.of(
                            "application/xml",
                            "text/html",
                            "message/rfc822",
                            "multipart/related",
                            // before OLE2 there was the stream alone, and some programs still write it
                            "application/vnd.ms-excel.sheet.2",
                            "application/vnd.ms-excel.sheet.3",
                            "application/vnd.ms-excel.sheet.4"));

    /** Office's older formats, under whose names it opens its newer ones. */
    private static final Set<String> OLDER_OFFICE =
            Set.of("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint");

    /** Beginnings of the types of programs. */
    private static final Set<String> PROGRAMS =
            Set.of("application/x-msdownload", "application/x-elf", "application/x-mach-o", "application/java-vm");

    /** Texts that are no program's source: a script is none of them. */
    private static final Set<String> PROSE = Set.of(
            "application/json",
            "application/rtf",
            "application/xhtml+xml",
            "application/xml",
            "message/rfc822",
            "text/calendar",
            "text/csv",
            "text/html",
            "text/tsv",
            "text/tab-separated-values",
            "text/vcard",
            "text/x-log",
            "text/x-vcard",
            "text/x-web-markdown");

    /** The part of a file that Macintoshes send beside it under the same name (RFC 1740); Tika does not know it. */
    private static final byte[] APPLE_DOUBLE = {0x00, 0x05, 0x16, 0x07};

    /** What Mozilla's programs, or Nodemailer's, leave out of a name. */
    private static final Pattern DROPPED = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Co}]+");

    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}]+");

    private static final int MAX_EXTENSION = 16;

    /**
     * How often the whole registry is searched for one message, a tenth of a millisecond each: for what is no text, has not the
     * signature of its extension, and still may pass. Honest mail has hardly any.
     */
    static final int MAX_SEARCHES = 100;

    private final boolean families;
    private int searches;

    /** Begins a message; without families, a format passes under its own name alone. */
    Signatures(boolean families) {
        this.families = families;
    }

    /** Tells whether a name has an extension at all. */
    static boolean mayKnow(Collection<String> names) {
        for (String each : names) {
            if (!extension(each).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** How often the whole registry was searched. */
    int searches() {
        return searches;
    }

    /** What is wrong, printable, with the name that is. */
    Optional<Mismatch> mismatch(Collection<String> names, byte[] octets, Mode mode) {
        if (names.isEmpty() || isNothing(octets)) {
            return Optional.empty();
        }
        ContentSample sample = sample(octets);
        Map<String, String> byExtension = new LinkedHashMap<>(); // most parts have their name twice
        names.forEach(name -> byExtension.putIfAbsent(extension(name), name));
        byExtension.remove("");
        for (Map.Entry<String, String> each : byExtension.entrySet()) {
            String extension = each.getKey();
            String squeezed = extension.chars().noneMatch(c -> isBlank((char) c))
                    ? extension
                    : BLANKS.matcher(extension).replaceAll("");
            // Mozilla's programs drop blanks in it; honest names have them behind a dot that begins no extension
            boolean fits = fits(extension, sample, mode)
                    && (squeezed.equals(extension) || fits(squeezed, sample, Mode.PROGRAMS));
            if (searches > MAX_SEARCHES) {
                return Optional.of(
                        new Mismatch(each.getValue(), "over " + MAX_SEARCHES + " attachments without a signature"));
            }
            if (!fits) {
                String claim = Reply.printable(each.getKey().toUpperCase(Locale.ROOT), MAX_EXTENSION);
                return Optional.of(
                        new Mismatch(each.getValue(), "name says " + claim + ", content is " + sample.description()));
            }
        }
        return Optional.empty();
    }

    /** What is wrong with content whose name is not known: it is a program or an archive. */
    Optional<String> unnamed(byte[] octets) {
        if (isNothing(octets)) {
            return Optional.empty();
        }
        ContentSample sample = sample(octets);
        boolean refused = isProgram(sample) || sample.isArchive();
        return refused ? Optional.of("content is " + sample.description()) : Optional.empty();
    }

    /** What is wrong with content that may have another name than those that were found: it is a program. */
    Optional<String> program(byte[] octets) {
        ContentSample sample = sample(octets);
        return isProgram(sample) ? Optional.of("content is " + sample.description()) : Optional.empty();
    }

    private static boolean isProgram(ContentSample sample) {
        return sample.program() != Program.NONE && !(sample.program() == Program.WINDOWS && sample.text);
    }

    /** A name that content belies. */
    record Mismatch(String name, String what) {}

    private ContentSample sample(byte[] octets) {
        return new ContentSample(octets, () -> {
            searches++;
            return SignatureRegistry.get().ofContent(octets);
        });
    }

    private static boolean isNothing(byte[] octets) {
        return octets.length == 0 || Octets.startsWith(octets, 0, octets.length, APPLE_DOUBLE);
    }

    /**
     * The last extension in lower case, without what programs drop that save a file: controls, line ends and what is private
     * anywhere in it, and dots, blanks and quotes behind it.
     */
    private static String extension(String fileName) {
        String visible = Text.visible(fileName);
        boolean plain = visible.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        String name = plain ? visible : DROPPED.matcher(visible).replaceAll("");
        int end = name.length();
        while (end > 0 && (isBlank(name.charAt(end - 1)) || ".\"'>".indexOf(name.charAt(end - 1)) >= 0)) {
            end--;
        }
        int dot = name.lastIndexOf('.', end - 1);
        boolean found = dot >= 0 && end - dot - 1 <= MAX_EXTENSION;
        return found ? name.substring(dot + 1, end).toLowerCase(Locale.ROOT) : "";
    }

    private static boolean isBlank(char c) {
        return c <= ' ' || Character.isSpaceChar(c);
    }

    private boolean fits(String extension, ContentSample sample, Mode mode) {
        SignatureRegistry registry = SignatureRegistry.get();
        FileType expected = registry.ofExtension(extension);
        if (!expected.text() && !expected.signed()) {
            return true;
        }
        if (isProgramInDisguise(expected, sample)) {
            return false; // before a signature that may stand further inside, such as that of PDF
        }
        if (mode == Mode.PROGRAMS && !sample.isArchive()) {
            return true;
        }
        Zip zip = sample.zip();
        if (zip != Zip.NONE && expected.isDocument()) {
            return isDocument(expected, zip);
        }
        boolean anythingUnknown = mode != Mode.FULL
                || expected.text()
                || AMBIGUOUS.contains(extension)
                || expected.family().stream().anyMatch(INCOMPLETE::contains);
        boolean plainText = sample.text && !registry.ofExtension("pdf").hasSignature(sample.octets);
        if (anythingUnknown && plainText || expected.hasSignature(sample.octets)) {
            return true;
        }
        if (families && isTextOf(expected, sample.narrow())) {
            return true;
        }
        FileType found = sample.type();
        return related(expected, found) || anythingUnknown && isNoKnownBinary(found, sample);
    }

    private static boolean isProgramInDisguise(FileType expected, ContentSample sample) {
        Program program = sample.program();
        if (program == Program.NONE) {
            return false;
        }
        if (program == Program.SCRIPT) {
            boolean prose =
                    expected.family().isEmpty() || expected.family().stream().anyMatch(PROSE::contains);
            return !expected.text() || prose;
        }
        if (program == Program.WINDOWS && sample.text && expected.text()) {
            return false; // two letters do not make a program of a text
        }
        return expected.family().stream().noneMatch(type -> PROGRAMS.stream().anyMatch(type::startsWith));
    }

    /**
     * Of formats that are ZIPs, any ZIP passes, for names of entries prove little; without families, it has to have theirs. Of
     * others, what Office opens under their name.
     */
    private boolean isDocument(FileType expected, Zip zip) {
        boolean isZip = expected.family().contains("application/zip");
        if (isZip && (families || zip == Zip.CUT_OFF)) {
            return true;
        }
        if (expected.family().contains(OOXML)) {
            return zip == Zip.OOXML;
        }
        if (isZip) {
            return zip == (expected.isIwork() ? Zip.IWORK : Zip.OPEN_DOCUMENT);
        }
        return families && zip == Zip.OOXML && expected.family().stream().anyMatch(OLDER_OFFICE::contains);
    }

    /** CSV that is called a sheet, HTML that is called a document, a message that is called Outlook's. */
    private static boolean isTextOf(FileType expected, ContentSample sample) {
        Set<String> family = expected.family();
        return sample.text
                && !SignatureRegistry.get().ofExtension("pdf").hasSignature(sample.octets)
                && (family.contains("application/vnd.ms-excel") && (sample.isTable() || sample.isMarkup())
                        || family.contains("application/msword") && sample.isMarkup()
                        || family.contains("application/vnd.ms-outlook"));
    }

    private static boolean isNoKnownBinary(FileType found, ContentSample sample) {
        return found.unknown() || found.text() || sample.text && !found.family().contains(PDF);
    }

    private boolean related(FileType expected, FileType found) {
        boolean alike = expected.isPicture() && found.isPicture() || expected.isMedia() && found.isMedia();
        if (families && alike) {
            return true;
        }
        for (String each : expected.family()) {
            if (found.family().contains(each)
                    || ALSO.getOrDefault(each, Set.of()).stream().anyMatch(found.family()::contains)
                    || families
                            && FAMILIES.getOrDefault(each, Set.of()).stream().anyMatch(found.family()::contains)) {
                return true;
            }
        }
        return false;
    }
}
