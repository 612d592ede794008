package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class StructureTest {

    private static final MessageRules RULES = MessageRules.defaults().without(Check.FROM);
    private static final MessageRules UNCHECKED = MessageRules.defaults().without(Check.values());
    private static final String INVALID = "550 5.6.0 Failed to parse MIME structure";

    private static String lines(String text) {
        return text.replace("|", "\r\n");
    }

    private static String multipart(String parts) {
        return lines("Content-Type: multipart/mixed; boundary=b||" + parts);
    }

    private static void assertPasses(String message) {
        var whole = Fixture.send(RULES, message);
        assertThat(whole.reply().toString() + whole.detail())
                .isEqualTo(StandardReply.NOOP_OK.reply().toString());
        assertThat(whole.content()).endsWith(message);
        assertSameHoweverCut(message, whole);
    }

    private static void assertRefused(String message, String detail) {
        var whole = Fixture.send(RULES, message);
        assertThat(whole.reply()).hasToString(INVALID);
        assertThat(whole.detail()).contains(detail);
        assertSameHoweverCut(message, whole);
    }

    private static void assertSameHoweverCut(String message, Fixture.Result whole) {
        Random random = new Random(1);
        int[] blocks = {1, 2, 3, 7, 1000, 1 + random.nextInt(message.length() + 1)};
        for (int block : blocks) {
            assertThat(Fixture.send(RULES, octets(message), block, origin()))
                    .as("blocks of %d", block)
                    .isEqualTo(whole);
        }
    }

    /** Lines are taken one by one where blocks cut them, and many at once where they do not. */
    @Test
    void aMessageIsJudgedAlikeHoweverItIsCut() {
        for (int seed = 0; seed < 100; seed++) {
            byte[] message = new OddMessages(new SplittableRandom(seed)).next();
            var whole = Fixture.send(RULES, message, Integer.MAX_VALUE, origin());
            for (int block : new int[] {1, 100}) {
                assertThat(Fixture.send(RULES, message, block, origin()))
                        .as("seed %d, blocks of %d", seed, block)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "QUJDRA==,true",
                "QUJD RA==,true",
                "~~,true",
                "QUJD!,false",
                "QQ==QUJD,false",
                "QUJ,true",
                "Q,false",
                "--x,false"
            })
    void aLineFarInsideOfBase64IsLookedAt(String line, boolean passes) {
        String clean = ("QUJD".repeat(19) + "|").repeat(200);
        String head = "--b|Content-Disposition: attachment; filename=a.txt|Content-Transfer-Encoding: base64||";
        String message = multipart(head + clean + line + "|" + (line.endsWith("==") ? "" : clean) + "--b--|");
        if (passes) {
            assertPasses(message);
        } else {
            assertRefused(message, "undecodable base64");
        }
    }

    static Stream<String> realMessages() {
        return Stream.of(
                "Subject: plain||body|",
                "Subject: no body|",
                "Subject: folded|\tover| lines| |X-Empty:||body|",
                "|body without a header|",
                "MIME-Version: 1.0|Content-Type: text/plain; charset=\"utf-8\"|Content-Transfer-Encoding: 8bit||\u00c3\u00a4|",
                "Content-Type: multipart/mixed; boundary=\"=_outer\"||preamble|--=_outer|Content-Type:"
                        + " multipart/alternative; boundary=\"=_inner\"||--=_inner|Content-Type: text/plain||text|--=_inner|"
                        + "Content-Type: text/html|Content-Transfer-Encoding: quoted-printable||<p>=C3=A4 soft=|break=3D=20|"
                        + "|--=_inner--||--=_outer|Content-Type: application/octet-stream|Content-Transfer-Encoding: base64|"
                        + "|AAECAwQ=|--=_outer--||epilogue|",
                "Content-Type: multipart/signed; micalg=pgp-sha256;| protocol=\"application/pgp-signature\";|"
                        + " boundary=\"s\"||--s|Content-Type: text/plain||signed|--s|Content-Type: application/pgp-signature;"
                        + " name=\"signature.asc\"||-----BEGIN PGP SIGNATURE-----|abc|-----END PGP SIGNATURE-----|--s--|",
                "Content-Type: multipart/mixed; boundary=f||--f||see below|--f|Content-Type: message/rfc822|"
                        + "Content-Disposition: attachment; filename=\"mail.eml\"||From: a@b.example|Content-Type:"
                        + " multipart/alternative; boundary=g||--g||one|--g||two|--g--|--f--|",
                "Content-Type: multipart/mixed; boundary=f||--f|Content-Type: message/rfc822||>From a Mon Jan 1|Subject:"
                        + " x||y|--f--|",
                "Content-Type: multipart/report; report-type=delivery-status; boundary=r||--r||failed|--r|Content-Type:"
                        + " message/delivery-status||Reporting-MTA: dns; x||Final-Recipient: rfc822; y|--r|Content-Type:"
                        + " text/rfc822-headers||Subject: z|--r--|",
                "Content-Type: multipart/alternative; boundary=c||--c||invite|--c|Content-Type: text/calendar;"
                        + " method=REQUEST; name=\"invite.ics\"||BEGIN:VCALENDAR|END:VCALENDAR|--c--|",
                "Content-Type: multipart/digest; boundary=d||--d||Subject: one||body|--d|||Subject: two||body|--d--|",
                "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"|"
                        + "Content-Disposition: attachment; filename=\"smime.p7m\"|Content-Transfer-Encoding: BASE64||"
                        + "MIAGCSqGSIb3DQEHA6CAMIACAQAxggHDMIIBvwIBADCBpjCBkDELMAkGA1UEBhMC||",
                // what a boundary may look like
                "Content-Type: multipart/mixed; boundary=\"a b:c?=\"||--a b:c?=||x|--a b:c?=--  |",
                "Content-Type: multipart/mixed; boundary=\"abc\"||--abc|Content-Type: multipart/mixed;"
                        + " boundary=\"abcdef\"||--abcdef||x|--abcdef--|--abc--|",
                "Content-Type: multipart/mixed; boundary*0=\"ab\"; boundary*1=\"cd\"||--abcd||x|--abcd--|",
                "Content-Type: MULTIPART/Mixed; BOUNDARY=b||--b  |Content-Type: text/plain|--b||--not|--b--|",
                "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: multipart/mixed;"
                        + " boundary=b||--b||same name|--b--|--b||more|--b--|",
                // junk that is everywhere
                "Content-Type: text|Content-Transfer-Encoding: 7bit||x|",
                "Content-Type: ;;;=||x|",
                "Content-Type:|Content-Transfer-Encoding: ||x|",
                "Content-Type: text/plain|Content-Type: TEXT/plain||identical but for case|",
                "Content-Type: text/plain|Content-Type: text/html||no reader sees parts|",
                "Content-Transfer-Encoding: 7bit|Content-Transfer-Encoding: 8bit||x|",
                "Content-Type: message/rfc822|Content-Transfer-Encoding: quoted-printable||Subject: =X||y|",
                "Content-Transfer-Encoding: x-uuencode||x|",
                "Content-Transfer-Encoding: base65||x|",
                "Content-Type: text/plain|Content-Transfer-Encoding: base64|| Q Q = = ||",
                "Content-Type: text/plain|Content-Transfer-Encoding: quoted-printable||=c3=a4= |x=  |y|",
                "Content-Type: multipart/mixed; boundary=b|Content-Transfer-Encoding: base64||--b||x|--b--|",
                "Content-Type: message/rfc822|Content-Transfer-Encoding: quoted-printable||Subject: x||y|",
                "Content-Type: message/rfc822|Content-Transfer-Encoding: base64||U3ViamVjdDogeA0KDQp5DQo=|",
                "Content-Type: message/external-body; access-type=URL||Content-Type: image/png||phantom|");
    }

    @ParameterizedTest
    @MethodSource("realMessages")
    void passesWhatMailersMake(String message) {
        assertPasses(lines(message));
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("Content-Type: multipart/mixed||x|", "without a boundary"),
                Arguments.of("Content-Type: multipart||x|", "without a boundary"),
                Arguments.of("Content-Type: multipart/mixed; boundary=\"\"||x|", "without a boundary"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=a; boundary=b||--a||x|--a--|", "without a boundary"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=" + "x".repeat(201) + "||x|", "without a boundary"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||x|", "without its boundary"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b|", "without its boundary"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||-- b|--bb|x--b|", "without its boundary"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||--b||x|", "without its end"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||--b||x|--b-|--b--x|", "in two ways"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||--b||x|--bx|", "without its end"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||--b--|", "without a part"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: multipart/mixed;"
                                + " boundary=c||--c||x|--b--|",
                        "part 1.1: multipart without its end"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: multipart/mixed;"
                                + " boundary=c||--c||x|--b||y|--c--|--b--|",
                        "part 1.1: multipart without its end"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: multipart/mixed;"
                                + " boundary=c|--b--|",
                        "without its boundary"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||--b|rubbish||x|--b--|", "part 1: header line"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=b||--b|Content-Type : text/plain||x|--b--|", "header"),
                Arguments.of("Content-Type: multipart/mixed; boundary=b||--b| x: y||x|--b--|", "continuation"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=b|Content-Transfer-Encoding: base64||LS1iDQoNCngNCi0tYi0t|",
                        "without its boundary"),
                Arguments.of("Content-Type: text/plain|Content-Type: multipart/mixed; boundary=b||x|", "differ"),
                Arguments.of("Content-Transfer-Encoding: 7bit|Content-Transfer-Encoding: base64||x|", "differ"),
                Arguments.of("Content-Type: text/plain; x=" + "y".repeat(9000) + "||x|", "over 8192 octets"),
                Arguments.of(
                        "Content-Type: multipart/mixed; boundary=b||--b" + " ".repeat(2000) + "||x|--b--|",
                        "delimiter line"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesBrokenStructureWith550(String message, String detail) {
        assertRefused(lines(message), detail);
        assertThat(Fixture.send(UNCHECKED, lines(message)).passed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"QUI=", "QQ==", "QUJD", "QU|JD", "QUJDQQ==| ||", "+/+/", "", "QQ=|="})
    void passesBase64ThatCanBeDecoded(String body) {
        assertPasses(lines("Content-Transfer-Encoding: base64||" + body + "|"));
        assertPasses(multipart("--b|Content-Transfer-Encoding: base64||" + lines(body) + "\r\n--b--\r\n"));
    }

    /** Base64 that must be whole: of a part with a name, which is held to its content. */
    private static String named(String body) {
        return lines(
                "Content-Disposition: attachment; filename=a.txt|Content-Transfer-Encoding: base64||" + body + "|");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Q",
                "QQ=",
                "=",
                "====",
                "Q===",
                "QUI==",
                "QQ==QQ==",
                "QUJD=",
                "Q-J_",
                "QU*D",
                "QUJ\u00c4",
                "QUJD|--b",
                "QUJD|text behind it."
            })
    void refusesBase64ThatCannotBeDecodedWith550(String body) {
        assertRefused(named(body), "part 1: undecodable base64");
        boolean nothing = body.replace("=", "").isEmpty();
        String nameless = lines("Content-Transfer-Encoding: base64||" + body + "|");
        if (nothing) {
            assertRefused(nameless, "undecodable base64, nothing of it is any");
        } else {
            assertPasses(nameless);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"QQ", "QUI", "QUJDQQ", "QQ|"})
    void passesBase64ThatLacksItsPadding(String body) {
        assertPasses(named(body));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=3D", "=", "=  ", "a=\t|b", "=e4=E4", "a=|", "plain ~ \u00e4"})
    void passesQuotedPrintableThatCanBeDecoded(String body) {
        assertPasses(lines("Content-Transfer-Encoding: quoted-printable||" + body + "|"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=3", "=G0", "=0G", "==", "= x", "=\u00c43", "a=b", "=3|D", "x" + "=3 D"})
    void passesQuotedPrintableThatNoReceiverMisreads(String body) {
        assertPasses(lines("Content-Transfer-Encoding: quoted-printable||" + body + "|"));
        assertPasses(named(body).replace("base64", "quoted-printable"));
    }

    @Test
    void checksEncodingsOfLongLinesInEveryCut() {
        assertPasses("Content-Transfer-Encoding: base64\r\n\r\n" + "QUJD".repeat(3000) + "\r\n");
        assertPasses(named("QUJD".repeat(3000)));
        assertRefused(named("QUJD".repeat(3000) + "*"), "undecodable");
        assertPasses("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + "=C3=A4 ".repeat(3000) + "\r\n");
        assertPasses("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + "=C3=A4".repeat(3000) + "=4\r\n");
    }

    @Test
    void refusesNestingBeyondTheLimitWith550() {
        assertPasses(nested(50));
        assertThat(Fixture.send(RULES, nested(51)).detail()).contains("over 50 deep");
        assertThat(Fixture.send(RULES, nested(10_000)).reply()).hasToString(INVALID);
        assertThat(Fixture.send(RULES, "Content-Type: message/rfc822\r\n\r\n".repeat(50) + "\r\nx\r\n")
                        .passed())
                .isTrue();
        assertThat(Fixture.send(RULES, "Content-Type: message/rfc822\r\n\r\n".repeat(10_000))
                        .detail())
                .contains("over 50 deep");
    }

    private static String nested(int depth) {
        StringBuilder message = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            message.append(i == 0 ? "" : "--b" + (i - 1) + "\r\n")
                    .append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("\r\n\r\n");
        }
        message.append("--b").append(depth - 1).append("\r\n\r\nx\r\n");
        for (int i = depth - 1; i >= 0; i--) {
            message.append("--b").append(i).append("--\r\n");
        }
        return message.toString();
    }

    @Test
    void refusesPartsBeyondTheLimitWith550() {
        assertThat(Fixture.send(RULES, multipart("--b||x|".repeat(1000) + "--b--|"))
                        .passed())
                .isTrue();
        assertThat(Fixture.send(RULES, multipart("--b||x|".repeat(1001) + "--b--|"))
                        .detail())
                .contains("over 1000 parts");
        assertThat(Fixture.send(RULES, multipart("--b|".repeat(1_000_000) + "--b--|"))
                        .detail())
                .contains("over 1000 parts");
    }

    @Test
    void refusesHeaderBeyondTheLimitsWith550() {
        String field = "X: y\r\n";
        assertThat(Fixture.send(RULES, field.repeat(2000) + "\r\n").passed()).isTrue();
        assertThat(Fixture.send(RULES, field.repeat(2001) + "\r\n").detail()).contains("over 2000 header fields");
        int limit = 1 << 20;
        String exact = "X: " + "y".repeat(limit - 5) + "\r\n";
        assertThat(Fixture.send(RULES, exact + "\r\nbody\r\n").passed()).isTrue();
        assertThat(Fixture.send(RULES, "y" + exact + "\r\n").detail()).contains("header over");
        assertThat(Fixture.send(RULES, "X:" + " y\r\n".repeat(300_000) + "\r\n").detail())
                .contains("header over");
        assertThat(Fixture.send(UNCHECKED, field.repeat(2001) + "\r\n").reply())
                .as("the limits hold without the checks: they bound us")
                .hasToString(INVALID);
        assertThat(Fixture.send(RULES, multipart("--b|" + "X: y|".repeat(2001) + "|x|--b--|"))
                        .detail())
                .contains("over 2000 header fields");
    }

    /** The work for hostile lines grows with their octets, not with their square: a large one ends well within a test's time. */
    @Test
    void walksPrefixesOfBoundariesInLinearTime() {
        String boundary = "a".repeat(190);
        StringBuilder message = new StringBuilder();
        for (int i = 10; i < 59; i++) {
            message.append(i == 10 ? "" : "--" + boundary + (i - 1) + "\r\n")
                    .append("Content-Type: multipart/mixed; boundary=" + boundary)
                    .append(i)
                    .append("\r\n\r\n");
        }
        String lines = ("--" + boundary + "\r\n").repeat(100_000);
        assertThat(Fixture.send(RULES, message + lines).detail()).contains("without its boundary");
    }
}
