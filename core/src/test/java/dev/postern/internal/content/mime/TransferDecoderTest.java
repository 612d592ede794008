package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnAnyJdk
class TransferDecoderTest {

    /** What comes out as text; what some readers leave out in brackets. */
    private static final class Decoded implements TransferDecoder.Output {

        private final StringBuilder text = new StringBuilder();
        private final int most;

        Decoded(int most) {
            this.most = most;
        }

        @Override
        public boolean wantsMore() {
            return text.length() < most;
        }

        @Override
        public void octet(int octet) {
            text.append((char) (octet & 0xff));
        }

        @Override
        public void doubtful(int octet) {
            text.append('[').append((char) octet).append(']');
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Takes lines, in the middle of a buffer of what would be seen at once. */
    private static void lines(TransferDecoder decoder, String lines) {
        for (String line : lines.split("\\|", -1)) {
            decoder.line(octets("=Z=" + line + "=Z="), 3, 3 + line.length(), true, true);
        }
    }

    private static void assertDecodes(Encoding encoding, String lines, String text, boolean clean) {
        Decoded decoded = new Decoded(Integer.MAX_VALUE);
        TransferDecoder decoder = new TransferDecoder(encoding, false, decoded);
        lines(decoder, lines);
        decoder.end();
        assertThat(decoded.text.toString().replace("\r\n", "|")).isEqualTo(text);
        assertThat(decoder.clean()).isEqualTo(clean);
        assertThat(decoder.broken()).as("nobody has asked").isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "YWJj,abc,true",
                "YWJjZA==,abcd,true",
                "YWJjZGU=,abcde,true",
                "YWJjZA,abcd,true",
                "YWJjZGU,abcde,true",
                "YWJjZ,abc,false",
                "YW|Jj|ZGVm,abcdef,true",
                "Y|W|J|j,abc,true",
                "YW|JjZGVm,abcdef,true",
                "YWJjZA==|ZGVm,abcddef,false",
                "YWJj ZGVm,abcdef,true",
                "YWJj*ZGVm,abcdef,false",
                "*YWJj,abc,false",
                "YW-Jj,abc,false",
                "YWJjZA==ZGVm,abcddef,false",
                "YWJjZGU=ZGVm,abcdedef,false",
                "YWJj=ZGVm,abcdef,false",
                "YWJjZ=GVm,abc\u0019Y,false",
                "YWJjZA=,abcd,false",
                "YWJjZA=|=,abcd,true",
                "YWJjZGU==,abcde,false",
                "YWJjZA===,abcd,false",
                "~~,~~,true",
                "~ \t ~,~~,true",
                "=,~~,false",
                "/+8=,\u00ff\u00ef,true"
            })
    void base64(String lines, String text, boolean clean) {
        assertDecodes(Encoding.BASE64, lines, text, clean);
    }

    @Test
    void base64OfLongLines() {
        for (int groups = 17; groups < 41; groups++) {
            assertDecodes(Encoding.BASE64, "YWJj".repeat(groups), "abc".repeat(groups), true);
            assertDecodes(Encoding.BASE64, "YWJj".repeat(groups) + "*YWJj", "abc".repeat(groups + 1), false);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "abc,abc,true",
                "abc|def,abc|def,true",
                "a|,a|,true",
                "a=3Db=e4=E4,a=b\u00e4\u00e4,true",
                "a=|b,ab,true",
                "a=  |b,ab,true",
                "a=\t|b,ab,true",
                "a= |b,ab,true",
                "a=0Fb,a\u000fb,true",
                "a=F0,a\u00f0,true",
                "a=b,a[=]b,false",
                "a=GG,a[=]GG,false",
                "a=3,a[=]3,false",
                "a=3|D,a[=]3|D,false",
                "a=3G,a[=]3G,false",
                "a==41,a[=]A,false",
                "a=4=41,a[=]4A,false",
                "a= b,a[=]b,false",
                "a=4 1,a[=]4 1,false",
                "a=\u00e4,a[=]\u00e4,false",
                "~~,~~,true"
            })
    void quotedPrintable(String lines, String text, boolean clean) {
        assertDecodes(Encoding.QUOTED_PRINTABLE, lines, text, clean);
    }

    @Test
    void anEscapeMayBeCutByTheEndOfAFragment() {
        Decoded decoded = new Decoded(Integer.MAX_VALUE);
        TransferDecoder decoder = new TransferDecoder(Encoding.QUOTED_PRINTABLE, false, decoded);
        byte[] line = octets("a=41=");
        decoder.line(line, 0, 2, true, false);
        decoder.line(line, 2, 3, false, false);
        decoder.line(line, 3, 5, false, true);
        decoder.line(line, 0, 1, true, true);
        assertThat(decoded.text).hasToString("aAa");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "begin 644 a|&35J0 `, |`|end;MZ\u0090{0}\u0003{0};true",
                "x|begin 644 a|#86)C|#9&5F|`|end|#86)C;abcdef;true",
                "begin 644 a|#86)C|`| ||#9&5F;abcdef;true",
                "begin 644 a|\"86)C;ab;true",
                "begin 644 a|!86)C;a;true",
                "begin 644 a|#86)C more;abc;true",
                "begin 644 a|#86;a`{0};true",
                "begin 644 a|&86)C;abc;true",
                "begin 644 a||#86)C;abc;true",
                "begin 644 a|end|#86)C;~~;true",
                "begin;~~;false",
                "#86)C;~~;false"
            })
    void uuencode(String lines, String text, boolean clean) {
        assertDecodes(Encoding.UUENCODE, lines, text.replace("{0}", "\0"), clean);
    }

