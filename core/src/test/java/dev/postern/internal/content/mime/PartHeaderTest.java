package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.content.header.HeaderSection.NoField;
import dev.postern.internal.content.mime.PartHeader.Decoding;
import dev.postern.internal.content.mime.PartHeader.Kind;
import dev.postern.internal.content.mime.Signatures.Mode;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class PartHeaderTest {

    private static PartHeader part(String... fields) {
        return part(false, fields);
    }

    private static PartHeader part(boolean inDigest, String... fields) {
        HeaderSection section = new HeaderSection(1 << 20, 2000, NoField.REFUSED, false);
        for (String each : fields) {
            byte[] line = each.getBytes(StandardCharsets.UTF_8);
            section.line(line, 0, line.length, true, true, 0);
        }
        section.finish(0);
        return new PartHeader(section, inDigest);
    }

    private static PartHeader named(String name) {
        return part("Content-Disposition: attachment; filename=" + name);
    }

    @Test
    void aNameIsOneNameUnlessSomeShowItAsAnother() {
        assertThat(named("\"a\tb c.pdf\"").fileNames()).containsExactly("a\tb c.pdf");
        assertThat(named("\"a.pdf\u0001.exe\"").fileNames()).containsExactly("a.pdf\u0001.exe", "a.pdf");
        assertThat(named("\"a\u202efdp.b\"").fileNames()).containsExactly("a\u202efdp.b", "ab.pdf");
        assertThat(named("\"\u202efdp.a\"").fileNames()).containsExactly("\u202efdp.a", "a.pdf");
        assertThat(named("\"a.\u202efdp\u202c\"").fileNames()).containsExactly("a.\u202efdp\u202c", "a.pdf\u202c");
        assertThat(named("\"\u202ca\u202efdp.b\"").fileNames()).containsExactly("\u202ca\u202efdp.b", "\u202cab.pdf");
    }

    @Test
    void namesThatHardlyAReaderTakesAreApart() {
        PartHeader part = named("a.; filename=pdf");
        assertThat(part.fileNames()).containsExactlyInAnyOrder("a.", "pdf");
        assertThat(part.unlikelyNames()).containsExactly("a.pdf");
        assertThat(part.hasUnknownCharset()).isFalse();
        assertThat(named("\"=?x-nobody?q?a?=\"").hasUnknownCharset()).isTrue();
    }

    /** A word that says what the body is may stand in a comment, or with what some pass over between its letters. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "text/plain (multipart/mixed);true",
                "text/plain (MULTIPART/mixed);true",
                "text/plain, MultiPart/mixed;true",
                "x(m\"u\\\\l t\tipart);true",
                "text/plain (multi multipart);true",
                "text/plain (multi-part);false",
                "text/plain (multi!part);false",
                "text/plain (multipar);false",
                "text/plain ([ultipart);false",
                "multipart/mixed;false"
            })
    void whatSomeTakeForAMultipartMayBeOne(String type, boolean maybe) {
        assertThat(part("Content-Type: " + type).mayBeMultipart()).isEqualTo(maybe);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "text/plain (message/rfc822);true",
                "text/plain (MESSAGE/rfc822);true",
                "text/plain (message);false",
                "text/plain;false",
                "message/rfc822;false",
                "multipart/x (message/rfc822);false"
            })
    void whatSomeTakeForAMessageMayBeOne(String type, boolean maybe) {
        assertThat(part("Content-Type: " + type).mayBeMessage()).isEqualTo(maybe);
    }

    /** RFC 2045 section 5.2: a type that is none is as if there were none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "text;true",
                "'';true",
                "multipart mixed;true",
                "a/b/c;true",
                "text/plain;false",
                "Application/VND.x-y+z_1;false",
                "text / plain (x);false"
            })
    void aTypeThatIsNoneMakesAMessageOfAPartOfADigest(String type, boolean message) {
        assertThat(part(true, "Content-Type: " + type).mayBeMessage()).isEqualTo(message);
        assertThat(part(true, "Content-Type: x/y", "Content-Type: " + type).mayBeMessage())
                .isEqualTo(message);
        assertThat(part("Content-Type: " + type).mayBeMessage()).isFalse();
        PartHeader multipart = part(true, "Content-Type: multipart/x; boundary=b", "Content-Type: " + type);
        assertThat(multipart.mayBeMessage()).isFalse();
        assertThat(multipart.isMessageToo()).isEqualTo(message);
    }

    @Test
    void theTypeIsThatOfTheFirstFieldAndTheKindHasMostInIt() {
        assertThat(part().type()).isEqualTo("text/plain");
        assertThat(part(true).type()).isEqualTo("message/rfc822");
        assertThat(part(true).kind()).isEqualTo(Kind.MESSAGE);
        assertThat(part("Content-Type: multipart").kind()).isEqualTo(Kind.MULTIPART);
        PartHeader both = part("Content-Type: message/rfc822", "Content-Type: multipart/x; boundary=b");
        assertThat(both.type()).isEqualTo("message/rfc822");
        assertThat(both.kind()).isEqualTo(Kind.MULTIPART);
        assertThat(both.isMessageToo()).isTrue();
        assertThat(part("Content-Type: multipart/x; boundary=b", "Content-Type: text/plain")
                        .isMessageToo())
                .isFalse();
        assertThat(part("Content-Type: message/rfc822").isMessageToo()).isFalse();
        assertThat(part("Content-Type:  Text/Plain (x) ").found()).isEqualTo("Text/Plain (x)");
        assertThat(part().found()).isEqualTo("none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"multipart/x; boundary=\"a\"", "multipart/y; boundary=a", "multipart/x; boundary=a "})
    void twoFieldsWithOneBoundaryDoNotDisagree(String second) {
        PartHeader part = part("Content-Type: multipart/x; boundary=a", "Content-Type: " + second);
        assertThat(part.conflict()).isEmpty();
        assertThat(part.boundaries()).containsExactly("a");
    }

    @Test
    void twoFieldsThatMakeTwoBodiesDo() {
        String types = "two Content-Type fields that differ";
        assertThat(part("Content-Type: multipart/x; boundary=a", "Content-Type: multipart/x; boundary=b")
                        .conflict())
                .hasValue(types);
        assertThat(part("Content-Type: text/plain", "Content-Type: message/rfc822")
                        .conflict())
                .hasValue(types);
        assertThat(part("Content-Type: text/plain", "Content-Type: text/html").conflict())
                .isEmpty();
        assertThat(part("Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64")
                        .conflict())
                .hasValue("two Content-Transfer-Encoding fields that differ");
        assertThat(part("Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: 8bit")
                        .conflict())
                .isEmpty();
    }

    private static PartHeader encoded(String encoding) {
        return part("Content-Transfer-Encoding: " + encoding);
    }

    private static Decoding full(Encoding encoding, boolean standard) {
        return new Decoding(encoding, Mode.FULL, standard);
    }

    private static Decoding also(Encoding encoding) {
        return new Decoding(encoding, Mode.KNOWN_BINARIES, false);
    }

    /** The standard's reading comes first; others only where some reader can err. */
    @Test
    void aBodyIsDecodedInEachWayThatAReaderMay() {
        assertThat(part().decodings()).containsExactly(full(Encoding.IDENTITY, true));
        assertThat(encoded(" 7Bit ").decodings()).containsExactly(full(Encoding.IDENTITY, true));
        assertThat(encoded("base64").decodings()).containsExactly(full(Encoding.BASE64, true));
        assertThat(encoded("base64 (x)").decodings())
                .containsExactly(full(Encoding.BASE64, true), also(Encoding.IDENTITY));
        assertThat(encoded("7bit (Base-64)").decodings())
                .containsExactly(full(Encoding.IDENTITY, true), also(Encoding.BASE64));
        assertThat(encoded("quoted-printable (no base64)").decodings())
                .containsExactly(full(Encoding.QUOTED_PRINTABLE, true), also(Encoding.IDENTITY), also(Encoding.BASE64));
        assertThat(encoded("b64").decodings()).containsExactly(full(Encoding.BASE64, false), also(Encoding.IDENTITY));
        assertThat(encoded("8bits").decodings()).containsExactly(full(Encoding.IDENTITY, false));
        assertThat(encoded("x-uue").decodings())
                .containsExactly(full(Encoding.UUENCODE, false), also(Encoding.IDENTITY));
        assertThat(encoded("x-foo").decodings()).containsExactly(also(Encoding.IDENTITY));
        assertThat(part("Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64")
                        .decodings())
                .containsExactly(full(Encoding.IDENTITY, true), also(Encoding.BASE64));
    }

    @Test
    void onlyTheStandardsBase64IsBase64() {
        assertThat(encoded("base64").isBase64()).isTrue();
        assertThat(encoded("base64 (x)").isBase64()).isTrue();
        assertThat(encoded("b64").isBase64()).isFalse();
        assertThat(encoded("7bit").isBase64()).isFalse();
    }

    @Test
    void theFirstBoundThatIsPassedIsTold() {
        String many = "; name=x".repeat(21);
        assertThat(part("Content-Type: a/b").beyondBound()).isEmpty();
        assertThat(part("Content-Type: a/b" + many).beyondBound()).hasValue("over 20 parameters called name");
        assertThat(part("Content-Disposition: a" + many.replace("name", "filename"), "Content-Type: a/b" + many)
                        .beyondBound())
                .hasValue("over 20 parameters called name");
        assertThat(part("Content-Type: a/b" + many, "Content-Disposition: " + "x".repeat(9000))
                        .beyondBound())
                .hasValue("MIME header field over 8192 octets");
    }
}
