package dev.postern.spi;

import static dev.postern.spi.StandardReplyTest.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("any-jdk")
class ReplyTest {

    private static final EnhancedStatus OTHER = EnhancedStatus.parse("5.0.0");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\rb",
                "a\nb",
                "a\r\nb",
                "a\tb",
                "a\0b",
                "a\u007fb",
                "\u00fc",
                "\u20ac",
                "\u0085",
                "\ud83d\ude00"
            })
    void refusesTextThatIsNotPrintableAscii(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.of(550, OTHER, text))
                .withMessageContaining("printable");
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.withoutStatus(220, "ok", text));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.of(550, OTHER, "ok").withLines(List.of(text)));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -250, 0, 99, 199, 560, 600, 2500})
    void refusesCodesOutOfRange(int code) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.withoutStatus(code, "text"))
                .withMessageContaining("code must be 200 to 559");
    }

    @ParameterizedTest
    @CsvSource({"250, 4.0.0", "250, 5.0.0", "421, 2.0.0", "421, 5.0.0", "550, 4.0.0", "550, 2.0.0", "354, 2.0.0"})
    void refusesAStatusOfAnotherClass(int code, String status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.of(code, EnhancedStatus.parse(status), "text"))
                .withMessageContaining(status);
    }

    @Test
    void aLineHas512OctetsAtMost() {
        String longest = "x".repeat(512 - "550 5.0.0 \r\n".length());
        assertThat(wire(Reply.of(550, OTHER, longest))).hasSize(512);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.of(550, OTHER, longest + "x"))
                .withMessageContaining("512");
        assertThat(wire(Reply.withoutStatus(250, longest + "x".repeat(6)))).hasSize(512);
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.withoutStatus(250, longest + "x".repeat(7)));
    }

    @Test
    void hasOneTo200Lines() {
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.withoutStatus(250));
        String[] most = Collections.nCopies(200, "line").toArray(String[]::new);
        assertThat(Reply.of(550, OTHER, most).lines()).hasSize(200);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Reply.of(550, OTHER, Collections.nCopies(201, "line").toArray(String[]::new)))
                .withMessageContaining("200");
    }

    @Test
    void repeatsCodeAndStatusOnEveryLine() {
        Reply reply = Reply.of(550, EnhancedStatus.parse("5.1.1"), "one", "", "three");
        assertThat(wire(reply)).isEqualTo("550-5.1.1 one\r\n550-5.1.1 \r\n550 5.1.1 three\r\n");
        assertThat(wire(Reply.withoutStatus(250, "relay.test", "SIZE", "HELP")))
                .isEqualTo("250-relay.test\r\n250-SIZE\r\n250 HELP\r\n");
        assertThat(reply).hasToString("550 5.1.1 one /  / three");
    }

    @Test
    void closingChangesNothingButTheConnectionsFate() {
        Reply open = Reply.of(550, OTHER, "text");
        Reply closing = open.closing();
        assertThat(open.closes()).isFalse();
        assertThat(closing.closes()).isTrue();
        assertThat(wire(closing)).isEqualTo(wire(open));
        assertThat(closing.closing()).isSameAs(closing);
        assertThat(closing).isNotEqualTo(open);
        assertThat(closing.withLines(List.of("other")).closes()).isTrue();
    }

    @Test
    void equalsByOctets() {
        Reply reply = Reply.of(421, EnhancedStatus.parse("4.3.0"), "Internal error, closing connection");
        assertThat(reply.closing()).isEqualTo(StandardReply.INTERNAL_ERROR.reply());
        assertThat(reply.closing()).hasSameHashCodeAs(StandardReply.INTERNAL_ERROR.reply());
        assertThat(reply.standard()).isEmpty();
        assertThat(StandardReply.INTERNAL_ERROR.reply().closing().standard()).contains(StandardReply.INTERNAL_ERROR);
    }

    @ParameterizedTest
    @MethodSource("upstreamReplies")
    void passesOnAnUpstreamsReply(int code, List<String> lines, String wire) {
        assertThat(wire(Reply.fromUpstream(code, lines))).isEqualTo(wire);
    }

    static Stream<Arguments> upstreamReplies() {
        return Stream.of(
                arguments(550, List.of("5.1.1 No such user"), "550 5.1.1 No such user\r\n"),
                arguments(550, List.of("No such user"), "550 5.0.0 No such user\r\n"),
                arguments(451, List.of("try later"), "451 4.0.0 try later\r\n"),
                arguments(250, List.of("Ok"), "250 2.0.0 Ok\r\n"),
                arguments(550, List.of("4.1.1 of the wrong class"), "550 5.0.0 4.1.1 of the wrong class\r\n"),
                arguments(550, List.of("5.1.1"), "550 5.1.1 \r\n"),
                arguments(550, List.of("5.1.1.1 is none"), "550 5.0.0 5.1.1.1 is none\r\n"),
                arguments(550, List.of("5.1.1000 is none"), "550 5.0.0 5.1.1000 is none\r\n"),
                arguments(550, List.of(), "550 5.0.0 \r\n"),
                arguments(550, List.of("", ""), "550-5.0.0 \r\n550 5.0.0 \r\n"),
                arguments(550, List.of("5.7.1 a", "5.7.1 b"), "550-5.7.1 a\r\n550 5.7.1 b\r\n"),
                arguments(550, List.of("5.7.1 a", "5.9.9 b", "c"), "550-5.7.1 a\r\n550-5.7.1 b\r\n550 5.7.1 c\r\n"),
                arguments(550, List.of("a", "5.9.9 b"), "550-5.9.9 a\r\n550 5.9.9 b\r\n"),
                arguments(550, List.of("5.1.1 a\r\n250 Ok"), "550 5.1.1 a??250 Ok\r\n"),
                arguments(550, List.of("gr\u00fc\u00dfe\t\0\u007f"), "550 5.0.0 gr??e???\r\n"));
    }

    @Test
    void cutsAnUpstreamsLinesTo512OctetsAnd200Lines() {
        Reply reply = Reply.fromUpstream(550, Collections.nCopies(1000, "5.111.222 " + "y".repeat(1000)));
        assertThat(reply.lines()).hasSize(200);
        assertThat(wire(reply).split("\r\n", -1)[0]).hasSize(510).startsWith("550-5.111.222 yyy");
        assertThat(wire(Reply.fromUpstream(550, List.of("z".repeat(600))))).hasSize(512);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 199, 300, 334, 354, 399, 560, 600, 999})
    void anUpstreamEndsNoCommandWithThisCode(int code) {
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.fromUpstream(code, List.of("text")));
    }

    @Test
    void nothingThatAnUpstreamSaysCanSpoilAReply() {
        Random random = new Random(20260115);
        for (int round = 0; round < 500; round++) {
            List<String> lines = random.ints(random.nextInt(4), 0, 700)
                    .mapToObj(length -> (random.nextBoolean() ? "5.7.1 " : "") + text(random, length))
                    .toList();
            String wire = wire(Reply.fromUpstream(554, lines));
            assertThat(wire).matches("(554-[ -~]{0,506}\r\n)*554 [ -~]{0,506}\r\n");
        }
    }

    private static String text(Random random, int length) {
        return random.ints(length, 0, 0x3000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void printableReplacesAndCuts() {
        assertThat(Reply.printable("a\u00fc\r\n~ b", 100)).isEqualTo("a???~ b");
        assertThat(Reply.printable("abcdef", 3)).isEqualTo("abc");
        assertThat(Reply.printable("abcdef", 0)).isEmpty();
    }
}
