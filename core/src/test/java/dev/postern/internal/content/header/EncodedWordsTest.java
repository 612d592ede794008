package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class EncodedWordsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "=?utf-8?q?a=2Epdf?=|a.pdf",
                "=?UTF-8?Q?a_b=2e=2E?=|a b..",
                "=?utf-8?b?YS5wZGY=?=|a.pdf",
                "=?utf-8?B?YS5w?= \t =?utf-8?q?df?=|a.pdf",
                "=?utf-8*en?q?a?=.pdf|a.pdf",
                "x=?utf-8?q?a?=y|xay",
                "=?iso-8859-1?q?=E4?=|\u00e4",
                "=?utf-8?q?=$1\\?=|=$1\\"
            })
    void aWordIsDecodedWhereverItStands(String text, String decoded) {
        assertThat(EncodedWords.decode(text)).isEqualTo(decoded);
    }

    /** RFC 2047 section 4.2: an escape has two digits. */
    @ParameterizedTest
    @CsvSource({"=0A,'\n'", "=A0,\u00a0", "=7,=7", "a=7,a=7", "=,=", "=G0,=G0", "=0G,=0G", "==41,=A"})
    void whatIsNoEscapeStandsForItself(String encoded, String decoded) {
        assertThat(EncodedWords.decode("=?iso-8859-1?q?" + encoded + "?=")).isEqualTo(decoded);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no word",
                "=?utf-8?q?no end",
                "=?utf-8?x?a?=",
                "=??q?a?=",
                "=?utf-8?b?Q?=", // no octet
                "=?x-nobody?q?a=2Epdf?="
            })
    void whatCannotBeDecodedIsShownAsItStands(String text) {
        assertThat(EncodedWords.decode(text)).isEqualTo(text);
    }

    @Test
    void aWordInACharsetThatIsNotKnownIsReadInEachWayThatReadersGuess() {
        String unknown = "=?x-nobody?q?a+AC4-pdf?=";
        assertThat(EncodedWords.readings(unknown)).containsExactly(unknown, "a+AC4-pdf", "a.pdf");
        assertThat(EncodedWords.readings("=?utf-8?q?a+AC4-pdf?=")).containsExactly("a+AC4-pdf");
        assertThat(EncodedWords.readings("=?utf-8?q?a?= " + unknown))
                .containsExactly("a" + unknown, "aa+AC4-pdf", "aa.pdf");
        assertThat(EncodedWords.namesUnknownCharset(unknown)).isTrue();
        assertThat(EncodedWords.namesUnknownCharset("=?utf-8?q?a?= " + unknown)).isTrue();
        assertThat(EncodedWords.namesUnknownCharset("=?utf-8?q?a?=")).isFalse();
        assertThat(EncodedWords.namesUnknownCharset("x-nobody")).isFalse();
    }
}
