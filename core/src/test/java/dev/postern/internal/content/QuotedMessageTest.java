package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.ContentGate.Origin;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages within messages: what bounces, abuse reports and forwards carry. */
@OnAnyJdk
class QuotedMessageTest {

    private static final MessageRules RULES = MessageRules.defaults().without(Check.FROM);

    /** An attachment by the name of a document. */
    private static final String PDF =
            "Content-Type: application/pdf|Content-Disposition: attachment; filename=\"a.pdf\"|";

    private static final String BASE64 = "Content-Transfer-Encoding: base64|";
    private static final String MZ = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAAAAAAAAAAAAAAAAA|";
    private static final String PROGRAM = PDF + BASE64 + "|" + MZ;

    private static String lines(String text) {
        return text.replace("|", "\r\n");
    }

    /** A bounce that quotes a message. */
    private static String bounce(String original) {
        return lines("MIME-Version: 1.0|Content-Type: multipart/report; boundary=b||--b||It failed.|--b|"
                + "Content-Type: message/rfc822||" + original + "|--b--|");
    }

    private static void assertPasses(String message) {
        for (int block : new int[] {Integer.MAX_VALUE, 1, 7}) {
            var result = Fixture.send(RULES, octets(message), block, origin());
            assertThat(result.detail()).isEmpty();
            assertThat(result.passed()).isTrue();
        }
    }

    private static void assertRefused(String message, String detail) {
        for (int block : new int[] {Integer.MAX_VALUE, 1, 7}) {
            var result = Fixture.send(RULES, octets(message), block, origin());
            assertThat(result.reply()).hasToString("550 5.6.0 Failed to parse MIME structure");
            assertThat(result.detail()).contains(detail);
        }
    }

    /**
     * What Debian's mail systems made of the relay's refusal of a message of app@mine.example, on a host web1.mine.example
     * (dma: web1): its multipart had no end, an attachment was cut off. exim was told the domain for its name.
     */
    @ParameterizedTest
    @ValueSource(strings = {"dma", "exim", "nullmailer", "postfix"})
    void theBouncesOfMailSystemsPass(String system) throws IOException {
        byte[] bounce;
        try (InputStream file = Objects.requireNonNull(
                QuotedMessageTest.class.getResourceAsStream("bounces/" + system + ".eml"), system)) {
            bounce = file.readAllBytes();
        }
        Origin from = Fixture.notification(Identity.of("app@mine.example"));
        Fixture.Result result = Fixture.send(MessageRules.defaults(), bounce, Integer.MAX_VALUE, from);
        assertThat(result.detail()).isEmpty();
        assertThat(result.passed()).isTrue();
    }

    /** Each is refused when it is sent itself. */
    static Stream<String> broken() {
        String mixed = "Content-Type: multipart/mixed; boundary=in||";
        return Stream.of(
                "Content-Type: multipart/mixed||x|",
                "Content-Type: multipart/mixed; boundary=" + "x".repeat(300) + "||x|",
                mixed + "no delimiter|",
                mixed + "--in--|",
                mixed + "--in|Content-Type: text/plain||cut off he",
                mixed + "--in|Content-Type: text/pl",
                mixed + "--in||x|--in|Content-Type: multipart/alternative; boundary=deep||--deep||x|",
                mixed + "--in|Content-Type: message/rfc822||" + mixed.replace("=in", "=deep") + "--deep||x",
                mixed + "--in" + " ".repeat(2000) + "||x|--in--|",
                "Content-Transfer-Encoding: base64||QUJ*D|",
                "Content-Transfer-Encoding: base64||QUJD QQ==QQ|",
                "Content-Transfer-Encoding: base64||QU",
                "Content-Transfer-Encoding: quoted-printable||a =b =3|",
                "Content-Transfer-Encoding: 8bits||x|",
                "Content-Type: text/plain|Content-Type: text/html||x|",
                "Content-Type: text/plain; x=" + "y".repeat(9000) + "||x|",
                "rubbish||x|",
                " x: y||x|",
                "Subject : x||y|",
                "X: y|".repeat(2001) + "|x|",
                "X: " + "y".repeat(1 << 20) + "|z: |x|",
                mixed + "--in|" + "X: y|".repeat(2001) + "||x|--in--|",
                mixed + "--in|" + PDF + BASE64 + "|JVBERi0xLjQKMS*AwIG9iago=|--in--|",
                mixed + "--in|" + PDF + BASE64 + "|JVBE", // four octets would tell, of three nobody can know
                mixed + "--in|" + PDF + BASE64 + "|");
    }

