package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("any-jdk")
class EsmtpParametersTest {

    @Test
    void keepsOrderAndFoldsKeywords() {
        Map<String, String> given = new LinkedHashMap<>();
        given.put("size", "10");
        given.put("Body", "8BITMIME");
        given.put("SMTPUTF8", "");
        EsmtpParameters parameters = new EsmtpParameters(given);
        given.clear();
        assertThat(parameters).hasToString("SIZE=10 BODY=8BITMIME SMTPUTF8");
        assertThat(parameters.get("SIZE")).contains("10");
        assertThat(parameters.get("SMTPUTF8")).contains("");
        assertThat(parameters.get("AUTH")).isEmpty();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> parameters.values().put("X", "y"));
    }

    @Test
    void noneHasNothing() {
        EsmtpParameters none = EsmtpParameters.none();
        assertThat(none).hasToString("").isEqualTo(new EsmtpParameters(Map.of()));
        assertThat(none.size()).isEmpty();
        assertThat(none.eightBitMime()).isFalse();
        assertThat(none.smtpUtf8()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-A", "A B", "A=B", "A_B", "A\r", "\u00c4", "A>"})
    void refusesKeywordsOutOfTheGrammar(String keyword) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EsmtpParameters(Map.of(keyword, "x")))
                .withMessageMatching("not an esmtp-keyword: [ -~]*");
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "a b", "a=b", "a\r\nRSET", "a\n", "a\0", "a\u007f", "a\u0085"})
    void refusesValuesOutOfTheGrammar(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EsmtpParameters(Map.of("X", value)))
                .withMessageMatching("not an esmtp-value: [ -~]*");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 1000",
        "00000000000000000000, 0",
        "00000000000000001000, 1000",
        "999999999999999999, 999999999999999999",
        "1000000000000000000, 9223372036854775807",
        "99999999999999999999, 9223372036854775807",
    })
    void readsTheDeclaredSize(String digits, long size) {
        assertThat(new EsmtpParameters(Map.of("SIZE", digits)).size()).hasValue(size);
    }

    @ParameterizedTest
    @CsvSource({"8BITMIME, true", "8bitmime, true", "7BIT, false", "BINARYMIME, false"})
    void readsTheBodyType(String body, boolean eightBit) {
        assertThat(new EsmtpParameters(Map.of("BODY", body)).eightBitMime()).isEqualTo(eightBit);
    }
}
