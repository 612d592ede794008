package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.postern.settings.MessageRules;
import dev.postern.tools.OnAnyJdk;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What hostile content costs, by counts: octets looked at and octets allocated. Four times the content costs four times
 * as much at most, also where the limits that would end the walk are lifted; only the limit of depth stays.
 */
@OnAnyJdk
class GrowthTest {

    private static final int BLOCK = 16 * 1024;
    private static final int DEPTH = 49;
    private static final StructureLimits LIFTED =
            new StructureLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 50, Integer.MAX_VALUE);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What a message costs. */
    private record Cost(long work, long allocated) {}

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Cost cost(StructureLimits limits, byte[] message) {
        LineSplitter lines = new LineSplitter(MessageRules.defaults(), limits);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < message.length; i += BLOCK) {
            lines.accept(message, i, Math.min(BLOCK, message.length - i));
        }
        lines.end();
        return new Cost(lines.message().work(), THREADS.getCurrentThreadAllocatedBytes() - before);
    }

    private static String nested(String boundary) {
        StringBuilder message = new StringBuilder();
        for (int i = 0; i < DEPTH; i++) {
            message.append(i == 0 ? "" : "--" + boundary + (10 + i - 1) + "\r\n")
                    .append("Content-Type: multipart/mixed; boundary=\"" + boundary)
                    .append(10 + i)
                    .append("\"\r\n\r\n");
        }
        return message.toString();
    }

    private static Arguments hostile(String name, IntFunction<String> message) {
        return Arguments.of(name, message);
    }

    private static String mixed(String parts) {
        return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + "--b--\r\n";
    }

    static Stream<Arguments> hostileContent() {
        String boundary = "a".repeat(190);
        return Stream.of(
                hostile("tiny parts", n -> mixed("--b\r\n".repeat(20 * n))),
                hostile("parts with a header", n -> mixed("--b\r\nContent-Type: text/plain\r\n\r\n".repeat(5 * n))),
                hostile(
                        "multiparts",
                        n -> mixed("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n--c--\r\n"
                                .repeat(2 * n))),
                hostile("nested", n -> nested("x").repeat(1) + "y\r\n".repeat(10 * n)),
                hostile("prefixes of boundaries", n -> nested(boundary) + ("--" + boundary + "\r\n").repeat(n)),
                hostile("boundaries but for blanks", n -> nested(boundary) + ("--" + boundary + "10 x\r\n").repeat(n)),
                hostile("dashes", n -> nested("-".repeat(100)) + ("-".repeat(900) + "\r\n").repeat(n)),
                hostile("fields", n -> "X: y\r\n".repeat(30 * n) + "\r\n"),
                hostile("a folded field", n -> "X:" + " y\r\n".repeat(30 * n) + "\r\n"),
                hostile("a folded From:", n -> "From:" + " y\r\n".repeat(30 * n) + "\r\n"),
                hostile("From: fields", n -> "From: y\r\n".repeat(30 * n) + "\r\n"),
                hostile("a long line in the header", n -> "X:" + "y".repeat(200 * n) + "\r\n\r\n"),
                hostile("a long line in the body", n -> "X: y\r\n\r\n" + "y".repeat(200 * n)),
                hostile("encoded words", n -> "Subject: " + "=?utf-8?Q?=C3=A4?= ".repeat(20 * n) + "\r\n\r\n"),
                hostile("encoded words without end", n -> "Subject: " + "=?utf-8?Q?a".repeat(20 * n) + "\r\n\r\n"),
                hostile(
                        "file names",
                        n -> mixed(("--b\r\nContent-Disposition: attachment; filename=\""
                                        + "=?utf-8?Q?=C3=A4?= ".repeat(100) + "\"\r\n\r\nx\r\n")
                                .repeat(n / 5))),
                hostile("file names of a part", n -> {
                    StringBuilder names = new StringBuilder();
                    for (int i = 0; i < 500; i++) {
                        names.append(";filename=a").append(i).append(".txt");
                    }
                    return mixed(("--b\r\nContent-Disposition: a" + names + "\r\n\r\n" + "x".repeat(800) + "\r\n")
                            .repeat(n / 10));
                }),
                hostile("file names in pieces", n -> {
                    StringBuilder pieces = new StringBuilder();
                    for (int i = 0; i < 200; i++) {
                        pieces.append("; filename*").append(i).append("*=%41");
                    }
                    return mixed(("--b\r\nContent-Disposition: a" + pieces + "\r\n\r\nx\r\n").repeat(n / 5));
                }),
                hostile(
                        "parameters",
                        n -> mixed(
                                ("--b\r\nContent-Type: a/b" + ";n=v".repeat(1500) + "\r\n\r\nx\r\n").repeat(n / 10))),
                hostile(
                        "sections of a parameter apart from its name",
                        n -> mixed(("--b\r\nContent-Type: a/b; x " + "*".repeat(6000) + "=v\r\n\r\nx\r\n")
                                .repeat(n / 10))),
                hostile(
                        "comments",
                        n -> mixed(("--b\r\nContent-Type: " + "(".repeat(3000) + "a/b\r\n\r\nx\r\n").repeat(n / 10))),
                hostile("base64", n -> "Content-Transfer-Encoding: base64\r\n\r\n" + "QUJD".repeat(60 * n)),
                hostile(
                        "base64 of single symbols",
                        n -> "Content-Transfer-Encoding: base64\r\n\r\n" + "Q\r\n".repeat(40 * n)),
                hostile(
                        "quoted-printable",
                        n -> "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + "=3D".repeat(60 * n)),
                hostile(
                        "soft breaks",
                        n -> "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + "=\r\n".repeat(60 * n)),
                hostile("names of files in a text", n -> "X: y\r\n\r\n" + "begin 644 a\r\n".repeat(20 * n)),
                hostile("files in a text", n -> "X: y\r\n\r\n" + "begin 644 a.c\r\n#0V%T\r\n".repeat(10 * n)),
                hostile("a file in a text", n -> "X: y\r\n\r\nbegin 644 a.c\r\n" + "M\r\n".repeat(20 * n)),
                hostile("empty lines", n -> "\r\n".repeat(100 * n)),
                hostile(
                        "attachments",
                        n -> mixed("--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4\r\n"
                                .repeat(n))));
    }

    @ParameterizedTest
    @MethodSource("hostileContent")
    void fourTimesTheContentCostsFourTimesAsMuchAtMost(String name, IntFunction<String> message) {
        byte[] small = octets(message.apply(500));
        byte[] large = octets(message.apply(2000));
        cost(LIFTED, small); // classes are loaded by the first run
        Cost before = cost(LIFTED, small);
        Cost after = cost(LIFTED, large);
        assertThat(after.work()).as("octets looked at").isLessThanOrEqualTo(4 * before.work() + 1000);
        assertThat((double) after.allocated())
                .as("octets allocated")
                .isLessThanOrEqualTo(1.1 * 4 * before.allocated() + 100_000);
        // each octet once, and once more for each open boundary in lines that look like one
        assertThat(after.work()).isLessThanOrEqualTo((DEPTH + 2L) * large.length);
    }

    @ParameterizedTest
    @MethodSource("hostileContent")
    void theLimitsBoundWhatAMessageAllocates(String name, IntFunction<String> message) {
        byte[] large = octets(message.apply(12_000));
        cost(StructureLimits.DEFAULTS, octets(message.apply(10)));
        // of a thousand parts, each with fields of thousands of parameters, and on a JVM whose compiler spares no
        // allocation;
        // what is held at a time is less by far
        assertThat(cost(StructureLimits.DEFAULTS, large).allocated()).isLessThan(350L << 20);
    }

    /** The measure itself: octets of lines, once more for each boundary they are compared with and each further reading. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "X: y||body|;4 + 6",
                "~Content-Type: multipart/mixed; boundary=b||--b||x|--b--|~;~41 + 3 + 3 + 3 + 5 + 3 + 5 + 3~",
                "~Content-Type: text/plain (multipart/mixed; boundary=d)||--e|x|~;~54 + 3 + 3 + 4 + 3~",
                "~Content-Type: message/rfc822|Content-Transfer-Encoding: base64||U3ViamVjdDogeA==|~;~28 + 33 + 16 + 16 + 10~"
            })
    void whatIsLookedAtIsCounted(String message, String octets) {
        long sum = Stream.of(octets.split(" \\+ ")).mapToLong(Long::parseLong).sum();
        assertThat(cost(StructureLimits.DEFAULTS, octets(message.replace("|", "\r\n")))
                        .work())
                .isEqualTo(sum);
    }

    @Test
    void whatHasNoPartsIsWalkedWithoutAllocating() {
        for (String message : new String[] {
            "X: " + "y".repeat(4_000_000) + "\r\n\r\n",
            "X: y\r\n\r\n" + "y".repeat(4_000_000),
            "X: y\r\n\r\n" + "line\r\n".repeat(500_000),
            "Content-Transfer-Encoding: base64\r\n\r\n" + ("QUJD".repeat(19) + "\r\n").repeat(50_000),
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + "=3D=\r\n".repeat(500_000),
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--c\r\n".repeat(500_000) + "--b\r\n\r\n--b--\r\n"
        }) {
            byte[] content = octets(message);
            cost(LIFTED, content);
            assertThat(cost(LIFTED, content).allocated()).isLessThan(100_000);
        }
    }

    private static int searches(String name, String content) {
        byte[] message = octets(
                mixed(("--b\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\n" + content + "\r\n")
                        .repeat(999)));
        LineSplitter lines = new LineSplitter(MessageRules.defaults(), StructureLimits.DEFAULTS);
        lines.accept(message, 0, message.length);
        lines.end();
        assertThat(lines.defect().isPresent())
                .isEqualTo(lines.message().signatures.searches() > 0);
        return lines.message().signatures.searches();
    }

    /** A search in the whole registry costs as much as thousands of octets do else. */
    @ParameterizedTest
    @CsvSource({
        "a.txt,x",
        "a.csv,1;2",
        "a.html,<p>",
        "a.qqq,x",
        "a.pdf,%PDF-1.4",
        "a.mp3,no signature but text",
        "a.key,BEGIN",
        "a.pdf;name=b.pdf,%PDF-1.4"
    })
    void textAndWhatHasTheSignatureOfItsNameAreNotSearchedFor(String name, String content) {
        assertThat(searches(name, content)).isZero();
    }

    @Test
    void searchesForNothingMoreOfAMessageThatIsRefused() {
        assertThat(searches("a.png", "no picture")).isEqualTo(1);
    }

    @Test
    void searchesForAHundredPartsOfAMessageAtMost() {
        assertThat(searches("a.mp3", "\1\2\3")).isEqualTo(Signatures.MAX_SEARCHES + 1);
        assertThat(searches("a.txt", "\1\2\3")).isEqualTo(Signatures.MAX_SEARCHES + 1);
    }
}