    @ParameterizedTest
    @MethodSource("broken")
    void aBounceMayQuoteWhatWasRefused(String original) {
        assertPasses(bounce("From: old@other.example|" + original));
        assertPasses(bounce(original));
        assertPasses(lines("Content-Type: message/rfc822||" + original));
        assertPasses(
                lines("Content-Type: multipart/digest; boundary=d||--d||" + original + "|--d||Subject: x||y|--d--|"));
        assertPasses(lines("Content-Type: multipart/mixed; boundary=b||--b|Content-Type: message/global||" + original
                + "|--b--|"));
    }

    static Stream<String> brokenWithAProgram() {
        String mixed = "Content-Type: multipart/mixed; boundary=in||";
        return Stream.of(
                PROGRAM,
                mixed + "--in|" + PROGRAM + "--in--|",
                mixed + "--in||x|--in|" + PROGRAM,
                mixed + "--in|" + PROGRAM + "--in||cut off he",
                mixed + "--in|" + PDF + BASE64 + "|TVqQ",
                mixed + "--in|Content-Type: multipart/alternative||x|--in|" + PROGRAM,
                mixed + "--in|Content-Type: multipart/mixed; boundary=deep||--deep||x|--in|" + PROGRAM,
                mixed + "--in|Content-Transfer-Encoding: 8bits||x|--in|" + PROGRAM,
                mixed + "--in|" + "X: y|".repeat(2001) + "||x|--in|" + PROGRAM,
                mixed + "--in|rubbish|" + PROGRAM,
                mixed + "--in|" + PDF + "rubbish|" + BASE64 + "|" + MZ,
                mixed + "--in|" + PDF.replace(":", " :") + BASE64 + "|" + MZ,
                mixed + "--in|" + PDF + "Content-Type: image/png|" + BASE64 + "|" + MZ,
                mixed + "--in" + " ".repeat(2000) + "|" + PROGRAM,
                mixed + "--in|" + PDF + BASE64 + "|*T*VqQ!AAMAAAAEAAAA//8AALgAAAAAAAAAAAAAAAAA|",
                mixed + "--in|" + PDF + BASE64 + "|TQ==WpAAAwAAAAQAAAD//wAAuAAAAAAAAAAAAAAAAAAA|",
                mixed + "--in|" + PDF + "Content-Transfer-Encoding: quoted-printable||MZ=90=00=03=00=00=00 =x =3",
                mixed + "--in|Content-Type: message/rfc822||" + mixed.replace("=in", "=deep") + "--deep|" + PROGRAM);
    }

    @ParameterizedTest
    @MethodSource("brokenWithAProgram")
    void attachmentsThatCanBeSeenInItAreJudged(String original) {
        assertRefused(bounce(original), "\"a.pdf\": name says PDF, content is a Windows program");
        assertRefused(
                lines("Content-Type: message/rfc822||" + original),
                "\"a.pdf\": name says PDF, content is a Windows program");
    }

