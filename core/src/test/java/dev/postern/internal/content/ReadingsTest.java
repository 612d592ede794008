package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.tools.OnAnyJdk;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that receivers read in different ways: none of the ways may show an attachment that its name belies. */
@OnAnyJdk
class ReadingsTest {

    private static final MessageRules RULES = MessageRules.defaults().without(Check.FROM);
    private static final int ROUNDS = Integer.getInteger("postern.fuzz.rounds", 300);
    private static final long SEED = Long.getLong("postern.fuzz.seed", 2045);

    private static final String MZ = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAA";
    private static final String GOOD = Base64.getEncoder().encodeToString(octets("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"));
    private static final String NAMED = "Content-Disposition: attachment; filename=\"a.pdf\"|";
    private static final String BASE64 = "Content-Transfer-Encoding: base64|";
    private static final String PROGRAM = NAMED + BASE64 + "|" + MZ + "|";
    private static final String MIXED = "Content-Type: multipart/mixed; boundary=b||--b||hello|";

    private static String lines(String text) {
        return text.replace("|", "\r\n");
    }

    private static void assertPasses(String message) {
        for (int block : new int[] {Integer.MAX_VALUE, 1, 7}) {
            assertThat(Fixture.send(RULES, octets(lines(message)), block, origin())
                            .detail())
                    .as(message)
                    .isEmpty();
        }
    }

    private static void assertRefused(String message, String detail) {
        for (int block : new int[] {Integer.MAX_VALUE, 1, 7}) {
            var result = Fixture.send(RULES, octets(lines(message)), block, origin());
            assertThat(result.passed()).as(message).isFalse();
            assertThat(result.detail()).as(message).contains(detail);
        }
    }

    // comments and blanks

    private static final List<String> SPACE = List.of(
            "", "", " ", "\t", "|\t", "| |\t", "(c)", " (a;b) ", "(\"q)", "(\\))", "((n)est|\t(ed))", "(=x)", "(--b)");

