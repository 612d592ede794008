package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walk through a message by itself: what it says of it, and that it says the same however the message is cut. */
@OnAnyJdk
class LineSplitterTest {

    private static final MessageRules RULES = MessageRules.defaults();
    private static final String MIXED = "Content-Type: multipart/mixed; boundary=b||";
    private static final String QUOTED = "Content-Type: message/rfc822||";
    private static final String NAMED = "Content-Disposition: attachment; filename=a.pdf|";
    private static final String BASE64 = "Content-Transfer-Encoding: base64|";
    private static final String MZ = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAA";
    private static final String GOOD = "JVBERi0xLjQKMSAwIG9iago8PD4+CmVuZG9iago=";
    private static final String WINDOWS = "\"a.pdf\": name says PDF, content is a Windows program";
    private static final String TEXT = "\"a.pdf\": name says PDF, content is text";

    private static byte[] octets(String message) {
        return message.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String defect(MessageRules rules, byte[] message, int block) {
        LineSplitter lines = new LineSplitter(rules, StructureLimits.DEFAULTS);
        for (int i = 0; i < message.length; i += block) {
            byte[] next = Arrays.copyOfRange(message, i, Math.min(message.length, i + block));
            lines.accept(next, 0, next.length);
        }
        lines.end();
        return lines.defect().orElse("");
    }

    /** What is wrong with a message; each line end is a bar. */
    private static String defect(MessageRules rules, String message) {
        byte[] octets = octets(message);
        String defect = defect(rules, octets, octets.length);
        for (int block : new int[] {1, 7, 100}) {
            assertThat(defect(rules, octets, block)).as("blocks of %d", block).isEqualTo(defect);
        }
        return defect;
    }

    private static String defect(String message) {
        return defect(RULES, message);
    }

    private static String encoded(String message) {
        return Base64.getMimeEncoder().encodeToString(octets(message)).replace("\r\n", "|") + "|";
    }

    @Test
    void contentWithoutItsLastLineEndIsReadToItsEnd() {
        String clear = "multipart without a boundary that is clear (RFC 2046 section 5.1.1): \"multipart/x";
        assertThat(defect("Content-Type: multipart/x")).isEqualTo(clear + "\"");
        assertThat(defect("Content-Type: multipart/x; y=" + "z".repeat(1500))).startsWith(clear);
    }

    @Test
    void aDelimiterHas1001OctetsAtMost() {
        String parts = "||x|--b--|";
        assertThat(defect(MIXED + "--b" + " ".repeat(998) + parts)).isEmpty();
        assertThat(defect(MIXED + "--b" + " ".repeat(999) + parts)).isEqualTo("delimiter line of over 1002 octets");
    }

    @Test
    void theDefectSaysWhereItIs() {
        assertThat(defect(MIXED + "x|")).isEqualTo("multipart without its boundary (RFC 2046 section 5.1.1): \"b\"");
        assertThat(defect(MIXED + "--b|--c||x|--b--|"))
                .isEqualTo("part 1: header line 1 is no field (RFC 5322 section 2.2): \"--c\"");
        String head = NAMED + BASE64 + "|QUJD|";
        assertThat(defect(head + "QUJD|QU*D|QUJD|"))
                .isEqualTo("part 1: undecodable base64 in the line at octet " + octets(head + "QUJD|").length
                        + " (RFC 2045 section 6.8)");
        assertThat(defect(head + "Q|"))
                .isEqualTo("part 1: undecodable base64, its end is missing (RFC 2045 section 6.8)");
        String message = "Content-Type: message/rfc822|Content-Transfer-Encoding: quoted-printable||"
                + "Content-T=79pe: multipart/mixed; boundary=3Db||=2D-b||x|";
        assertThat(defect(message + "=2D-b y|"))
                .isEqualTo("part 1: multipart can be read in two ways: its delimiter at octet " + octets(message).length
                        + " has something behind it");
    }

    @Test
    void aHeaderMustBeOneOnlyWhereItIsRead() {
        String rubbish = "rubbish||x|";
        assertThat(defect(RULES.without(Check.MIME), rubbish)).startsWith("header line 1 is no field");
        assertThat(defect(RULES.without(Check.FROM), rubbish)).startsWith("header line 1 is no field");
        assertThat(defect(RULES.without(Check.MIME, Check.FROM), rubbish)).isEmpty();
        assertThat(defect(RULES.without(Check.MIME), MIXED + "--b|" + rubbish + "--b--|"))
                .isEmpty();
    }

    @Test
    void twoReadingsOfAQuotedMessageAreRefusedWhateverTheRules() {
        String message = MIXED + "--b||x|--b y|";
        String defect = "multipart can be read in two ways: its delimiter at octet ";
        assertThat(defect(message)).startsWith("part 1: " + defect);
        assertThat(defect(QUOTED + message)).startsWith("part 1: " + defect);
        MessageRules lenient = RULES.without(Check.MIME);
        assertThat(defect(lenient, message)).isEmpty();
        assertThat(defect(lenient, QUOTED + message)).startsWith("part 1: " + defect);
    }

    /** The line is in doubt to the inner multipart, but none of its own. */
    @Test
    void aDelimiterMayBeginAsThatOfAMultipartWithin() {
        String outer = MIXED.replace("=b", "=b-1") + "--b-1|" + MIXED + "--b||x|";
        assertThat(defect(outer + "--b--|--b-1||y|--b-1--|")).isEmpty();
        assertThat(defect(outer + "--b-1||y|--b-1--|")).startsWith("part 1.1: multipart without its end");
        assertThat(defect(QUOTED + outer + "--b-1||y|--b-1--|")).isEmpty();
        assertThat(defect(QUOTED + outer + "--b-1|" + NAMED + BASE64 + "|" + MZ + "|--b-1--|"))
                .isEqualTo("part 2 " + WINDOWS);
        assertThat(defect(QUOTED + outer + "--b-2||y|--b-1--|")).contains("in two ways");
    }

    @Test
    void aBoundaryThatIsTooLongToSomeIsRefused() {
        String defect = "a boundary over 900 characters to some readers";
        assertThat(defect(QUOTED + "Content-Type: multipart/x; boundary=" + "x".repeat(901) + "||x|"))
                .isEqualTo(defect);
        assertThat(defect(QUOTED + "Content-Type: multipart/x; boundary=" + "x".repeat(900) + "||x|"))
                .isEmpty();
        assertThat(defect("Content-Type: multipart/x; boundary=b (" + "x".repeat(900) + ")||--b||x|--b--|"))
                .isEqualTo(defect);
    }

    @Test
    void theFirstGuessedDelimiterBeginsAPart() {
        String guessed = QUOTED + "Content-Type: multipart/x||--x|" + NAMED + BASE64 + "|";
        assertThat(defect(guessed + MZ + "|--x--|")).isEqualTo("part 1 " + WINDOWS);
        assertThat(defect(guessed + GOOD + "|--x--|")).isEmpty();
    }

    @Test
    void aSingleDelimiterOfADoubtfulMultipartIsEnough() {
        String doubtful = "Content-Type: text/plain (multipart/mixed; boundary=d)||x|";
        assertThat(defect(doubtful + "--d|")).contains("can be read in two ways, as a multipart and not");
        assertThat(defect(doubtful + "-d|--|x--d|")).isEmpty();
    }

    /** Hyphens within a line are where the fast way through lines looks twice. */
    @Test
    void noOctetOfALineWithHyphensIsLost() {
        assertThat(defect(MIXED + "--b|" + NAMED + "|MZ--\1\2--\3|--b--|")).isEqualTo("part 1 " + WINDOWS);
    }

    // quoted messages

    /** To some the body begins where a line is no field: what they alone see is judged, but for what says little. */
    @Test
    void whatIsSeenByAnEarlyEndOfTheHeaderIsJudged() {
        String program = QUOTED + NAMED + BASE64 + "TV|" + MZ.substring(2) + "||" + GOOD + "|";
        assertThat(defect(program)).isEqualTo("part 1 " + WINDOWS);
        String picture = QUOTED + NAMED.replace("pdf", "png") + BASE64 + "AAAA||";
        assertThat(defect(picture + "iVBORw0KGgoAAAANSUhEUg==|")).isEmpty();
        assertThat(defect(picture + "aGVsbG8gd29ybGQhIQ==|")).contains("name says PNG, content is text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"base64", "quoted-printable"})
    void whatIsDecodedIsJudgedAsWhatIsNot(String encoding) {
        String head = "Content-Type: message/rfc822|Content-Transfer-Encoding: " + encoding + "||";
        for (String before : new String[] {"", "X: " + "y".repeat(2000) + "|"}) {
            for (String end : new String[] {"", "|"}) { // of the last line
                String program = before + NAMED + BASE64 + "|" + MZ + end;
                String text = before + NAMED + "|just some text" + end;
                boolean base64 = encoding.equals("base64");
                assertThat(defect(head + (base64 ? encoded(program) : escaped(program))))
                        .isEqualTo("part 1 " + WINDOWS);
                assertThat(defect(head + (base64 ? encoded(text) : escaped(text))))
                        .isEqualTo("part 1 " + TEXT);
            }
        }
    }

    /** One line that only a decoder makes several of; a sign that begins no escape stands for itself. */
    private static String escaped(String message) {
        return message.replace("Content-", "C=6Fntent-").replace("|", "=0D=0A=|") + "|";
    }

    @Test
    void readingsThatHaveEndedCountNoMore() {
        String encoded = "--b|Content-Type: message/rfc822|" + BASE64 + "|" + encoded("Subject: x||y|");
        assertThat(defect(MIXED + encoded.repeat(WholeMessage.MAX_READINGS + 1) + "--b--|"))
                .isEmpty();
        String early = "--b|Content-Type: text/plain|rubbish||x|";
        assertThat(defect(QUOTED + MIXED + early.repeat(WholeMessage.MAX_READINGS + 1) + "--b--|"))
                .isEmpty();
    }

    @Test
    void soManyReadingsAreOpenAtMost() {
        WholeMessage message = new WholeMessage(RULES, StructureLimits.DEFAULTS);
        for (int i = 0; i < WholeMessage.MAX_READINGS; i++) {
            assertThat(message.openReading()).isTrue();
        }
        message.closeReading();
        assertThat(message.openReading()).isTrue();
        assertThat(message.openReading()).isFalse();
    }

    // how much a mismatch counts

    @Test
    void aMultipartIsShownAsItStandsToo() {
        String head = MIXED.substring(0, MIXED.length() - 1) + NAMED + BASE64 + "|";
        assertThat(defect(head + "MZ\u0090\1\2|--b||x|--b--|")).isEqualTo("part 1 " + WINDOWS);
        assertThat(defect(head + "preamble|--b||x|--b--|")).isEmpty();
    }

    @Test
    void ofWhatIsCutOffTwelveOctetsSaySomething() {
        String head = QUOTED + MIXED + "--b|" + NAMED + BASE64 + "|";
        assertThat(defect(head + "aGVsbG8gd29ybGQh|")).isEqualTo("part 1 " + TEXT);
        assertThat(defect(head + "aGVsbG8gd29ybGQ=|")).isEmpty();
        assertThat(defect(head + "aGVsbG8gd29ybGQ=|--b--|")).isEqualTo("part 1 " + TEXT);
    }

    @Test
    void whatIsNotOfItsEncodingCountsAsWhatItIs() {
        assertThat(defect(QUOTED + NAMED + BASE64 + "|aGVs*bG8gd29ybGQh|")).isEqualTo("part 1 " + TEXT);
        String b64 = NAMED + "Content-Transfer-Encoding: b64||";
        assertThat(defect(b64 + "just some text, no base64!|")).isEqualTo("part 1 " + TEXT);
        assertThat(defect(b64 + "aGVsbG8gd29ybGQh|")).isEqualTo("part 1 " + TEXT);
        assertThat(defect(b64 + GOOD + "|")).isEmpty();
        String uuencode = NAMED + "Content-Transfer-Encoding: x-uuencode||";
        assertThat(defect(uuencode + "begin 644 a|#86)C|`|end|")).isEqualTo("part 1 " + TEXT);
        assertThat(defect(uuencode + "just some text|")).isEmpty();
    }
}
