package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.mime.ContentSample.Program;
import dev.postern.internal.content.mime.ContentSample.Zip;
import dev.postern.internal.content.mime.SignatureRegistry.FileType;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class ContentSampleTest {

    private static final FileType UNKNOWN = new FileType("application/octet-stream", Set.of(), false, List.of());
    private static final FileType TEXT = new FileType("text/plain", Set.of(), true, List.of());
    private static final FileType GZIP = new FileType("application/gzip", Set.of("application/gzip"), false, List.of());

    private static ContentSample sample(String octets, FileType type) {
        return new ContentSample(octets.getBytes(StandardCharsets.ISO_8859_1), () -> type);
    }

    private static ContentSample sample(String octets) {
        return sample(octets, UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "MZ,WINDOWS",
                "M,NONE",
                "mz,NONE",
                "\u007fELF,ELF",
                "\u007fELE,NONE",
                "\u007fEL,NONE",
                "\u00fe\u00ed\u00fa\u00ce,MACH_O",
                "\u00ce\u00fa\u00ed\u00fe,MACH_O",
                "\u00fe\u00ed\u00fa\u00cf,MACH_O",
                "\u00cf\u00fa\u00ed\u00fe,MACH_O",
                "\u00ca\u00fe\u00ba\u00be,MACH_O",
                "\u00ca\u00fe\u00ba\u00bf,NONE",
                "#!/bin/sh,SCRIPT",
                "~#! \t /bin/sh~,SCRIPT",
                "#!/,SCRIPT",
                "#!,NONE",
                "~#! ~,NONE",
                "#! bin/sh,NONE",
                "#/bin/sh,NONE",
                "~~,NONE"
            })
    void programsAreKnownByTheirBeginning(String octets, Program program) {
        assertThat(sample(octets).program()).isEqualTo(program);
    }

    @Test
    void aTextHasNoControlCharactersButThoseOfLines() {
        for (char c = 0; c < 256; c++) {
            boolean text = c >= ' ' || "\t\n\r\f".indexOf(c) >= 0;
            assertThat(sample("a" + c).text).as("%d", (int) c).isEqualTo(text);
        }
        assertThat(sample("").text).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "a,b", "a;b\r\n", "a\tb", "a|b", "a b c,\n"})
    void aTableHasADelimiterInItsFirstLine(String text) {
        assertThat(sample(text).isTable()).isTrue();
        assertThat(sample("\n" + text).isTable()).isFalse();
        assertThat(sample("\r" + text).isTable()).isFalse();
        assertThat(sample(text + "\u0001").isTable()).isFalse();
    }

    @Test
    void whatHasNoDelimiterIsNone() {
        assertThat(sample("a b").isTable()).isFalse();
        assertThat(sample("").isTable()).isFalse();
    }

    /** An entry of a ZIP up to the end of its name, which has so many octets by its header. */
    private static String entry(String name, int length) {
        return "PK\3\4" + "\0".repeat(22) + (char) length + "\0\0\0" + name;
    }

    private static String entry(String name) {
        return entry(name, name.length());
    }

    @ParameterizedTest
    @CsvSource({
        "[Content_Types].xml,OOXML",
        "_rels/.rels,OOXML",
        "word/document.xml,OOXML",
        "\\word\\document.xml,OOXML",
        "/xl/workbook.xml,OOXML",
        "//word/document.xml,ARCHIVE",
        "words,ARCHIVE",
        "mimetype,OPEN_DOCUMENT",
        "META-INF/manifest.xml,OPEN_DOCUMENT",
        "Index/Document.iwa,IWORK",
        "preview.jpg,IWORK",
        "a.exe,ARCHIVE",
        "a/word/document.xml,ARCHIVE"
    })
    void aZipIsWhatItsEntriesAreNamed(String name, Zip zip) {
        assertThat(sample(entry(name)).zip()).isEqualTo(zip);
        assertThat(sample(entry("any.txt") + "content" + entry(name)).zip()).isEqualTo(zip);
        assertThat(sample("x" + entry(name)).zip()).isEqualTo(Zip.NONE);
    }

    @Test
    void aNameEndsWhereItsHeaderSaysOrTheSample() {
        assertThat(sample(entry("word/document.xml", 4)).zip()).isEqualTo(Zip.ARCHIVE);
        assertThat(sample(entry("word/", 200)).zip()).isEqualTo(Zip.OOXML);
        assertThat(sample(entry("any.txt") + entry("word/", 200)).zip()).isEqualTo(Zip.OOXML);
        assertThat(sample(entry("word/" + "x".repeat(195))).zip()).isEqualTo(Zip.OOXML);
        assertThat(sample(entry("", 9)).zip()).isEqualTo(Zip.CUT_OFF);
        assertThat(sample(entry("w", 9)).zip()).isEqualTo(Zip.ARCHIVE);
        assertThat(sample("PK\3\4").zip()).isEqualTo(Zip.CUT_OFF);
        assertThat(sample("PK\3\5" + "\0".repeat(100)).zip()).isEqualTo(Zip.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xK\3\4", "Px\3\4", "PK\1\4", "PK\3\1"})
    void whatOnlyLooksLikeAnEntryIsNone(String signature) {
        String inner = signature + entry("word/document.xml").substring(4);
        assertThat(sample(entry("any.txt") + inner).zip()).isEqualTo(Zip.ARCHIVE);
    }

    @Test
    void archivesAreZipsOfAnythingAndWhatTheRegistrySays() {
        assertThat(sample(entry("a.exe")).isArchive()).isTrue();
        assertThat(sample(entry("word/document.xml"), GZIP).isArchive()).isFalse();
        assertThat(sample("PK\3\4", GZIP).isArchive()).isFalse();
        assertThat(sample("\u001f\u008b", GZIP).isArchive()).isTrue();
        assertThat(sample("text", TEXT).isArchive()).isFalse();
    }

    @Test
    void theDescriptionIsTheMostThatIsKnown() {
        assertThat(sample("MZ").description()).isEqualTo("a Windows program");
        assertThat(sample(entry("a.exe")).description()).isEqualTo("a ZIP archive");
        assertThat(sample("text", TEXT).description()).isEqualTo("text");
        assertThat(sample("text", UNKNOWN).description()).isEqualTo("text");
        assertThat(sample("\1", TEXT).description()).isEqualTo("text/plain");
        assertThat(sample("\1", UNKNOWN).description()).isEqualTo("of no known format");
        assertThat(sample("text", GZIP).description()).isEqualTo("application/gzip");
        assertThat(sample(entry("word/document.xml"), GZIP).description()).isEqualTo("application/gzip");
    }

    @Test
    void theRegistryIsSearchedOnce() {
        AtomicInteger searches = new AtomicInteger();
        ContentSample sample = new ContentSample(new byte[1], () -> {
            searches.incrementAndGet();
            return GZIP;
        });
        assertThat(sample.type()).isEqualTo(GZIP);
        assertThat(sample.type()).isEqualTo(GZIP);
        assertThat(searches).hasValue(1);
    }
}
