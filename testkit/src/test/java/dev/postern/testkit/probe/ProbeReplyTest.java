package dev.postern.testkit.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.EnhancedStatus;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.tools.OnAnyJdk;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class ProbeReplyTest {

    @Test
    void takesAReplyApart() {
        ProbeReply reply = ProbeReply.parse("550-5.1.1 one\r\n550 5.1.2 two three\r\n");

        assertThat(reply.code()).isEqualTo(550);
        assertThat(reply.lines()).containsExactly("5.1.1 one", "5.1.2 two three");
        assertThat(reply.enhancedStatus()).contains(new EnhancedStatus(5, 1, 2));
        assertThat(reply.text()).isEqualTo("two three");
        assertThat(reply.wire()).isEqualTo(Octets.of("550-5.1.1 one\r\n550 5.1.2 two three\r\n"));
        assertThat(reply).hasToString("550 5.1.1 one / 5.1.2 two three");
        assertThat(reply).isEqualTo(ProbeReply.parse("550-5.1.1 one\r\n550 5.1.2 two three\r\n"));
        assertThat(reply).isNotEqualTo(ProbeReply.parse("550 5.1.2 two three\r\n"));
    }

    @Test
    void listsTheExtensionsOfEhlo() {
        assertThat(ProbeReply.parse("250-host\r\n250-SIZE 1000\r\n250 DSN\r\n").extensions())
                .containsExactly("SIZE 1000", "DSN");
        assertThat(ProbeReply.parse("250 host\r\n").extensions()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void acceptsWhatTheRfcAllows(String wire, String text) {
        assertThat(ProbeReply.parse(wire).text()).isEqualTo(text);
        assertThat(ProbeReply.parse(wire).enhancedStatus()).isEmpty();
    }

    static Stream<Arguments> acceptsWhatTheRfcAllows() {
        return Stream.of(
                Arguments.of("250\r\n", ""),
                Arguments.of("250 \r\n", ""),
                Arguments.of("354 a\tb\r\n", "a\tb"),
                Arguments.of("250 2.1 no status\r\n", "2.1 no status"));
    }

    @ParameterizedTest
    @MethodSource
    void refusesWhatIsMalformedAndShowsTheOctets(String wire, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProbeReply.parse(wire))
                .withMessage("Malformed reply: line " + message);
    }

    static Stream<Arguments> refusesWhatIsMalformedAndShowsTheOctets() {
        String notText = "is not a code and printable US-ASCII: ";
        return Stream.of(
                Arguments.of("250 ok\n", "does not end with CRLF: \"250 ok\\n\""),
                Arguments.of("250 ok", "does not end with CRLF: \"250 ok\""),
                Arguments.of("250 o\rk\r\n", notText + "\"250 o\\rk\\r\\n\""),
                Arguments.of("250 \u00e9\r\n", notText + "\"250 \\xc3\\xa9\\r\\n\""),
                Arguments.of("250ok\r\n", notText + "\"250ok\\r\\n\""),
                Arguments.of("25 ok\r\n", notText + "\"25 ok\\r\\n\""),
                Arguments.of("199 ok\r\n", notText + "\"199 ok\\r\\n\""),
                Arguments.of("560 ok\r\n", notText + "\"560 ok\\r\\n\""),
                Arguments.of("\r\n", notText + "\"\\r\\n\""),
                Arguments.of("250-a\r\n251 b\r\n", "has another code than the line before, 250: \"251 b\\r\\n\""),
                Arguments.of("250-a\r\n", "is not the last of a reply: \"250-a\\r\\n\""),
                Arguments.of("250 a\r\n250 b\r\n", "is followed by more than the reply: \"250 a\\r\\n250 b\\r\\n\""));
    }

    @Test
    void acceptsLinesOf512OctetsAndNotOneMore() {
        assertThat(ProbeReply.parse("250 " + "x".repeat(506) + "\r\n").text()).hasSize(506);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProbeReply.parse("250 " + "x".repeat(507) + "\r\n"))
                .withMessageContaining("has 513 octets, more than 512");
    }
}