    @Test
    void aLineOfUuencodeThatIsTooLongStandsForItsBeginning() {
        Decoded decoded = new Decoded(Integer.MAX_VALUE);
        TransferDecoder decoder = new TransferDecoder(Encoding.UUENCODE, false, decoded);
        byte[] line = octets("#86)C");
        decoder.line(octets("begin 644 a"), 0, 11, true, true);
        decoder.line(line, 0, 5, true, false);
        decoder.line(line, 0, 5, false, true);
        decoder.end();
        assertThat(decoded.text).hasToString("abc");
        assertThat(decoder.clean()).isFalse();
    }

    @Test
    void whatIsNotEncodedComesWithTheLineEndsBetweenItsLines() {
        assertDecodes(Encoding.IDENTITY, "a=41||b", "a=41||b", true);
        Decoded decoded = new Decoded(Integer.MAX_VALUE);
        TransferDecoder decoder = new TransferDecoder(Encoding.IDENTITY, true, decoded);
        byte[] line = octets("abc");
        decoder.line(line, 0, 1, true, false);
        decoder.line(line, 1, 3, false, true);
        decoder.line(line, 1, 2, true, true);
        assertThat(decoded.text).hasToString("abc\r\nb");
        assertThat(decoder.broken()).isFalse();
    }

    @Test
    void noMoreIsDecodedThanIsWanted() {
        for (Encoding each : Encoding.values()) {
            Decoded decoded = new Decoded(2);
            TransferDecoder decoder = new TransferDecoder(each, false, decoded);
            String beginning = each == Encoding.YENC ? "=ybegin a|" : each.hasBeginning() ? "begin 644 a|" : "";
            lines(decoder, beginning + (beginning.startsWith("b") ? "#86)C" : "YW=41"));
            assertThat(decoder.indifferent()).as(each.name()).isTrue();
            int length = decoded.text.length();
            lines(decoder, "#86)C");
            assertThat(decoded.text).as(each.name()).hasSize(length);
        }
    }

    private static TransferDecoder checked(Encoding encoding, String lines, int most) {
        TransferDecoder decoder = new TransferDecoder(encoding, true, new Decoded(most));
        lines(decoder, lines);
        return decoder;
    }

    @Test
    void whatMustBeCleanIsLookedAtToItsEnd() {
        assertThat(checked(Encoding.BASE64, "YWJj|YWJj", 0).indifferent()).isFalse();
        assertThat(checked(Encoding.BASE64, "YWJj|YWJj", 0).broken()).isFalse();
        assertThat(checked(Encoding.BASE64, "YWJj|YW*Jj", 0).broken()).isTrue();
        assertThat(checked(Encoding.BASE64, "YWJj|YW*Jj", 0).indifferent()).isTrue();
        assertThat(checked(Encoding.BASE64, "YWJj|YW*Jj", 99).indifferent()).isFalse();
        assertThat(checked(Encoding.IDENTITY, "a|b", 0).indifferent()).isTrue();
    }

    /** Tells how far a block is passed at once, and whether the body is base64 with it. */
    private static void assertSkips(String before, String block, int to, boolean clean) {
        TransferDecoder decoder = checked(Encoding.BASE64, before, 0);
        byte[] octets = octets("Y" + block + "\nYWJj");
        int end = octets.length - 5;
        assertThat(decoder.skip(octets, 1, end)).as(block).isEqualTo(1 + to);
        decoder.end();
        assertThat(decoder.broken()).as(block).isEqualTo(!clean);
    }

    @Test
    void wholeLinesOfSymbolsArePassedAtOnce() {
        String line = "YWJj".repeat(19) + "\r\n";
        assertSkips("YWJj", line + line, 2 * line.length(), true);
        assertSkips("YWJj", line + "YW*Jj\r\n", line.length(), true);
        assertSkips("YWJj", line + "\r\n" + line, 2 * line.length() + 2, true);
        assertSkips("YWJj", "YWJ\r\nY\r\n", 8, true);
        assertSkips("YWJj", "YWJ\r\n", 5, true);
        assertSkips("YWJj", "Y\r\n", 3, false);
        assertSkips("YWJj", "YWJj", 0, true);
        assertSkips("YWJj", "YWJj\r", 0, true);
        assertSkips("YWJj", "YWJj\n\n", 0, true);
        assertSkips("YWJj", "YWJj\r\r", 0, true);
        assertSkips("YW==", line, 0, true);
        assertSkips("YW", line, line.length(), true);
        assertSkips("YWJjY", line, line.length(), false);
    }

    @Test
    void nothingIsPassedThatMayMatter() {
        byte[] line = octets("YWJj\r\n");
        assertThat(checked(Encoding.BASE64, "YWJj", 99).skip(line, 0, 6)).isZero();
        assertThat(checked(Encoding.QUOTED_PRINTABLE, "YWJj", 0).skip(line, 0, 6))
                .isZero();
        TransferDecoder unchecked = new TransferDecoder(Encoding.BASE64, false, new Decoded(0));
        lines(unchecked, "YWJj");
        assertThat(unchecked.skip(line, 0, 6)).isZero();
    }
}
