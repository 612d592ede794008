package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.mime.Signatures.Mode;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What names and signatures are compared to by themselves; that attachments are is a matter of AttachmentTest. */
@OnAnyJdk
class SignaturesTest {

    private static final String PROGRAM = "MZ\u0090\0";
    private static final String PNG = "\u0089PNG\r\n\u001a\n\0";
    private static final String ZIP = zip("a.exe");
    private static final String DOCX = zip("word/document.xml");
    private static final String ODT = zip("mimetype");
    private static final String PAGES = zip("Index/Document.iwa");
    private static final String RANDOM = "\1\2\3\4\5\6\7";

    private static String zip(String entry) {
        return "PK\3\4" + "\0".repeat(22) + (char) entry.length() + "\0\0\0" + entry;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean fits(String name, String content, Mode mode) {
        return new Signatures(true)
                .mismatch(List.of(name), octets(content), mode)
                .isEmpty();
    }

    @Test
    void blanksInAnExtensionHideNoProgramAndBelieNothingElse() {
        assertThat(fits("a.p df", PROGRAM, Mode.FULL)).isFalse();
        assertThat(fits("a.p\u3000df", ZIP, Mode.FULL)).isFalse();
        assertThat(fits("To Mr. T", PNG, Mode.FULL)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<table border=1><tr>",
                "\r\n <style>td{}</style><table>",
                "<meta http-equiv=\"Content-Type\" content=\"text/html\">",
                "\u00ef\u00bb\u00bf<tr>",
                "\u00ff\u00fe<\0t\0d\0>\0",
                "\u00fe\u00ff\0<\0t\0d\0>"
            })
    void markupIsASheetAndADocumentToOffice(String content) {
        assertThat(fits("a.xls", content, Mode.FULL)).isTrue();
        assertThat(fits("a.doc", content, Mode.FULL)).isTrue();
        assertThat(fits("a.ppt", content, Mode.FULL)).isFalse();
        assertThat(new Signatures(false).mismatch(List.of("a.xls"), octets(content), Mode.FULL))
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a.xls;'\u00ff\u00fea\0\t\0b\0'", // as Excel saves "Unicode text"
                "a.xls;'\t\4\6\0\0\0\u0010\0\0\0\0\0'", // a stream without its container
                "a.3mf;''",
                "a.der;'0\u0081\u00a4\2\1\1\4\u0030'",
                "a.otf;'\0\1\0\0\0\14\0\u0080\0\3\0\u0040\0'"
            })
    void whatProgramsWriteUnderANamePasses(String name, String content) {
        String octets = name.endsWith("3mf") ? zip("3D/3dmodel.model") : content;
        assertThat(fits(name, octets, Mode.FULL)).as(name).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.pdf",
                ".pdf",
                "a.PDF",
                "a.pdf.",
                "a.pdf \t",
                "a.pdf\"'>. .",
                "a.b.pdf",
                "a.p\u200bdf",
                "a.p\u0001df",
                "a.pdf\u007f",
                "a.p\u0085df",
                "a.p\u2028df",
                "a.pdf\ue000",
                "a.pdf\u1680",
                "a\uff0e\uff50df"
            })
    void theExtensionIsTheLastWithoutWhatSystemsDrop(String name) {
        assertThat(Signatures.mayKnow(List.of("README", name))).isTrue();
        assertThat(new Signatures(true).mismatch(List.of("README", name), octets("text"), Mode.FULL))
                .hasValueSatisfying(mismatch -> {
                    assertThat(mismatch.name()).isEqualTo(name);
                    assertThat(mismatch.what()).isEqualTo("name says PDF, content is text");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "README", ".", "...", " ", "a.", "a. .", "a.xxxxxxxxxxxxxxxxx"})
    void someNamesHaveNone(String name) {
        assertThat(Signatures.mayKnow(List.of(name))).isFalse();
        assertThat(fits(name, PROGRAM, Mode.FULL)).isTrue();
    }

    @Test
    void anExtensionHas16CharactersAtMost() {
        assertThat(Signatures.mayKnow(List.of("a." + "x".repeat(16)))).isTrue();
        assertThat(Signatures.mayKnow(List.of())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"FULL,true,true,true,true", "KNOWN_BINARIES,true,false,false,true", "PROGRAMS,false,false,false,false"})
    void aModeSaysHowMuchOfAMismatchCounts(
            Mode mode, boolean picture, boolean text, boolean unknown, boolean plainPdf) {
        assertThat(fits("a.pdf", PNG, mode)).isNotEqualTo(picture);
        assertThat(fits("a.pdf", "text", mode)).isNotEqualTo(text);
        assertThat(fits("a.pdf", RANDOM, mode)).isNotEqualTo(unknown);
        assertThat(fits("a.png", "%PDF-1.4\n", mode)).isNotEqualTo(plainPdf);
        assertThat(fits("a.pdf", PROGRAM, mode)).isFalse();
        assertThat(fits("a.pdf", ZIP, mode)).isFalse();
        assertThat(fits("a.zip", ZIP, mode)).isTrue();
        assertThat(fits("a.exe", PROGRAM, mode)).isTrue();
        assertThat(fits("a.pdf", "%PDF-1.4\n", mode)).isTrue();
    }

    /** Without families, the formats that are ZIPs are told apart; a ZIP itself may hold anything. */
    @Test
    void aZipIsOfTheFormatThatItsEntriesSay() {
        for (String name : List.of("a.docx", "a.odt", "a.epub", "a.sxw", "a.pages", "a.key", "a.zip", "a.jar")) {
            String own = switch (name) {
                case "a.docx" -> DOCX;
                case "a.odt", "a.epub", "a.sxw" -> ODT;
                case "a.pages", "a.key" -> PAGES;
                default -> "";
            };
            for (String content : List.of(DOCX, ODT, PAGES, ZIP)) {
                boolean exact = own.isEmpty() || content.equals(own);
                assertThat(new Signatures(false)
                                .mismatch(List.of(name), octets(content), Mode.FULL)
                                .isEmpty())
                        .as(name + " " + content)
                        .isEqualTo(exact);
                assertThat(fits(name, content, Mode.FULL))
                        .as(name + " " + content)
                        .isTrue();
            }
            assertThat(new Signatures(false).mismatch(List.of(name), octets("PK\3\4"), Mode.FULL))
                    .as(name + " cut off")
                    .isEmpty();
        }
        assertThat(fits("a.doc", DOCX, Mode.FULL)).isTrue();
        assertThat(fits("a.doc", ODT, Mode.FULL)).isFalse();
        assertThat(new Signatures(false).mismatch(List.of("a.doc"), octets(DOCX), Mode.FULL))
                .isPresent();
    }

    @Test
    void nothingBeliesNoName() {
        for (Mode mode : Mode.values()) {
            assertThat(fits("a.pdf", "", mode)).isTrue();
            assertThat(fits("a.pdf", "\0\5\26\7", mode)).isTrue();
            assertThat(fits("a.pdf", "\0\5\26\7more", mode)).isTrue();
        }
        assertThat(fits("a.pdf", "\0\5\26", Mode.FULL)).isFalse();
        assertThat(fits("a.pdf", "\0\5\26\6", Mode.FULL)).isFalse();
    }

    @Test
    void whatHasNoNameIsNoProgramAndNoArchive() {
        Signatures signatures = new Signatures(true);
        assertThat(signatures.unnamed(octets(PROGRAM))).hasValue("content is a Windows program");
        assertThat(signatures.unnamed(octets(ZIP))).hasValue("content is a ZIP archive");
        assertThat(signatures.program(octets(PROGRAM))).hasValue("content is a Windows program");
        assertThat(signatures.program(octets("#!/bin/sh\n"))).hasValue("content is a script");
        assertThat(signatures.program(octets(ZIP))).isEmpty();
        for (String harmless : List.of("", "text", "MZ is a text", "%PDF-1.4\n", PNG, RANDOM, "\0\5\26\7")) {
            assertThat(signatures.unnamed(octets(harmless))).as(harmless).isEmpty();
            assertThat(signatures.program(octets(harmless))).as(harmless).isEmpty();
        }
    }

    @Test
    void theRegistryIsSearchedAHundredTimesAtMost() {
        Signatures signatures = new Signatures(true);
        for (int i = 1; i <= Signatures.MAX_SEARCHES; i++) {
            assertThat(signatures.mismatch(List.of("a.mp3"), octets(RANDOM), Mode.FULL))
                    .isEmpty();
            assertThat(signatures.searches()).isEqualTo(i);
        }
        assertThat(signatures.mismatch(List.of("a.mp3"), octets(RANDOM), Mode.FULL))
                .hasValueSatisfying(
                        mismatch -> assertThat(mismatch.what()).isEqualTo("over 100 attachments without a signature"));
    }
}