    /** Some readers take the first of two fields, others the last. */
    @Test
    void aQuotedMessageThatIsAMultipartByAnotherFieldIsReadAsBoth() {
        String message = "Content-Type: message/rfc822|";
        String multipart = "Content-Type: multipart/mixed; boundary=in|";
        for (String types : new String[] {message + multipart, multipart + message}) {
            assertRefused(bounce(types + "|x|" + PROGRAM), "name says PDF, content is a Windows program");
            assertPasses(bounce(types + "|x|" + PDF + BASE64 + "|JVBERi0xLjQKMSAwIG9iag==|"));
            // a delimiter of the multipart ends no message
            String deep = types + "|Content-Type: multipart/mixed; boundary=deep||--in||x|--deep|";
            assertRefused(bounce(deep + PROGRAM + "--deep--|"), "name says PDF, content is a Windows program");
        }
    }

    @Test
    void theMessageItselfIsHeldToItsStructureBehindAQuotedOne() {
        String quoted = "--b|Content-Type: message/rfc822||Content-Type: multipart/mixed; boundary=in||--in||cut|";
        String mixed = "Content-Type: multipart/mixed; boundary=b||";
        assertPasses(lines(mixed + quoted + "--b||x|--b--|"));
        assertRefused(lines(mixed + quoted), "multipart without its end");
        assertRefused(lines(mixed + quoted + "--b||x|"), "multipart without its end");
        assertRefused(lines(mixed + quoted + "--b|rubbish||x|--b--|"), "part 2: header line 1 is no field");
        assertRefused(lines(mixed + quoted + "--b|" + PDF + BASE64 + "|*|--b--|"), "part 2: undecodable");
        assertRefused(
                lines(mixed + quoted + "--b|Content-Type: multipart/mixed; boundary=own||--own||x|--b--|"),
                "part 2.1: multipart without its end");
        assertRefused(
                lines(mixed + "--b|Content-Type: multipart/mixed; boundary=own||--own" + quoted.substring(3)
                        + "--b--|"),
                "multipart without its end");
    }

    @Test
    void theBoundsOfDepthAndPartsCountAcrossAll() {
        assertRefused(bounce("Content-Type: message/rfc822||".repeat(50)), "over 50 deep");
        String mixed = "Content-Type: multipart/mixed; boundary=in||";
        assertRefused(bounce(mixed + "--in||x|".repeat(1000)), "over 1000 parts");
        assertRefused(
                lines("Content-Type: multipart/mixed; boundary=b||"
                        + ("--b|Content-Type: message/rfc822||" + mixed + "--in||x|").repeat(334)
                        + "--b--|"),
                "over 1000 parts");
    }

    static Stream<Arguments> fields() {
        return Stream.of(
                Arguments.of("text/rfc822-headers", "Subject: original|"),
                Arguments.of("message/delivery-status", "Reporting-MTA: dns; a.example||Action: failed|"),
                Arguments.of("message/global-delivery-status", "Reporting-MTA: dns; a.example|"),
                Arguments.of("message/disposition-notification", "Disposition: manual-action; displayed|"),
                Arguments.of("message/feedback-report", "Feedback-Type: abuse|"),
                Arguments.of("message/partial; id=x; number=1", "Subject: part||of a message|"),
                Arguments.of(
                        "Message/External-Body; access-type=anon-ftp; site=ftp.example.org",
                        "Content-Type: image/png||"));
    }

    @ParameterizedTest
    @MethodSource("fields")
    void headerFieldsHaveWhateverName(String type, String content) {
        for (String name : new String[] {"big.pdf", "details.txt", "report.doc", "a.png"}) {
            assertPasses(lines("Content-Type: " + type + "; name=" + name + "||" + content));
            assertPasses(lines("Content-Type: multipart/report; boundary=b||--b|Content-Type: " + type
                    + "|Content-Disposition: attachment; filename=" + name + "||" + content + "|--b--|"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/rfc822-headers", "message/delivery-status", "message/external-body; access-type=URL"})
    void aProgramIsNoHeaderField(String type) {
        assertRefused(
                lines("Content-Type: " + type + "; name=a.pdf|" + BASE64 + "|" + MZ),
                "\"a.pdf\": name says PDF, content is a Windows program");
    }
}
