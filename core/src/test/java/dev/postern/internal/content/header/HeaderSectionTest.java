package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.header.HeaderSection.NoField;
import dev.postern.internal.content.header.HeaderSection.Progress;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class HeaderSectionTest {

    private static final int MAX = HeaderSection.MAX_VALUE;

    private static HeaderSection section(NoField noField) {
        return new HeaderSection(1 << 20, 2000, noField, false);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Takes lines that follow each other from position 0 on, in the middle of a buffer, up to one that breaks the section; tells
     * what the last one did.
     */
    private static Progress read(HeaderSection section, String... lines) {
        Progress progress = Progress.MORE;
        int position = 0;
        for (int i = 0; i < lines.length && progress != Progress.BROKEN; i++) {
            byte[] buffer = octets("::" + lines[i] + "::");
            progress = section.line(buffer, 2, 2 + lines[i].length(), true, true, position);
            position += lines[i].length() + 2;
        }
        return progress;
    }

    private static HeaderSection read(String... lines) {
        HeaderSection section = section(NoField.REFUSED);
        assertThat(read(section, lines)).isEqualTo(Progress.ENDED);
        return section;
    }

    @Test
    void theFieldsThatAreAskedForAreCounted() {
        HeaderSection section = read(
                "FROM: a@b.example",
                "\t(c)",
                "Received: 1",
                "received: 2",
                "Date: x",
                "Message-ID: <y>",
                "from: other@b.example",
                "");
        assertThat(section.fromFields()).isEqualTo(2);
        assertThat(section.from()).isEqualTo(octets(" a@b.example\t(c)"));
        assertThat(section.receivedFields()).isEqualTo(2);
        assertThat(section.hasDate()).isTrue();
        assertThat(section.hasMessageId()).isTrue();
        assertThat(section.hasMimeFields()).isFalse();
        assertThat(section.beyondBound()).isEmpty();
        assertThat(section.defect()).isEmpty();
    }

    @Test
    void whatIsNotThereIsNotTold() {
        HeaderSection section = read("");
        assertThat(section.fromFields()).isZero();
        assertThat(section.from()).isEmpty();
        assertThat(section.receivedFields()).isZero();
        assertThat(section.hasDate()).isFalse();
        assertThat(section.hasMessageId()).isFalse();
        assertThat(section.hasMimeFields()).isFalse();
        assertThat(section.bccRanges()).isEmpty();
        assertThat(section.contentTypes()).isEmpty();
        assertThat(section.transferEncodings()).isEmpty();
        assertThat(section.dispositions()).isEmpty();
    }

    @Test
    void theRangesOfBccAreThoseOfItsLines() {
        assertThat(read("Bcc: a", " b", "X: y", "resent-BCC:", "").bccRanges()).containsExactly(0, 12, 18, 31);
        HeaderSection cut = section(NoField.REFUSED);
        assertThat(read(cut, "X: y", "bcc:a")).isEqualTo(Progress.MORE);
        cut.finish(13);
        cut.finish(99);
        assertThat(cut.bccRanges()).containsExactly(6, 13);
    }

    @Test
    void mimeFieldsComeWithTheirFoldsEachValueOnce() {
        HeaderSection section = read(
                "Content-Type: a/b;",
                "  x=y",
                "Content-Transfer-Encoding:7bit",
                "Content-Disposition: \u00e4",
                "content-type: c/d",
                "Content-Type: c/d",
                "Content-Transfer-Encodings: 8bit",
                "");
        assertThat(section.contentTypes()).containsExactly(" a/b;  x=y", " c/d");
        assertThat(section.transferEncodings()).containsExactly("7bit");
        assertThat(section.dispositions()).containsExactly(" \u00e4");
        assertThat(section.hasMimeFields()).isTrue();
        assertThat(section.beyondBound()).isEmpty();
    }

    @Test
    void aValueAtTheBoundPassesAndALongerOneSaysSo() {
        String most = "x".repeat(MAX);
        HeaderSection at = read("Content-Type:" + most, "From:" + most, "");
        assertThat(at.contentTypes()).containsExactly(most);
        assertThat(at.beyondBound()).isEmpty();
        assertThat(at.from()).hasSize(MAX);
        HeaderSection over = read("Content-Type:" + most, " y", "From:" + most + "yz", "");
        assertThat(over.contentTypes()).containsExactly(most);
        assertThat(over.beyondBound()).hasValue("MIME header field over 8192 octets");
        assertThat(over.from()).hasSize(MAX + 1).endsWith(octets("xy"));
        HeaderSection folded = read("From:" + most.substring(5), " second", " third", "");
        assertThat(folded.from()).hasSize(MAX + 1).endsWith(octets("x secon"));
    }

    /** The buffer of one field is the next one's. */
    @Test
    void nothingOfAFieldIsInTheNext() {
        assertThat(read("Content-Type: long/one; x=y", "Content-Disposition: z", "")
                        .dispositions())
                .containsExactly(" z");
    }

    @Test
    void fourValuesOfOneNamePassAndAFifthSaysSo() {
        String[] types = {
            "Content-Type: 1", "Content-Type: 2", "Content-Type: 3", "Content-Type: 4", "Content-Disposition: 5", ""
        };
        assertThat(read(types).beyondBound()).isEmpty();
        types[4] = "Content-Type: 5";
        assertThat(read(types).beyondBound()).hasValue("over 4 MIME header fields of one name");
        assertThat(read(types).contentTypes()).containsExactly(" 1", " 2", " 3", " 4");
    }

    @Test
    void octetsAndFieldsAreBounded() {
        HeaderSection octets = new HeaderSection(12, 2000, NoField.REFUSED, false);
        assertThat(read(octets, "X: y", " abc")).isEqualTo(Progress.MORE);
        assertThat(read(octets, "")).isEqualTo(Progress.ENDED);
        assertThat(read(octets, "z")).isEqualTo(Progress.BROKEN);
        assertThat(octets.defect()).isEqualTo("header over 12 octets");
        HeaderSection fields = new HeaderSection(100, 2, NoField.REFUSED, false);
        assertThat(read(fields, "X: y", " folded", "Y: z", "\tfolded")).isEqualTo(Progress.MORE);
        assertThat(read(fields, "Z:")).isEqualTo(Progress.BROKEN);
        assertThat(fields.defect()).isEqualTo("over 2 header fields");
    }

    /** The CRLF of a line counts once, with its last fragment. */
    @Test
    void aLineInFragmentsIsOneLine() {
        HeaderSection section = new HeaderSection(20, 2000, NoField.REFUSED, false);
        byte[] line = octets("Content-Type: a/bc");
        assertThat(section.line(line, 0, 15, true, false, 0)).isEqualTo(Progress.MORE);
        assertThat(section.line(line, 15, 15, false, false, 0)).isEqualTo(Progress.MORE);
        assertThat(section.line(line, 15, 18, false, true, 0)).isEqualTo(Progress.MORE);
        section.finish(20);
        assertThat(section.contentTypes()).containsExactly(" a/bc");
        assertThat(section.line(line, 15, 16, false, false, 0)).isEqualTo(Progress.BROKEN);
    }

    @ParameterizedTest
    @CsvSource({
        "!:,true",
        "~:,true",
        "a b:,false",
        "'a :',false",
        ":,false",
        "\u007f:,false",
        "\u00e4:,false",
        "a,false",
        "a\u0001:,false"
    })
    void aNameIsOfPrintableAscii(String line, boolean field) {
        HeaderSection section = section(NoField.REFUSED);
        assertThat(read(section, line)).isEqualTo(field ? Progress.MORE : Progress.BROKEN);
    }

    @Test
    void nothingBehindALineIsLookedAt() {
        for (NoField each : NoField.values()) {
            for (String line : new String[] {"ab", "a "}) {
                Progress progress = section(each).line(octets(line), 0, 2, true, true, 0);
                assertThat(progress).as(each.name()).isNotEqualTo(Progress.MORE);
            }
        }
    }

    @Test
    void aNameHas256OctetsAtMost() {
        assertThat(read(section(NoField.REFUSED), "n".repeat(256) + ":")).isEqualTo(Progress.MORE);
        assertThat(read(section(NoField.REFUSED), "n".repeat(257) + ":")).isEqualTo(Progress.BROKEN);
    }

    @Test
    void theDefectQuotesTheBeginningOfTheLine() {
        HeaderSection section = section(NoField.REFUSED);
        assertThat(read(section, "X: y", "no field \u0001 " + "x".repeat(50))).isEqualTo(Progress.BROKEN);
        assertThat(section.defect())
                .isEqualTo("header line 2 is no field (RFC 5322 section 2.2): \"no field ? " + "x".repeat(29) + "\"");
        HeaderSection folded = section(NoField.REFUSED);
        assertThat(read(folded, "\tx: y")).isEqualTo(Progress.BROKEN);
        assertThat(folded.defect()).isEqualTo("header begins with a continuation line");
    }

    /** What a lenient reader passes over ends the field before it all the same. */
    @Test
    void aLineThatIsNoFieldIsPassedOverByTheLenient() {
        HeaderSection section = section(NoField.SKIPPED);
        assertThat(read(section, "Content-Type: a/b", "rubbish")).isEqualTo(Progress.SKIPPED);
        assertThat(section.contentTypes()).containsExactly(" a/b");
        assertThat(read(section, " folded rubbish")).isEqualTo(Progress.SKIPPED);
        assertThat(read(section, "Content-Disposition \t: x", "Content-Transfer-Encoding : y", "a b : c"))
                .isEqualTo(Progress.SKIPPED);
        assertThat(read(section, "Content-Type: c/d", "")).isEqualTo(Progress.ENDED);
        assertThat(section.contentTypes()).containsExactly(" a/b", " c/d");
        assertThat(section.dispositions()).containsExactly(" x");
        assertThat(section.transferEncodings()).containsExactly(" y");
        assertThat(section.defect()).isEmpty();
    }

    @Test
    void aLineThatIsNoFieldEndsTheSection() {
        HeaderSection section = section(NoField.ENDS_SECTION);
        assertThat(read(section, "Content-Type: a/b", "Content-Disposition : x"))
                .isEqualTo(Progress.ENDED);
        assertThat(section.contentTypes()).containsExactly(" a/b");
        assertThat(section.dispositions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"From ", "From a@b.example Mon Jan 1", ">From ", ">From a"})
    void theLineOfAMailboxMayComeFirst(String line) {
        HeaderSection section = new HeaderSection(100, 2000, NoField.REFUSED, true);
        assertThat(read(section, line, "X: y", "")).isEqualTo(Progress.ENDED);
        assertThat(read(new HeaderSection(100, 2000, NoField.REFUSED, true), "X: y", line))
                .isEqualTo(Progress.BROKEN);
        assertThat(read(section(NoField.REFUSED), line)).isEqualTo(Progress.BROKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"From", ">From", ">>From a", "from a", "Fromm a"})
    void nothingElseIsIt(String line) {
        assertThat(read(new HeaderSection(100, 2000, NoField.REFUSED, true), line))
                .isEqualTo(Progress.BROKEN);
    }

    @Test
    void theSectionSoFarIsThatOfItsCompleteFields() {
        HeaderSection section = section(NoField.SKIPPED);
        read(section, "Content-Type: a/b", "Content-Disposition: " + "x".repeat(MAX), "Content-Transfer-Encoding: y");
        HeaderSection soFar = section.soFar();
        assertThat(soFar.contentTypes()).containsExactly(" a/b");
        assertThat(soFar.dispositions()).hasSize(1);
        assertThat(soFar.transferEncodings()).isEmpty();
        assertThat(soFar.beyondBound()).isEqualTo(section.beyondBound()).isPresent();
        read(section, "Content-Type: c/d", "");
        assertThat(soFar.contentTypes()).as("a copy").containsExactly(" a/b");
    }
}