    private static String space(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(SPACE.get(random.nextInt(SPACE.size())));
        }
        return text.toString();
    }

    private static String spaced(Random random, String... tokens) {
        StringBuilder text = new StringBuilder();
        for (String token : tokens) {
            text.append(space(random)).append(token);
        }
        return text + space(random) + "|";
    }

    private static String spacedMessage(Random random, String content) {
        return "Content-Type:" + spaced(random, "multipart", "/", "mixed", ";", "boundary", "=", "b") + "|--b||x|--b|"
                + "Content-Type:" + spaced(random, "application", "/", "pdf", ";", "name", "=", "\"a.pdf\"")
                + "Content-Disposition:"
                + spaced(random, "attachment", ";", "filename", "=", "a.pdf", ";", "x", "=", "y")
                + "Content-Transfer-Encoding:" + spaced(random, "base64") + "|" + content + "|--b--|";
    }

    @Test
    void commentsAndBlanksWhereTheGrammarHasThemChangeNoVerdict() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            String good = lines(spacedMessage(random, GOOD));
            assertThat(Fixture.send(RULES, good).detail()).as(good).isEmpty();
            String bad = lines(spacedMessage(random, MZ));
            assertThat(Fixture.send(RULES, bad).detail())
                    .as(bad)
                    .isEqualTo("part 2 \"a.pdf\": name says PDF, content is a Windows program");
        }
    }

    // boundaries and types

    static Stream<String> twoWays() {
        return Stream.of(
                "Content-Type: multipart/mixed; boundary=abc (x)||--abc (x)||hello|--abc|" + PROGRAM
                        + "--abc--|--abc (x)--|",
                "Content-Type: multipart/mixed; boundary=\"abc\" (x)||--\"abc\" (x)||hello|--abc||x|--abc--|",
                "Content-Type: multipart/mixed; boundary=\"a\\bc\"||--abc||x|--a\\bc|" + PROGRAM + "--abc--|",
                "Content-Type: multipart/mixed; boundary=abc d||--abc d||x|--abc|" + PROGRAM + "--abc d--|",
                "Content-Type: multipart/mixed; boundary=abc; x=\"; boundary=d\"||--abc||x|--d|" + PROGRAM + "--abc--|",
                "Content-Type: multipart/mixed; boundary=abc (; boundary=d)||--abc||x|--d|" + PROGRAM + "--abc--|",
                "Content-Type: text/plain (multipart/mixed; boundary=d)||--d|" + PROGRAM + "--d--|",
                "Content-Type: text/plain, multipart/mixed; boundary=d||--d|" + PROGRAM + "--d--|",
                // behind the end, of the message and of a part of it
                "Content-Type: multipart/mixed; boundary=abc (x)||--abc||x|--abc--|--abc (x)|" + PROGRAM
                        + "--abc (x)--|",
                MIXED + "--b|Content-Type: multipart/mixed; boundary=abc (; boundary=d)||--abc||x|--abc--|--d|"
                        + PROGRAM + "--d--|--b--|",
                "Content-Type: multipart/mixed; boundary=\"b \"||--b||x|--b--|--b |" + PROGRAM + "--b --|",
                "Content-Type: multipart/mixed; boundary=\"b \"; x=(c)||--b||x|--b--|--b |" + PROGRAM + "--b --|",
                // Python takes off quotes twice, Nodemailer makes a blank of a fold
                "Content-Type: multipart/mixed; boundary=\"<b>\"||--<b>||x|--b|" + PROGRAM + "--b--|--<b>--|",
                "Content-Type: multipart/mixed; boundary=\"\\\"b\\\"\"||--\"b\"||x|--b|" + PROGRAM + "--b--|--\"b\"--|",
                "Content-Type: multipart/mixed; boundary=\"b|\tc\"||--b\tc||x|--b c|" + PROGRAM + "--b c--|--b\tc--|",
                // Python takes blanks of any script off its end
                "Content-Type: multipart/mixed; boundary=b\u00c2\u00a0||--b\u00c2\u00a0||x|--b|" + PROGRAM
                        + "--b--|--b\u00c2\u00a0--|",
                // Nodemailer undoes quoted pairs without quotes
                "Content-Type: multipart/mixed; boundary=b\\c||--b\\c||x|--bc|" + PROGRAM + "--bc--|--b\\c--|",
                // readers that decode a field before they parse it
                "Content-Type: =?utf-8?B?bXVsdGlwYXJ0L21peGVk?=; boundary=b||--b|" + PROGRAM + "--b--|",
                "Content-Type: =?utf-8?B?bXVsdGlwYXJ0L21peGVkOyBib3VuZGFyeT1i?=||--b|" + PROGRAM + "--b--|",
                MIXED + "--b x|" + PROGRAM + "--b--|",
                MIXED + "--b-x|" + PROGRAM + "--b--|");
    }

    @ParameterizedTest
    @MethodSource("twoWays")
    void whatLeadsToDifferentPartsIsRefused(String message) {
        assertRefused(message, "can be read in two ways");
        assertRefused("Content-Type: message/rfc822||" + message, "can be read in two ways");
    }

    /** Ruby's Mail and Laminas split a body by its delimiters, whichever of them is the end. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                MIXED + "--b--|--b|%s--b--|",
                MIXED + "--b--||behind|--b--|--b||x|--b \t|%s",
                "Content-Type: multipart/mixed; boundary=o||--o|" + MIXED + "--b--||--b|%s--b--|--o--|",
                "Content-Type: multipart/mixed; boundary=o||--o|Content-Type: message/rfc822||" + MIXED
                        + "--b--|--b|%s--b--|--o--|",
                "Content-Type: multipart/mixed; boundary*=us-ascii''b||--b||x|--b--|--b|%s--b--|",
                // Python takes delimiters right behind each other for one
                MIXED + "--b|--b--|%s",
                MIXED + "--b|--b--|--b|--b--|--b--|%s--b--|",
                "Content-Type: message/rfc822||" + MIXED + "--b|--b--|%s--b--|"
            })
    void attachmentsBehindTheEndOfAMultipartAreJudged(String message) {
        assertRefused(message.formatted(PROGRAM), "name says PDF, content is a Windows program");
        assertPasses(message.formatted(NAMED + BASE64 + "|" + GOOD + "|"));
        assertPasses(message.formatted("no field at all||%%|"));
        assertPasses(message.formatted("") + "--b-|--bb|--b c|-- |list of the end|".repeat(30));
    }

    @Test
    void endsBehindTheEndOfAMultipartAreNotCounted() {
        assertPasses(MIXED + "--b--|--b|Content-Type: multipart/mixed; boundary=c||--c||x|--c--|".repeat(40));
        assertRefused(
                MIXED + "--b--|--b|Content-Type: multipart/mixed; boundary=c||--c||x|--c--|".repeat(40) + "--b|"
                        + PROGRAM,
                "part 42 \"a.pdf\"");
    }

    /** Nodemailer's reader goes by the boundary, whatever the type. */
    @Test
    void attachmentsBehindABoundaryOfWhatIsNoMultipartAreJudged() {
        String text = "Content-Type: text/plain; boundary=b||--b|";
        assertRefused(text + PROGRAM + "--b--|", "part 1 \"a.pdf\"");
        assertRefused("Content-Type: message/rfc822||" + text + PROGRAM, "part 1 \"a.pdf\"");
        assertPasses(text + NAMED + BASE64 + "|" + GOOD + "|--b--|");
        assertPasses(text + "no header|");
    }

    @Test
    void anEncodedWordForTheTransferEncodingIsDecoded() {
        String head = MIXED + "--b|" + NAMED + "Content-Transfer-Encoding: =?utf-8?B?YmFzZTY0?=||";
        assertRefused(head + MZ + "|--b--|", "a Windows program");
        assertPasses(head + GOOD + "|--b--|");
    }

    @Test
    void anEncodedWordForTheTypeOfAMessageIsDecoded() {
        assertRefused("Content-Type: =?utf-8?B?bWVzc2FnZS9yZmM4MjI=?=||" + PROGRAM, "part 1 \"a.pdf\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: multipart/mixed; boundary=abc (x)||--abc||x|--abc--|",
                "Content-Type: multipart/mixed; boundary=\"abc\" (x; boundary=d)||--abc||x|--abc--|",
                "Content-Type: text/plain (not multipart; boundary=d)||--e|x|",
                "Content-Type: text/plain; boundary=b||--b|x|",
                MIXED + "--b|Content-Type: multipart/mixed; boundary=c (x)||--c||x|--c--|--d|--b||--c (x)|--b--|",
                "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: multipart/mixed; boundary=b-1||--b-1||x|"
                        + "--b-1--|--b--|",
                "Content-Type: text/plain|Content-Type: text/plain; charset=utf-8||x|",
                "Content-Disposition: attachment; filename=a.txt|Content-Disposition: inline||x|"
            })
    void readingsThatMakeNoDifferencePass(String message) {
        assertPasses(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: multipart/mixed; boundary=a|Content-Type: multipart/mixed; boundary=A||--a||x|--a--|",
                "Content-Type: multipart/mixed; boundary=a|Content-Type: text/plain||--a||x|--a--|",
                "Content-Type: text/plain|Content-Type: message/rfc822||x|",
                "Content-Transfer-Encoding: 8bit|Content-Transfer-Encoding: quoted-printable||x|"
            })
    void twoFieldsThatMakeTwoBodiesAreRefused(String message) {
        assertRefused(message, "fields that differ");
        assertPasses("Content-Type: message/rfc822||" + message);
    }

    // what bounds refuse

    // charsets

    /** Readers know charsets that the JDK does not, by names that it does not have. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "filename=\"=?x-foo?q?a=2Epdf?=\"",
                "filename=\"=?x-foo?b?YS5wZGY=?=\"",
                "filename=\"=?x-foo?q?a=2E?= =?utf-8?q?pdf?=\"",
                "filename*=x-foo''a%2Epdf",
                "filename=\"=?utf-7?q?a+AC4-pdf?=\"",
                "filename=\"=?unicode-1-1-utf-7?q?+AGEALgBwAGQAZg?=\"",
                "filename*=utf-7''a+AC4-pdf",
                "filename*0*=utf-7''a%2BAC; filename*1=4-pdf",
                "filename*=utf_16_be''%00a%00.%00p%00d%00f"
            })
    void aNameInACharsetByWhateverNameIsJudged(String name) {
        String head = MIXED + "--b|Content-Disposition: attachment; " + name + "|" + BASE64 + "|";
        assertPasses(head + GOOD + "|--b--|");
        assertRefused(head + MZ + "|--b--|", "content is a Windows program");
        assertRefused(head + "UEsDBBQAAAAIAAAAIVkAAAAAAAAAAAAAAAAFAAAAYS5leGU=|--b--|", "content is a ZIP archive");
    }

    /** What ends a name to some programs, and what turns it round on the screen. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "filename*=utf-8''a.pdf%00.exe",
                "filename=\"=?utf-8?q?a=2Epdf=00=2Eexe?=\"",
                "filename*=utf-8''a.pdf%0D%0A.exe",
                "filename*=utf-8''a%E2%80%AEfdp.exe",
                "filename*=utf-8''a.%E2%80%AEfdp%E2%80%AC"
            })
    void aNameThatIsShownAsAnotherIsJudgedAsThatToo(String name) {
        String head = MIXED + "--b|Content-Disposition: attachment; " + name + "|" + BASE64 + "|";
        assertRefused(head + MZ + "|--b--|", "name says PDF, content is a Windows program");
        assertPasses(head.replace("pdf", "exe").replace("fdp", "exe") + MZ + "|--b--|");
    }

    @ParameterizedTest
    @ValueSource(strings = {"filename*=unicode-escape''a%5Cx2epdf", "filename=\"=?punycode?q?a.pdf-?=\""})
    void whatHasANameThatCannotBeReadIsNoProgram(String name) {
        String head = MIXED + "--b|Content-Disposition: attachment; " + name + "|" + BASE64 + "|";
        assertPasses(head + GOOD + "|--b--|");
        assertPasses(head + "UEsDBBQAAAAIAAAAIVkAAAAAAAAAAAAAAAAFAAAAYS5leGU=|--b--|");
        assertPasses(head + "TVogaXMgbm8gcHJvZ3JhbQ==|--b--|"); // a text
        assertRefused(head + MZ + "|--b--|", "name in a charset that is not known, content is a Windows program");
    }

    static Stream<Arguments> beyondBounds() {
        StringBuilder segments = new StringBuilder();
        for (int i = 0; i < 101; i++) {
            segments.append(";|\tfilename*").append(i).append("=").append(i == 100 ? ".pdf" : "a");
        }
        return Stream.of(
                Arguments.of("Content-Disposition: attachment" + segments + "|", "over 100 segments"),
                Arguments.of("Content-Disposition: a" + "; filename=x".repeat(21) + "|", "over 20 parameters"),
                Arguments.of("Content-Disposition: a; filename=" + "x".repeat(5000) + "|", "a filename over 4096"),
                Arguments.of(
                        "Content-Type: " + "(".repeat(51) + ")".repeat(51) + "a/b|", "comments nested over 50 deep"),
                Arguments.of("Content-Type: a/b; x=" + "y".repeat(9000) + "|", "MIME header field over 8192 octets"),
                Arguments.of(
                        "Content-Type: a/b|Content-Type: a/c|Content-Type: a/d|Content-Type: a/e|"
                                + "Content-Type: a/f|",
                        "over 4 MIME header fields of one name"));
    }

    @ParameterizedTest
    @MethodSource("beyondBounds")
    void whatIsBeyondABoundSaysSo(String fields, String bound) {
        assertRefused(MIXED + "--b|" + fields + BASE64 + "|" + GOOD + "|--b--|", "part 2: " + bound);
        // of a quoted message it refuses nothing, but what no name could excuse
        String quoted = "Content-Type: message/rfc822||" + MIXED + "--b|" + fields + BASE64 + "|";
        assertPasses(quoted + GOOD + "|--b--|");
        assertRefused(quoted + MZ + "|--b--|", "content is a Windows program");
    }

    // encodings

    @ParameterizedTest
    @ValueSource(strings = {"8bits", "8-bit", "7-bit", "x-foo", "8bit;", "\"8bit\"", "7bit (x)", "utf-8"})
    void anOddEncodingOfOpaqueOctetsPassesAndHidesNothing(String encoding) {
        String head = MIXED + "--b|" + NAMED + "Content-Transfer-Encoding: " + encoding + "||";
        assertPasses(head + "%PDF-1.4|--b--|");
        assertRefused(head + "MZ\u0090\0".replace("\0", "\1") + "|--b--|", "a Windows program");
        assertPasses("Content-Transfer-Encoding: " + encoding + "||x|");
    }

    @ParameterizedTest
    @ValueSource(strings = {"base-64", "base64;", "\"base64\"", "base64 (x)", "(x) base64", "BASE64 ,", "b64"})
    void anOddBase64IsDecoded(String encoding) {
        String head = MIXED + "--b|" + NAMED + "Content-Transfer-Encoding: " + encoding + "||";
        assertPasses(head + GOOD + "|--b--|");
        assertRefused(head + MZ + "|--b--|", "a Windows program");
        assertRefused(
                head + "MZ\u0090\1|--b--|", encoding.contains("-") || encoding.equals("b64") ? "Windows" : "part 2");
    }

    @Test
    void quotedPrintableThatReadersDecodeInTwoWaysIsJudgedInBoth() {
        String head = MIXED + "--b|Content-Disposition: attachment; filename=a.txt|"
                + "Content-Transfer-Encoding: quoted-printable||";
        assertPasses(head + "a =b c=|--b--|");
        assertRefused(head + "=MZ=90=01=02|--b--|", "a Windows program");
        assertRefused(head + "MZ=90=01=02|--b--|", "a Windows program");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-uuencode", "x-uue", "uuencode"})
    void uuencodeIsDecodedForTheSignature(String encoding) {
        String head = MIXED + "--b|" + NAMED + "Content-Transfer-Encoding: " + encoding + "||begin 644 a.pdf|";
        // of "MZ\x90\0\3\0" and "%PDF-1"
        assertRefused(head + "&35J0 `, |`|end|--b--|", "a Windows program");
        assertPasses(head + "&)5!$1BTQ|`|end|--b--|");
        assertPasses("Content-Transfer-Encoding: " + encoding + "||not encoded|");
        assertRefused(head + "&35J0 `, " + " ".repeat(1200) + "|`|end|--b--|", "a Windows program");
    }

    /** Of "MZ\x90\0\3\0" and "%PDF-1.4". */
    @Test
    void yEncIsDecodedForTheSignature() {
        String head = MIXED + "--b|" + NAMED + "Content-Transfer-Encoding: x-yencode||=ybegin line=128 size=6 name=a|";
        assertRefused(head + "w\u0084\u00ba*-*|=yend size=6|--b--|", "a Windows program");
        assertRefused(
                head.replace("=ybegin", "x|=ybegin") + "=\u00b7\u0084\u00ba*-*|=yend|--b--|", "a Windows program");
        assertPasses(head + "OznpW[X^|=yend size=8|--b--|");
        assertPasses("Content-Transfer-Encoding: x-yencode||not encoded|");
    }

    /** Python goes by the octal mode, others take any line for the beginning that says so. */
    @Test
    void uuencodeIsDecodedFromEachLineThatMayBeginIt() {
        String head = MIXED + "--b|" + NAMED + "Content-Transfer-Encoding: x-uuencode||";
        assertRefused(head + "beginning of a text||begin 644 a.pdf|&35J0 `, |`|end|--b--|", "a Windows program");
        assertRefused(head + "begin a.pdf|&35J0 `, |`|end|--b--|", "a Windows program");
    }

    /** Of "MZ\x90\0\3\0", "%PDF-1" and "Cat"; as KMail shows them, and Mozilla's programs where no type is said. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "||begin 644 a.pdf|&35J0 `, |`|end|",
                "||beginning and begibegin|to begin|=begin|begibegin 644|nbegin 644 a.pdf|begin 644 a.pdf|&35J0 `, |`|end|",
                "Content-Type: text/plain|Content-Transfer-Encoding: quoted-printable||=62egin 644 a.pdf|&35J0 `, =|",
                "Content-Type: a/b|Content-Transfer-Encoding: x-uuencode||begin 644 a.pdf|&35J0 `, |`|end|",
                "Content-Type: message/rfc822||Subject: x||begin 644 a.pdf|&35J0 `, |`|end|",
                "||begin 644 a.txt|#0V%T|`|end|begin 0755 a.pdf|&35J0 `, |",
                "||=ybegin line=128 size=6 name=a.pdf|w\u0084\u00ba*-*|=yend size=6|",
                "||begin 644 a.pdf||`|&35J0 `, |end|",
                "||begin 999 a.pdf|&35J0 `, |`|end|",
                "Content-Type: text/html||<p>|begin 644 a.pdf|&35J0 `, |`|end|",
                "Content-Type: text/plain|Content-Transfer-Encoding: base64||begin 644 a.pdf|&35J0 `, |`|end|",
                "Content-Type: text/x|Content-Transfer-Encoding: quoted-printable||begin 644 a.pdf|=35J0 `, |`|end|",
            })
    void filesInATextAreJudged(String part) {
        assertRefused(part, "a Windows program");
        assertRefused(MIXED + "--b|" + part + "|--b--|", "\"a.pdf\": in its text, name says PDF");
        assertPasses(part.replace("a.pdf", "a.exe"));
        assertPasses(part.replace("35J0 `, ", ")5!$1BTQ").replace("w\u0084\u00ba*-*", "OznpW["));
    }

    @Test
    void filesInATextAreJudgedThoughItIsBase64() {
        String head = "Content-Type: text/plain|Content-Transfer-Encoding: base64||";
        String file = lines("Hello|begin 644 a.pdf|&35J0 `, |`|end|");
        assertRefused(head + Base64.getEncoder().encodeToString(octets(file)), "a Windows program");
        assertPasses(head + Base64.getEncoder().encodeToString(octets(file.replace("pdf", "exe"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A file begins so:|begin 644 cat.jpg|#0V%T|`|end|",
                "begin 644 times with a.pdf|MZ|",
                "begin 64 a.pdf|&35J0 `, |`|end|",
                "> begin 644 a.pdf|&35J0 `, |`|end|",
                "begin 644 a.txt|#0V%T|`|end||then the next: MZ",
                "begin|=ybegin|begin 644|begin 644 |=ybegin name=|b|="
            })
    void aTextMaySpeakOfFiles(String text) {
        assertPasses("|" + text);
    }

    /** However its line is cut into blocks. */
    @Test
    void aNameThatNoFileCanHaveBeginsNone() {
        String file = "|begin 644 " + "a".repeat(986) + ".pdf|&35J0 `, |`|end|";
        assertRefused(file, "a Windows program");
        assertPasses(file.replace(".pdf", "aa.pdf"));
    }

    @Test
    void filesInATextThatAreJudgedCountAsParts() {
        assertRefused("|" + "begin 644 a.txt|#0V%T|`|end|".repeat(1001), "over 1000 parts");
        assertPasses("|" + "begin 644 a.txt||end|begin 644 cat|#0V%T|`|end|=ybegin name=a.pdf|".repeat(1001));
    }

    // names

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Python's and Nodemailer's UTF-16 is little-endian, the JDK's is not
                "filename*=utf-16''a%00.%00p%00d%00f%00",
                "filename*=utf-32''a%00%00%00.%00%00%00p%00%00%00d%00%00%00f%00%00%00",
                "filename=\"=?utf-16?B?YQAuAHAAZABmAA==?=\"",
                // characters and base64 split between words
                "filename=\"=?utf-16be?B?AGEALgBwAA==?= =?utf-16be?B?ZABm?=\"",
                "filename=\"=?utf-16be?Q?=00a=00.=00p=00?= =?UTF-16BE?B?ZABm?=\"",
                "filename=\"=?x?q?y =?utf-16be?B?AGEALgBwAA==?= =?utf-16be?B?ZABm?=\"",
                "filename=\"=?utf-8?B?YS?= =?utf-8?B?5wZGY=?=\"",
                // words that are none by the RFC
                "filename=\"=?utf-8?Q?a?b=2Epdf?=\"",
                "filename=\"=??Q?a=2Epdf?=\"",
                "filename=\"=? utf-8 ?Q?a=2Epdf?=\"",
                "filename=\"=?utf-8?B?YS5wZGYAA?=\"",
                "filename=\"=?utf-8?B?Pz8_YS5wZGY=?=\"",
                // characters that programs drop
                "filename*=utf-8''a.pdf%7F",
                "filename*=utf-8''a.p%C2%85df",
                "filename*=utf-8''a.p%E2%80%A8df",
                "filename*=utf-8''a.pdf%EE%80%80",
                "filename*=utf-8''a.pdf%E1%9A%80",
                "filename=\"a.p\tdf\"",
                "filename=\"a.p df\"",
                "filename*=utf-8''a%E2%80%AEx%E2%80%AC%E2%80%AEfdp.exe",
                // sections
                "filename *0=a.; filename *1=pdf",
                "filename (c) *0=a.; filename * 1=pdf",
                "filename*a=a.pdf; filename*b=x",
                // Nodemailer takes comments out first
                "f(c)ilename=a.pdf",
                "x=\"(\"; nam(\\))e=\"a.pdf\"",
                "filename*(c)0*=utf-8''a%2E; file(\")name*1=pdf",
                // Python and JavaScript take blanks of any script off the ends of a parameter's name
                "\u00a0filename=a.pdf",
                "\u00e3\u0080\u0080 filename*0=a.; \u00ef\u00bb\u00bffilename*1=pdf",
                "x=\";\u00a0filename=a.pdf\"",
                "filename\u00a0*=utf-8''a.pdf",
                // to Python a token ends where none can go on
                "filename=a.pdf*",
                "filename*=utf-8''a.pdf=",
                "filename*0*=utf-8''a.,; filename*1*=%70df",
                "filename\u00e2\u0080\u0083=\"a.pdf\""
            })
    void namesThatOnlySomeReadersMakeOutAreJudged(String name) {
        String head = MIXED + "--b|Content-Disposition: attachment; " + name + "|" + BASE64 + "|";
        assertRefused(head + MZ + "|--b--|", "a Windows program");
        if (!name.contains(".exe")) {
            assertPasses(head + GOOD + "|--b--|");
        }
    }

    /** Else a few megabytes of fields cost many seconds. */
    @Test
    void allNamesTogetherHaveABound() {
        String part = "--b|Content-Disposition: attachment; filename=\"WORDS.txt\"||x|";
        String letter = "=D0=96=D1=8F";
        String honest = ("=?utf-8?Q?" + letter.repeat(5) + "?=| ").repeat(10);
        String some = MIXED + part.replace("WORDS", honest).repeat(300) + "--b--|";
        assertThat(Fixture.send(RULES, lines(some)).detail()).isEmpty();
        String many = MIXED + part.replace("WORDS", honest.repeat(5)).repeat(900) + "--b--|";
        assertThat(Fixture.send(RULES, lines(many)).detail()).contains("names over 2097152 characters");
    }

    // messages within

    private static String encoded(String message) {
        return Base64.getMimeEncoder().encodeToString(octets(lines(message))).replace("\r\n", "|") + "|";
    }

    @ParameterizedTest
    @ValueSource(strings = {"message/rfc822", "message/global", "message/partial; id=x", "message/external-body; a=b"})
    void aMessageWithinIsWalkedAlsoWhenItIsEncoded(String type) {
        String head = "Content-Type: " + type + "|";
        String inner = "Subject: x|" + MIXED + "--b|";
        assertRefused(head + "|" + inner + PROGRAM + "--b--|", "part 2 \"a.pdf\"");
        assertRefused(head + BASE64 + "|" + encoded(inner + PROGRAM + "--b--|"), "part 2 \"a.pdf\"");
        assertRefused(
                head + BASE64 + "|" + encoded(head + BASE64 + "|" + encoded(inner + PROGRAM + "--b--|")), "\"a.pdf\"");
        assertRefused(
                head + "Content-Transfer-Encoding: quoted-printable||"
                        + (inner + PROGRAM + "--b--|").replace("=", "=3D"),
                "part 2 \"a.pdf\"");
        assertRefused(head + BASE64 + "|" + encoded(inner + PROGRAM + "--b--|").replace("|", "*|"), "part 2 \"a.pdf\"");
        assertPasses(head + BASE64 + "|" + encoded(inner + NAMED + BASE64 + "|" + GOOD + "|--b--|"));
        assertPasses(head + BASE64 + "|" + encoded(inner));
        assertPasses(head + BASE64 + "|no base64 ?|");
        assertPasses(MIXED + "--b|" + head + BASE64 + "|" + encoded(inner) + "--b--|");
    }

    /** Apache mime4j takes a type that is none for none, and a part of a digest without a type is a message. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "multipart mixed",
                "a/b/c",
                "/x",
                "x/",
                "a b/c",
                "multipart/",
                "multipart/mixed",
                "text/plain, x"
            })
    void aPartOfADigestWhoseTypeIsNoneIsAMessageToSome(String type) {
        String head = "Content-Type: multipart/digest; boundary=d||--d|Content-Type: " + type + "|";
        if (!type.startsWith("multipart/")) { // which has to have its parts
            assertRefused(head + "|" + PROGRAM + "--d--|", "name says PDF, content is a Windows program");
            assertPasses(head + "|" + PROGRAM.replace(MZ, GOOD) + "--d--|");
            assertPasses(head.replace("digest", "mixed") + "|" + PROGRAM + "--d--|");
        }
        String quoted = "Content-Type: message/rfc822||" + head;
        assertRefused(quoted + "|" + PROGRAM + "--d--|", "name says PDF, content is a Windows program");
        assertRefused(
                quoted + BASE64 + "|" + encoded(PROGRAM) + "--d--|", "name says PDF, content is a Windows program");
        assertPasses(quoted + BASE64 + "|" + encoded(PROGRAM.replace(MZ, GOOD)) + "--d--|");
    }

    @Test
    void aProgramIsNoMessage() {
        assertRefused("Content-Type: message/rfc822; name=a.pdf|" + BASE64 + "|" + MZ + "|", "a Windows program");
        assertPasses("Content-Type: message/rfc822; name=\"Re: a.pdf\"||Subject: x||y|");
    }

    @Test
    void encodedMessagesWithinEachOtherAreBounded() {
        String message = "Subject: x||y|";
        for (int i = 0; i < 16; i++) {
            message = "Content-Type: message/rfc822|Content-Transfer-Encoding: quoted-printable||" + message;
        }
        assertRefused(message, "over 16 parts within each other that can be read in two ways");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: message/rfc822|" + BASE64 + "|U3ViamVjdDogeA0KDQp5DQo=|",
                "Content-Type: message/rfc822||Content-Type: text/plain; name=a.txt|rubbish|X: y||z|"
            })
    void partsBehindEachOtherThatCanBeReadInTwoWaysAreNot(String part) {
        assertPasses(MIXED + ("--b|" + part).repeat(40) + "--b--|");
    }

    @Test
    void anotherReadingOfAPartCountsAsAPart() {
        String part = "--d|Content-Type: text/plain||x|";
        String most = "Content-Type: message/rfc822||Content-Type: multipart/digest; boundary=d||" + part.repeat(997);
        String inTwoWays = "--d|Content-Type: multipart/mixed||--d--|";
        assertPasses(most + inTwoWays);
        assertPasses(most + part + part + "--d--|");
        assertRefused(most + part + inTwoWays, "over 1000 parts");
    }

    @Test
    void whatIsBehindAMultipartWithinAnotherIsJudged() {
        String inner = MIXED + "--b|Content-Type: multipart/alternative; boundary=c||--c||x|--c--||--b|";
        assertRefused(inner + PROGRAM + "--b--|", "part 3 \"a.pdf\": name says PDF, content is a Windows program");
        assertPasses(inner + PROGRAM.replace(MZ, GOOD) + "--b--|");
    }

    static Stream<String> oddQuotedMessages() {
        return Stream.of(
                // without a boundary, a reader guesses it
                "Content-Type: multipart/mixed||--x||hello|--x|" + PROGRAM + "--x--|",
                // the standard's boundary does not come up, the other one does
                "Content-Type: multipart/mixed; boundary=abc (x)||--abc (x)|" + PROGRAM,
                // to some the header ends where a line is no field
                MIXED + "--b|" + NAMED + "MZ\u0090\1\2\3\4\5\6\7|" + "|%PDF-1.4|--b--|",
                "Content-Type: multipart/mixed; boundary=b|rubbish|--b|" + PROGRAM + "--b--|",
                // what cannot be decoded, and what holds parts, is shown as it stands
                MIXED + "--b|" + NAMED + BASE64 + "|MZ\u0090\1\2\3\4\5\6\7\1\1\1|--b--|",
                "Content-Type: multipart/mixed; boundary=b|" + NAMED + BASE64 + "|MZ\u0090\1\2\3\4\5\6\7\1|",
                MIXED + "--b|" + NAMED + BASE64 + "MZ\u0090\1\2\3\4\5\6\7|" + "|JVBERi0xLjQK|--b--|",
                // to some the part is of the digest, and a message
                "Content-Type: multipart/digest; boundary=b||--b|Content-Type: multipart/mixed; boundary=b||--b||Subject: x|"
                        + MIXED.replace("=b", "=c").replace("--b", "--c") + "--c|" + PROGRAM + "--c--|--b--|",
                // some readers take blanks off a first line
                " " + MIXED + "--b|\t" + PROGRAM,
                MIXED + "--b|rubbish| " + PROGRAM,
                // a header over the limits
                "X: y|".repeat(2001) + MIXED + "--b|" + PROGRAM + "--b--|",
                "X: " + "y".repeat(1 << 20) + "|" + MIXED + "--b|" + PROGRAM + "--b--|",
                "Content-Type: text/plain|" + MIXED.replace("||", "|Content-Type: text/html||") + "--b|" + PROGRAM
                        + "--b--|");
    }

    @ParameterizedTest
    @MethodSource("oddQuotedMessages")
    void whatLenientReadersSeeInAQuotedMessageIsJudged(String quoted) {
        assertThat(Fixture.send(RULES, octets(lines("Content-Type: message/rfc822||" + quoted)), 1000, origin())
                        .passed())
                .isFalse();
        assertPasses("Content-Type: message/rfc822||"
                + quoted.replace(PROGRAM, "|x|")
                        .replace("MZ\u0090\1\2\3\4\5\6\7", "JVBERi0xLjQK")
                        .replace("multipart/mixed", "multipart/x"));
    }

    @Test
    void theDetailNamesThePartThroughAllLevels() {
        String inner = "Content-Type: multipart/alternative; boundary=c||--c||x|--c|" + PROGRAM + "--c--|";
        assertRefused(
                "Content-Type: multipart/mixed; boundary=a||--a|Content-Type: message/rfc822|" + BASE64 + "|"
                        + encoded(MIXED + "--b|" + inner + "--b--|") + "--a--|",
                "part 1.2.2 \"a.pdf\": name says PDF, content is a Windows program");
        assertRefused("rubbish||x|", "header line 1 is no field (RFC 5322 section 2.2): \"rubbish\"");
        assertRefused(
                "Content-Type: multipart/mixed (x)||x|",
                "multipart without a boundary that is clear (RFC 2046 section 5.1.1): \"multipart/mixed (x)\"");
    }
}
