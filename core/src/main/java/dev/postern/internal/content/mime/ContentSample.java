package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.SignatureRegistry.FileType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the beginning of a file shows: text, a program, what sort of a ZIP. Its type is found at most once. */
final class ContentSample {

    /** Programs by what their first octets say; the names are for the log. */
    enum Program {
        NONE(""),
        WINDOWS("a Windows program"),
        ELF("an ELF program"),
        MACH_O("a Mach-O program"),
        SCRIPT("a script");

        final String description;

        Program(String description) {
            this.description = description;
        }
    }

    /** What a ZIP holds, by the names of its first entries. */
    enum Zip {
        NONE,
        OOXML,
        OPEN_DOCUMENT,
        IWORK,
        /** Too little to tell. */
        CUT_OFF,
        ARCHIVE
    }

    /** Beginnings of the names of parts of OOXML and XPS packages (ECMA-376 part 2), in lower case. */
    private static final List<String> OOXML_PARTS =
            List.of("[content_types].xml _rels/ docprops/ word/ xl/ ppt/ visio/ customxml/ theme/ documents/ fixeddoc"
                    .split(" ", -1));

    /** Of OpenDocument, EPUB and their kin, which begin with their type or a manifest. */
    private static final List<String> OPEN_DOCUMENT_PARTS =
            List.of("mimetype meta-inf/ content.xml meta.xml styles.xml settings.xml oebps/ ops/".split(" ", -1));

    /** Of Pages, Numbers and Keynote. */
    private static final List<String> IWORK_PARTS =
            List.of("index/ index. data/ metadata/ preview quicklook/ buildversionhistory.plist presentation.apxl"
                    .split(" ", -1));

    private static final Set<String> ARCHIVES = Set.of(
            "application/zip",
            "application/gzip",
            "application/x-bzip2",
            "application/x-xz",
            "application/x-7z-compressed",
            "application/x-rar-compressed",
            "application/x-tar",
            "application/x-archive",
            "application/x-arj",
            "application/x-lha",
            "application/zstd",
            "application/vnd.ms-cab-compressed");

    private static final int LOCAL_HEADER = 30; // octets before the name of an entry (APPNOTE.TXT section 4.3.7)

    final byte[] octets;
    final boolean text;
    private final Supplier<FileType> search;
    private @Nullable FileType type;

    /** Finds its type by {@code search}, in the whole registry. */
    ContentSample(byte[] octets, Supplier<FileType> search) {
        this.octets = octets;
        this.search = search;
        text = isText(octets);
    }

    FileType type() {
        FileType known = type;
        if (known == null) {
            known = search.get();
            type = known;
        }
        return known;
    }

    Program program() {
        if (begins('#', '!') && isInterpreter()) {
            return Program.SCRIPT;
        }
        if (begins('M', 'Z')) {
            return Program.WINDOWS;
        }
        if (begins(0x7f, 'E', 'L', 'F')) {
            return Program.ELF;
        }
        boolean machO = begins(0xfe, 0xed, 0xfa, 0xce)
                || begins(0xce, 0xfa, 0xed, 0xfe)
                || begins(0xfe, 0xed, 0xfa, 0xcf)
                || begins(0xcf, 0xfa, 0xed, 0xfe)
                || begins(0xca, 0xfe, 0xba, 0xbe); // for several processors; Java's classes begin like it
        return machO ? Program.MACH_O : Program.NONE;
    }

    boolean isArchive() {
        return zip() == Zip.ARCHIVE
                || zip() == Zip.NONE && type().family().stream().anyMatch(ARCHIVES::contains);
    }

    Zip zip() {
        if (!begins('P', 'K', 3, 4)) {
            return Zip.NONE;
        }
        if (octets.length <= LOCAL_HEADER) {
            return Zip.CUT_OFF;
        }
        for (int i = 0; i + LOCAL_HEADER <= octets.length; i++) {
            if (octets[i] == 'P' && octets[i + 1] == 'K' && octets[i + 2] == 3 && octets[i + 3] == 4) {
                int length = Math.min(octets[i + 26] & 0xff, octets.length - i - LOCAL_HEADER);
                String name = new String(octets, i + LOCAL_HEADER, length, StandardCharsets.ISO_8859_1)
                        .replace('\\', '/')
                        .toLowerCase(Locale.ROOT);
                Zip found = zip(name.startsWith("/") ? name.substring(1) : name);
                if (found != Zip.ARCHIVE) {
                    return found;
                }
            }
        }
        return Zip.ARCHIVE;
    }

    private static Zip zip(String name) {
        if (OOXML_PARTS.stream().anyMatch(name::startsWith)) {
            return Zip.OOXML;
        }
        if (OPEN_DOCUMENT_PARTS.stream().anyMatch(name::startsWith)) {
            return Zip.OPEN_DOCUMENT;
        }
        return IWORK_PARTS.stream().anyMatch(name::startsWith) ? Zip.IWORK : Zip.ARCHIVE;
    }

    /** Tells whether it is a text of columns: its first line has a delimiter. */
    boolean isTable() {
        for (byte octet : octets) {
            if (octet == ',' || octet == ';' || octet == '\t' || octet == '|') {
                return text;
            }
            if (octet == '\n' || octet == '\r') {
                return false;
            }
        }
        return false;
    }

    /** Tells whether it is HTML or XML, also a piece of it, as scripts write it for a spreadsheet to open. */
    boolean isMarkup() {
        int i = octets.length > 2 && octets[0] == (byte) 0xef ? 3 : 0; // behind UTF-8's byte order mark
        while (i < octets.length && octets[i] >= 0 && octets[i] <= ' ') {
            i++;
        }
        return i < octets.length && octets[i] == '<';
    }

    /** The same in UTF-8, where a byte order mark says that it is UTF-16. */
    ContentSample narrow() {
        boolean wide = begins(0xff, 0xfe) || begins(0xfe, 0xff);
        return wide
                ? new ContentSample(
                        new String(octets, StandardCharsets.UTF_16).getBytes(StandardCharsets.UTF_8), search)
                : this;
    }

    /** What it is, for the log. */
    String description() {
        Program program = program();
        if (program != Program.NONE) {
            return program.description;
        }
        if (zip() == Zip.ARCHIVE) {
            return "a ZIP archive";
        }
        FileType found = type();
        if (text && (found.unknown() || found.text())) {
            return "text";
        }
        return found.unknown() ? "of no known format" : found.name();
    }

    /** Behind #! stands the path of a program. */
    private boolean isInterpreter() {
        int i = 2;
        while (i < octets.length && (octets[i] == ' ' || octets[i] == '\t')) {
            i++;
        }
        return i < octets.length && octets[i] == '/';
    }

    private boolean begins(int... signature) {
        if (octets.length < signature.length) {
            return false;
        }
        for (int i = 0; i < signature.length; i++) {
            if ((octets[i] & 0xff) != signature[i]) {
                return false;
            }
        }
        return true;
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
