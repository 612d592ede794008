package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.mime.Multipart.Match;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnAnyJdk
class MultipartTest {

    private static Multipart multipart(boolean quoted, String... boundaries) {
        return new Multipart(List.of(boundaries), 1, false, quoted);
    }

    /** Lines stand in a buffer between others. */
    private static byte[] buffer(String line) {
        return ("--" + line + "--x").getBytes(StandardCharsets.UTF_8);
    }

    private static Match match(Multipart multipart, String line) {
        byte[] buffer = buffer(line);
        return multipart.match(buffer, 2, buffer.length - 3);
    }

    private static Match guess(Multipart multipart, String line) {
        byte[] buffer = buffer(line);
        return multipart.guess(buffer, 2, buffer.length - 3);
    }

    @ParameterizedTest
    @CsvSource({
        "--b,OPENS",
        "'--b \t',OPENS",
        "--b--,CLOSES",
        "'--b--\t ',CLOSES",
        "--b-,DOUBTFUL",
        "--b---,DOUBTFUL",
        "--b--x,DOUBTFUL",
        "--b-- x,DOUBTFUL",
        "--b x,DOUBTFUL",
        "'--b -',DOUBTFUL",
        "--bx,CONTENT",
        "--bb,CONTENT",
        "--B,CONTENT",
        "--,CONTENT",
        "-b,CONTENT"
    })
    void aDelimiterIsAWholeLine(String line, Match match) {
        assertThat(match(multipart(false, "b"), line)).isEqualTo(match);
    }

    @Test
    void whatIsInDoubtToOneReadingIsInDoubt() {
        assertThat(match(multipart(false, "b c", "b"), "--b c d")).isEqualTo(Match.DOUBTFUL);
        assertThat(match(multipart(false, "b", "b c"), "--b c d")).isEqualTo(Match.DOUBTFUL);
        assertThat(match(multipart(false, "b", "c"), "--b c")).isEqualTo(Match.DOUBTFUL);
        assertThat(match(multipart(false, "b", "b c"), "--b c--")).isEqualTo(Match.CLOSES);
    }

    @Test
    void ofTheMessageItselfOnlyTheStandardsBoundaryCounts() {
        Multipart multipart = multipart(false, "a", "b");
        assertThat(match(multipart, "--b")).isEqualTo(Match.OPENS);
        assertThat(multipart.choose()).isFalse();
        assertThat(match(multipart, "--a")).isEqualTo(Match.OPENS);
        assertThat(multipart.choose()).isTrue();
        assertThat(match(multipart, "--b--")).isEqualTo(Match.CLOSES);
        assertThat(multipart.choose()).isFalse();
    }

    @Test
    void ofAQuotedOneTheFirstThatIsFoundCounts() {
        Multipart multipart = multipart(true, "a", "b");
        assertThat(match(multipart, "--b")).isEqualTo(Match.OPENS);
        assertThat(multipart.choose()).isTrue();
        assertThat(match(multipart, "--a")).isEqualTo(Match.OPENS);
        assertThat(multipart.choose()).isFalse();
        assertThat(multipart.boundary()).isEqualTo("a");
        Multipart byTheStandard = multipart(true, "a", "b");
        assertThat(match(byTheStandard, "--a")).isEqualTo(Match.OPENS);
        assertThat(byTheStandard.choose()).isTrue();
        assertThat(match(byTheStandard, "--b")).isEqualTo(Match.OPENS);
        assertThat(byTheStandard.choose()).isFalse();
    }

    @Test
    void aLineIsGuessedToBeADelimiterInAQuotedOneWithoutABoundary() {
        Multipart multipart = multipart(true);
        assertThat(multipart.boundary()).isEmpty();
        assertThat(multipart.cost()).isZero();
        assertThat(guess(multipart, "--x y \t")).isEqualTo(Match.OPENS);
        assertThat(multipart.choose()).isTrue();
        assertThat(multipart.boundary()).isEqualTo("x y");
        assertThat(multipart.cost()).isEqualTo(5);
        assertThat(match(multipart, "--x y--")).isEqualTo(Match.CLOSES);
        assertThat(guess(multipart, "--z")).as("there is one now").isEqualTo(Match.CONTENT);
        assertThat(guess(multipart(false), "--x")).isEqualTo(Match.CONTENT);
    }

    @ParameterizedTest
    @CsvSource({"--,CONTENT", "'--  ',CONTENT", "--a,OPENS", "---,OPENS", "----,OPENS", "-----,CONTENT", "----a,OPENS"})
    void aRuleIsNone(String line, Match match) {
        assertThat(guess(multipart(true), line)).isEqualTo(match);
        byte[] buffer = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
        assertThat(multipart(true).guess(buffer, 0, line.length())).isEqualTo(match);
    }

    @Test
    void boundariesAreBounded() {
        assertThat(Multipart.isBoundary("\u00e4".repeat(100))).isTrue();
        assertThat(Multipart.isBoundary("\u00e4".repeat(100) + "x")).isFalse();
        assertThat(Multipart.areBounded(List.of("a", "x".repeat(900)))).isTrue();
        assertThat(Multipart.areBounded(List.of("a", "x".repeat(901)))).isFalse();
        assertThat(guess(multipart(true), "--" + "x".repeat(898))).isEqualTo(Match.OPENS);
        assertThat(guess(multipart(true), "--" + "x".repeat(899))).isEqualTo(Match.CONTENT);
        assertThat(multipart(false, "abc", "\u00e4").cost()).isEqualTo(9);
    }
}
