package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.octets.Octets;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class TextTest {

    @ParameterizedTest
    @CsvSource({
        "a.pdf,a.pdf",
        "a\u200b.p\u202edf,a.pdf",
        "\uff41\uff0e\uff50df,a.pdf",
        "a\u3002pdf,a.pdf",
        "a\uff61pdf,a.pdf",
        "a\u3164.pdf,a.pdf", // which NFKC makes another filler of
        "\u00e4.pdf,\u00e4.pdf",
        "a\u0308,\u00e4"
    })
    void whatLooksAlikeComparesAlike(String text, String visible) {
        assertThat(Text.visible(text)).isEqualTo(visible);
    }

    /** To put marks in order takes the square of their number: these took half a minute. */
    @ParameterizedTest
    @ValueSource(strings = {"\u0301\u0316", "\u0301\u200d\u0316\u200d", "\uff9e\u0301"})
    @Timeout(10)
    void aLetterHasNoMoreMarksThanSomebodyNeeds(String marks) {
        assertThat(Text.visible("x" + marks.repeat(100_000) + ".pdf"))
                .hasSizeLessThan(50)
                .endsWith(".pdf");
        assertThat(Text.visible("x" + "\u0316".repeat(30))).hasSize(31);
    }

    @Test
    @Timeout(10)
    void composedTextHasNoMoreMarksEither() {
        assertThat(Text.composed("x" + "\u0301\u0316".repeat(100_000) + "y")).hasSizeLessThan(50);
        assertThat(Text.composed("a\u0308@\u0439")).isEqualTo("\u00e4@\u0439");
    }

    @Test
    void octetsThatAreNoUtf8AreLatin1() {
        byte[] utf8 = "x\u00e4\u20acx".getBytes(StandardCharsets.UTF_8);
        assertThat(Text.decode(utf8, 1, utf8.length - 2)).isEqualTo("\u00e4\u20ac");
        assertThat(Octets.utf8(utf8, 1, 3)).hasValue("\u00e4");
        byte[] latin = "x\u00e4\u00f6x".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(Text.decode(latin, 1, 2)).isEqualTo("\u00e4\u00f6");
        assertThat(Octets.utf8(latin, 0, latin.length)).isEmpty();
    }

    @Test
    void lettersAndDigitsAreThoseOfAscii() {
        StringBuilder letters = new StringBuilder();
        StringBuilder digits = new StringBuilder();
        StringBuilder blanks = new StringBuilder();
        for (char c = 0; c < 0x300; c++) {
            letters.append(Text.isLetter(c) ? Character.toString(c) : "");
            digits.append(Text.isDigit(c) ? Character.toString(c) : "");
            blanks.append(Text.isBlank(c) ? Character.toString(c) : "");
        }
        assertThat(letters).hasToString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        assertThat(digits).hasToString("0123456789");
        assertThat(blanks).hasSize(33).contains(" ", "\t", "\0");
    }
}
