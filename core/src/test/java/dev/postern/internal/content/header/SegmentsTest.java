package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class SegmentsTest {

    private static final String OVER = "over 100 segments of a parameter";

    /** Pieces that all readers take alike: suffix and text by turns; a suffix "-" is that of a whole parameter. */
    private static Segments segments(String... pieces) {
        Segments segments = new Segments();
        for (int i = 0; i < pieces.length; i += 2) {
            List<String> texts = List.of(pieces[i + 1]);
            if (pieces[i].equals("-")) {
                segments.addWhole(texts);
            } else {
                assertThat(segments.add(pieces[i], texts)).isEmpty();
            }
        }
        return segments;
    }

    /** First as the standard decodes it, then with all pieces decoded, and as it stands. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "*|utf-8''a%20b|a b,utf-8''a%20b",
                "*0*|utf-8'en'a%20b|a b,utf-8'en'a%20b",
                "*0*|''a%20b|a b,''a%20b",
                "*0|utf-8''a%20b|utf-8''a%20b,a b",
                "*0*|iso-8859-1'%E4|iso-8859-1'\ufffd,iso-8859-1'\u00e4,iso-8859-1'%E4",
                "*0*|iso-8859-15''%A4|\u20ac,\u00a4,iso-8859-15''%A4",
                "*0*|a%2|a%2",
                "*0*|a%|a%",
                "*0*|a%0Fa|a\u000fa,a%0Fa",
                "*0*|iso-8859-1''a%A0|a\u00a0,iso-8859-1''a%A0",
                "*0*|%G0%0G|%G0%0G",
                "*0*|a b|a b"
            })
    void aPieceIsDecodedInEachWay(String suffix, String text, String values) {
        assertThat(segments(suffix, text).joined()).containsExactly(values.split(","));
    }

    @Test
    void eachPieceSaysWhetherItIsEncoded() {
        assertThat(segments("*0*", "utf-8''%41'", "*1", "%42", "*2*", "%43'").joined())
                .containsExactly("A'%42C'", "A'BC'", "utf-8''%41'%42%43'");
        // no more than the first has a charset
        assertThat(segments("*0", "a", "*1*", "x-nobody''%41").joined())
                .containsExactly("ax-nobody''A", "ax-nobody''%41");
    }

    @Test
    void piecesGoByTheirNumbersTheFirstOrTheLastOfThem() {
        assertThat(segments("*1", "b", "*0", "a").joined()).containsExactly("ab");
        assertThat(segments("*0", "a", "*1", "b", "*1", "c").joined()).containsExactly("ab", "ac");
        assertThat(segments("*0", "a", "*2", "c").joined()).containsExactly("ac", "a");
        assertThat(segments("*9", "b").joined()).containsExactly("b");
        assertThat(segments("*0", "a", "-", "whole", "*x", "odd").joined()).containsExactly("a");
        assertThat(segments().joined()).isEmpty();
    }

    @Test
    void someJoinThemAsTheyStand() {
        assertThat(segments("*1", "b", "-", "c", "*0", "a", "*x", "d").asTheyStand())
                .containsExactly("bcad");
        assertThat(segments("*x", "a%20b").asTheyStand()).containsExactly("a%20b", "a b");
        assertThat(segments().asTheyStand()).isEmpty();
    }

    @Test
    void readersWhoTakeATextInOtherWaysAreEachTakenAtTheirWord() {
        Segments segments = new Segments();
        assertThat(segments.add("*0", List.of("a", "\"a\"", "a"))).isEmpty();
        assertThat(segments.add("*1", List.of("b", "\"b\"", "b;c"))).isEmpty();
        assertThat(segments.joined()).containsExactly("ab", "\"a\"\"b\"", "ab;c");
    }

    @Test
    void aCharsetThatIsNotKnownIsToldAndGuessedAt() {
        Segments unknown = segments("*0*", "x-nobody''a%2BAC4-", "*1", "pdf");
        assertThat(unknown.joined()).containsExactly("a+AC4-pdf", "a.pdf", "x-nobody''a%2BAC4-pdf");
        assertThat(unknown.nameUnknownCharset()).isTrue();
        for (String piece : List.of("utf-8''a", "''a", "x-nobody'a", "x-nobody")) {
            Segments known = segments("*0*", piece);
            assertThat(known.joined()).isNotEmpty();
            assertThat(known.nameUnknownCharset()).as(piece).isFalse();
        }
        Segments second = segments("*0", "a", "*1*", "x-nobody''b");
        assertThat(second.joined()).isNotEmpty();
        assertThat(second.nameUnknownCharset()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*100", "*100*", "*0000000000", "*999999999999"})
    void aNumberBeyondTheBoundIsTold(String suffix) {
        assertThat(new Segments().add(suffix, List.of("a"))).hasValue(OVER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*99", "*000000099", "*99*", "*x", "*", "*9999999999x"})
    void aNumberWithinItIsNot(String suffix) {
        assertThat(new Segments().add(suffix, List.of("a"))).isEqualTo(Optional.empty());
    }

    @Test
    void soAreTooManyPieces() {
        Segments segments = new Segments();
        for (int i = 0; i < Segments.MAX_SEGMENTS; i++) {
            assertThat(segments.add("*0", List.of("a"))).isEmpty();
        }
        assertThat(segments.add("*0", List.of("a"))).hasValue(OVER);
        assertThat(segments.add("*x", List.of("a"))).hasValue(OVER);
    }
}
