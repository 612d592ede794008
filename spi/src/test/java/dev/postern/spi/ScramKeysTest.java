package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramKeysTest {

    /** The password of RFC 7677 section 3, pencil; the keys computed by Python's hashlib. */
    private static final String PENCIL = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final byte[] KEY = new byte[32];

    @Test
    void theKeysOfAPasswordAreThoseThatOthersCompute() {
        assertThat(ScramKeys.ofPrepared("pencil".toCharArray(), SALT, 4096).text())
                .isEqualTo(PENCIL);
    }

    @Test
    void whatIsReadIsWrittenAsItWas() {
        ScramKeys keys = ScramKeys.parse(PENCIL);
        assertThat(keys.text()).isEqualTo(PENCIL);
        assertThat(keys.iterations()).isEqualTo(4096);
        assertThat(keys.salt()).isEqualTo(SALT);
        assertThat(ScramKeys.of(keys.salt(), 4096, keys.storedKey(), keys.serverKey())
                        .text())
                .isEqualTo(PENCIL);
    }

    @Test
    void showsNothingAndGivesNothingOfItselfAway() {
        ScramKeys keys = ScramKeys.parse(PENCIL);
        keys.salt()[0] ^= 1;
        keys.storedKey()[0] ^= 1;
        keys.serverKey()[0] ^= 1;
        assertThat(keys.text()).isEqualTo(PENCIL);
        assertThat(keys).hasToString("ScramKeys[masked]");
        assertThat(ScramLookup.known(keys, Identity.of("alice")).toString()).doesNotContain("W22Z", "WG5d", "wfPL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YWJj:YWJj",
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YWJj:YWJj",
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%1$s",
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%1$s:%1$s:%1$s",
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6g===$%1$s:%1$s",
                "SCRAM-SHA-256$4095:W22ZaJ0SNY7soEsUEjb6gQ==$%1$s:%1$s",
                "SCRAM-SHA-256$1000001:W22ZaJ0SNY7soEsUEjb6gQ==$%1$s:%1$s",
                "SCRAM-SHA-256$99999999999:W22ZaJ0SNY7soEsUEjb6gQ==$%1$s:%1$s",
                "SCRAM-SHA-256$4096:YWJjZGVmZw==$%1$s:%1$s",
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%1$s:%1$s\n",
            })
    void whatIsNoneIsRefusedWithoutShowingIt(String text) {
        String key = Base64.getEncoder().encodeToString(KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramKeys.parse(text.replace("%1$s", key)))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("W22Z", "YWJj", key))
                .withNoCause();
    }

    @ParameterizedTest
    @CsvSource({
        "7, 4096, 32, 32, salt must have 8 to 64 octets",
        "65, 4096, 32, 32, salt must have 8 to 64 octets",
        "8, 4095, 32, 32, iterations must be 4096 to 1000000",
        "64, 1000001, 32, 32, iterations must be 4096 to 1000000",
        "16, 4096, 31, 32, storedKey must have 32 octets",
        "16, 4096, 32, 33, serverKey must have 32 octets",
    })
    void whatIsOutOfItsBoundsIsNamed(int salt, int iterations, int stored, int server, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramKeys.of(new byte[salt], iterations, new byte[stored], new byte[server]))
                .withMessageStartingWith(problem);
    }

    @Test
    void noPasswordHasNoKeys() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramKeys.ofPrepared(new char[0], SALT, 4096))
                .withMessage("password must not be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramKeys.ofPrepared("secret".toCharArray(), SALT, 1))
                .withMessageStartingWith("iterations");
    }
}
