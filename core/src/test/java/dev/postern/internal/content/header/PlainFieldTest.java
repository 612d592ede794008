package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which fields one pass is enough for; that it finds the same is a matter of {@link MimeFieldTest}. */
@OnAnyJdk
class PlainFieldTest {

    private static PlainField read(String field) {
        return Objects.requireNonNull(PlainField.read(field), field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~ text/plain~|text/plain",
                "~\t Text/Plain; charset=utf-8; format=flowed~|text/plain",
                "Application/AZaz09-vnd.a+b_c;x=\"(a,z;AZ09)\"|application/azaz09-vnd.a+b_c",
                "base64|base64",
                "~~|~~"
            })
    void whatProgramsWriteIsPlain(String field, String value) {
        assertThat(read(field).value()).isEqualTo(value);
        assertThat(read(field).fileNames()).isEmpty();
        assertThat(read(field).boundaries()).isEmpty();
    }

    @Test
    void aPlainFieldHasItsNamesAndItsBoundary() {
        assertThat(read("a;\t fileName=\"az AZ.09 (x); y\";name=b~.pdf").fileNames())
                .containsExactly("az AZ.09 (x); y", "b~.pdf");
        assertThat(read("a; name=x; filename=x").fileNames()).containsExactly("x");
        assertThat(read("a; name=\"\"").fileNames()).containsExactly("");
        assertThat(read("a; boundary=\"--=_b?: \"; x-y=z").boundaries()).containsExactly("--=_b?:");
        assertThat(read("a; boundary=0-9").boundaries()).containsExactly("0-9");
        assertThat(read("a; boundary=\" \"").boundaries()).isEmpty();
        assertThat(read("a; x=" + "y".repeat(495)).value()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a (c)",
                "a b",
                "a =x",
                "\u00e4",
                "a;",
                "a; x",
                "a; x=",
                "a; x=; y=z",
                "a; x =y",
                "a; x= y",
                "a; x=y ",
                "a; x=y z",
                "a; x=a=b",
                "a; x=(c)y",
                "a; x*=y",
                "a; name2=y",
                "a; name=y%41",
                "a; name=y'z",
                "a; name=\"y%41\"",
                "a; name=\"y",
                "a; name=\"y\" ",
                "a; name=\"y\"z",
                "a; name=\"y\\z\"",
                "a; name=\"=?x?\"",
                "a; name=\"\u00e4\"",
                "a; name=\"\u0001\"",
                "a; x=\"; name=y\"",
                "a; name=x; name=y",
                "a; filename=x; filename=x",
                "a; boundary=x; Boundary=y"
            })
    void whatReadersMayTakeInTwoWaysIsNot(String field) {
        assertThat(PlainField.read(field)).isNull();
    }

    @Test
    void aLongFieldIsNot() {
        List.of("a; x=" + "y".repeat(496), "a".repeat(501))
                .forEach(field -> assertThat(PlainField.read(field)).isNull());
    }
}
