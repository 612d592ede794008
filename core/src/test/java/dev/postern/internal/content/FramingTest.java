package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static dev.postern.internal.content.Fixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.ContentGate.Receiver;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class FramingTest {

    private static final MessageRules NORMALIZING = Fixture.PLAIN;
    private static final MessageRules STRICT = Fixture.PLAIN.with(Check.LINE_ENDINGS);
    private static final String BARE = "550 5.5.2 Bare CR, LF or NUL is not allowed in message content";
    private static final String TAIL = "\r\n.\r\nQUIT\r\n";

    /** What a framer makes of the wire. */
    private record Framed(boolean ended, int consumed, String result) {}

    private static Framed frame(MessageRules rules, byte[] wire, int... cuts) {
        try (ContentGate gate = Fixture.gate(rules);
                Receiver receiver = Fixture.open(gate)) {
            int consumed = 0;
            int from = 0;
            for (int i = 0; i <= cuts.length && !receiver.ended(); i++) {
                int to = i < cuts.length ? cuts[i] : wire.length;
                consumed += receiver.data(wire, from, to - from);
                from = to;
            }
            if (!receiver.ended()) {
                return new Framed(false, consumed, "");
            }
            var result = Fixture.result(receiver.finish(origin()));
            assertThat(result.eightBit()).isEqualTo(result.content().chars().anyMatch(c -> c > 127));
            return new Framed(
                    true,
                    consumed,
                    result.passed() ? result.content() : result.reply().toString());
        }
    }

    private static void assertSameHoweverCut(MessageRules rules, byte[] wire, Framed whole) {
        for (int i = 0; i <= wire.length; i++) {
            assertThat(frame(rules, wire, i)).as("cut at %d", i).isEqualTo(whole);
        }
        int[] everywhere = new int[wire.length];
        for (int i = 0; i < wire.length; i++) {
            everywhere[i] = i + 1;
        }
        assertThat(frame(rules, wire, everywhere)).as("octet by octet").isEqualTo(whole);
    }

    private static Arguments passes(String wire, String content) {
        return Arguments.of(wire, content, content);
    }

    static Stream<Arguments> contents() {
        return Stream.of(
                passes(".\r\n", ""),
                passes("\r\n.\r\n", "\r\n"),
                passes("a\r\n.\r\n", "a\r\n"),
                passes("..\r\n.\r\n", ".\r\n"),
                passes("...a\r\n.\r\n", "..a\r\n"),
                passes(".a\r\n..b\r\n.\r\n", "a\r\n.b\r\n"),
                passes("a.\r\nb..\r\n.\r\n", "a.\r\nb..\r\n"),
                passes("\r\n\r\n..\r\n\r\n.\r\n", "\r\n\r\n.\r\n\r\n"),
                passes(
                        "tab\there\013\f\016 long enough for words of eight octets\r\n.\r\n",
                        "tab\there\013\f\016 long enough for words of eight octets\r\n"),
                passes(
                        "8-bit \u00e4\u0085\u008d\u008a\u00ff and more\r\n.\r\n",
                        "8-bit \u00e4\u0085\u008d\u008a\u00ff and more\r\n"),
                // what follows the end is not the message's, whatever it is
                passes("a\r\n.\r\n\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\0\r", "a\r\n"));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void takesDotsOffAndStopsBehindTheEnd(String wire, String content) {
        byte[] octets = octets(wire);
        int end = wire.indexOf(".\r\n") == 0 ? 3 : wire.indexOf("\r\n.\r\n") + 5;
        assertThat(frame(NORMALIZING, octets)).isEqualTo(new Framed(true, end, content));
        assertSameHoweverCut(NORMALIZING, octets, new Framed(true, end, content));
        assertSameHoweverCut(STRICT, octets, new Framed(true, end, content));
    }

    /** Each begins in the middle of content and is followed by the true end; none may end the data by itself. */
    static Stream<Arguments> smuggling() {
        return Stream.of(
                Arguments.of("\n.\n", "a\r\n.\r\nb\r\n", BARE),
                Arguments.of("\n.\r\n", "a\r\n.\r\nb\r\n", BARE),
                Arguments.of("\r\n.\n", "a\r\n\r\nb\r\n", BARE),
                Arguments.of("\r.\r", BARE, BARE),
                Arguments.of("\r.\r\n", BARE, BARE),
                Arguments.of("\r\n.\r", BARE, BARE),
                Arguments.of("\r\n.\r\r\n", BARE, BARE),
                Arguments.of("\r\r\n.\n", BARE, BARE),
                Arguments.of("\n\r.\r\n", BARE, BARE),
                Arguments.of("\r\n\0.\r\n", BARE, BARE),
                Arguments.of("\r\n.\0\r\n", BARE, BARE),
                Arguments.of("\r\n..\n", "a\r\n.\r\nb\r\n", BARE),
                Arguments.of("\n..\r\n", "a\r\n..\r\nb\r\n", BARE),
                Arguments.of("\n\n.\n\n", "a\r\n\r\n.\r\n\r\nb\r\n", BARE),
                Arguments.of("\u0085.\u0085", "a\u0085.\u0085b\r\n", "a\u0085.\u0085b\r\n"),
                Arguments.of("\r\n.\u0085", "a\r\n\u0085b\r\n", "a\r\n\u0085b\r\n"),
                Arguments.of(
                        "\u00e2\u0080\u00a8.\u00e2\u0080\u00a8",
                        "a\u00e2\u0080\u00a8.\u00e2\u0080\u00a8b\r\n",
                        "a\u00e2\u0080\u00a8.\u00e2\u0080\u00a8b\r\n"),
                Arguments.of("\r\n. \r\n", "a\r\n \r\nb\r\n", "a\r\n \r\nb\r\n"),
                Arguments.of("\013.\013", "a\013.\013b\r\n", "a\013.\013b\r\n"));
    }

    @ParameterizedTest
    @MethodSource("smuggling")
    void endsDataOnlyAtTheTrueEnd(String variant, String normalized, String strict) {
        byte[] wire = octets("a" + variant + "b" + TAIL);
        int end = wire.length - "QUIT\r\n".length();
        assertSameHoweverCut(NORMALIZING, wire, new Framed(true, end, normalized));
        assertSameHoweverCut(STRICT, wire, new Framed(true, end, strict));
    }

    @ParameterizedTest
    @MethodSource("smuggling")
    void doesNotEndDataAtAnImitation(String variant) {
        byte[] wire = octets("a" + variant);
        assertSameHoweverCut(NORMALIZING, wire, new Framed(false, wire.length, ""));
        assertSameHoweverCut(STRICT, wire, new Framed(false, wire.length, ""));
    }

    @Test
    void refusesNulAtEveryPlaceOfAWordWith550() {
        for (int i = 0; i < 40; i++) {
            byte[] wire = octets("x".repeat(40) + "\r\n.\r\n");
            wire[i] = 0;
            assertThat(frame(NORMALIZING, wire)).isEqualTo(new Framed(true, wire.length, BARE));
        }
    }

    @Test
    void framesRandomOctetsAsAByteWiseReferenceDoes() {
        Random random = new Random(20260304);
        String alphabet = "\r\r\r\r\n\n\n\n....aaaa\0\t\u0080\u008d\u008a\u00ae";
        int ended = 0;
        int passed = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int pieces = random.nextInt(30);
            for (int i = 0; i < pieces; i++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> text.append("\r\n");
                    case 2 -> text.append("x".repeat(random.nextInt(20)));
                    case 3 -> text.append(random.nextBoolean() ? "\r\n." : "\n");
                    default ->
                        text.append(alphabet.charAt(random.nextInt(random.nextInt(4) == 0 ? alphabet.length() : 20)));
                }
            }
            byte[] wire = octets(text + (random.nextInt(4) == 0 ? "" : TAIL));
            boolean strict = random.nextBoolean();
            Framed expected = reference(wire, strict);
            int cut = random.nextInt(wire.length + 1);
            int second = cut + random.nextInt(wire.length - cut + 1);
            assertThat(frame(strict ? STRICT : NORMALIZING, wire, cut, second))
                    .as("strict %s, cut at %d and %d: %s", strict, cut, second, text)
                    .isEqualTo(expected);
            ended += expected.ended() ? 1 : 0;
            passed += expected.ended() && !expected.result().equals(BARE) ? 1 : 0;
        }
        // the generator makes enough of each kind
        assertThat(ended).isBetween(10_000, 19_000);
        assertThat(passed).isBetween(2_000, 18_000);
    }

    /** The rules, one octet at a time, written down apart from the product's scanner. */
    private static Framed reference(byte[] wire, boolean strict) {
        ByteArrayOutputStream clean = new ByteArrayOutputStream();
        boolean bare = false;
        String line = "\r\n"; // what precedes, as the wire has it
        int i = 0;
        while (i < wire.length) {
            boolean atStart = line.endsWith("\r\n");
            if (atStart && startsWith(wire, i, ".\r\n")) {
                return new Framed(true, i + 3, bare ? BARE : text(clean.toByteArray()));
            }
            if (atStart && wire[i] == '.') {
                i++;
                line = "";
                continue;
            }
            if (startsWith(wire, i, "\r\n")) {
                clean.writeBytes(octets("\r\n"));
                line = "\r\n";
                i += 2;
                continue;
            }
            byte octet = wire[i++];
            line = "";
            bare |= octet == '\r' || octet == 0 || octet == '\n' && strict;
            clean.writeBytes(octet == '\n' ? octets("\r\n") : new byte[] {octet});
        }
        return new Framed(false, wire.length, "");
    }

    private static boolean startsWith(byte[] wire, int at, String what) {
        return text(wire).startsWith(what, at);
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void takesChunksAsTheyAre(String sent, String normalized, String strict) {
        byte[] octets = octets(sent);
        for (int block = 1; block <= octets.length + 1; block++) {
            for (boolean strictly : new boolean[] {false, true}) {
                var result = Fixture.send(strictly ? STRICT : NORMALIZING, octets, block, origin());
                assertThat(result.passed() ? result.content() : result.reply().toString())
                        .as("blocks of %d, strict %s", block, strictly)
                        .isEqualTo(strictly ? strict : normalized);
            }
        }
    }

    static Stream<Arguments> chunks() {
        return Stream.of(
                Arguments.of("", "", ""),
                passes("a\r\n.\r\nb\r\n", "a\r\n.\r\nb\r\n"),
                passes(".\r\n", ".\r\n"),
                passes("..a\r\n", "..a\r\n"),
                passes("no end of line", "no end of line\r\n"),
                passes("a\r\nb", "a\r\nb\r\n"),
                passes(".", ".\r\n"),
                Arguments.of("a\nb\n", "a\r\nb\r\n", BARE),
                Arguments.of("a\n.\nb", "a\r\n.\r\nb\r\n", BARE),
                Arguments.of("a\r", BARE, BARE),
                Arguments.of("a\r\r\n", BARE, BARE),
                Arguments.of("\0", BARE, BARE),
                Arguments.of("a\rb\r\n", BARE, BARE));
    }
}
