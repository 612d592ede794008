package dev.postern.passwords;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.password4j.BcryptFunction;
import com.password4j.CompressedPBKDF2Function;
import com.password4j.types.Bcrypt;
import com.password4j.types.Hmac;
import dev.postern.passwords.PasswordHashes.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes that others have made, and what is none. */
class PasswordHashesTest {

    private final PasswordHashes hashes = new PasswordHashes();

    private record Made(String by, String password, String hash) {
        @Override
        public String toString() {
            return by;
        }
    }

    static Stream<Made> hashesOfOthers() {
        return Stream.of(
                new Made(
                        "Argon2's reference",
                        "password",
                        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
                new Made("crypt(3), bcrypt", "secret", "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"),
                new Made(
                        "openssl passwd -6",
                        "secret",
                        "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG."),
                new Made(
                        "crypt(3), SHA-512 with its own rounds",
                        "secret",
                        "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/"),
                new Made(
                        "bcrypt as htpasswd writes it",
                        "gr\u00fcn",
                        BcryptFunction.getInstance(Bcrypt.Y, 4)
                                .hash(utf8("gr\u00fcn"))
                                .getResult()),
                new Made(
                        "PBKDF2",
                        "secret",
                        CompressedPBKDF2Function.getInstance(Hmac.SHA256, 1000, 256)
                                .hash("secret")
                                .getResult()),
                new Made("us", "secret", PasswordHashes.hash(utf8("secret"))));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("hashesOfOthers")
    void thePasswordIsRightAndNothingElseIs(Made made) {
        PasswordHashes.requireUsable(made.hash);
        byte[] password = utf8(made.password);
        assertThat(hashes.compare(password, made.hash)).isEqualTo(Answer.RIGHT);
        assertThat(password).as("only read").isEqualTo(utf8(made.password));
        for (String wrong : new String[] {
            "",
            made.password + " ",
            made.password + "\0",
            made.password + "\0" + made.password,
            made.password.substring(1),
            "x".repeat(10_000)
        }) {
            assertThat(hashes.compare(utf8(wrong), made.hash))
                    .as("%d octets", wrong.length())
                    .isEqualTo(Answer.WRONG);
        }
        assertThat(PasswordHashes.isCurrent(made.hash)).isEqualTo(made.by.equals("us"));
    }

    @Test
    void whatBcryptDoesNotSeeOfAPasswordMakesItWrong() {
        String most = "p".repeat(72);
        String hash = BcryptFunction.getInstance(4).hash(most).getResult();
        assertThat(hashes.compare(utf8(most), hash)).isEqualTo(Answer.RIGHT);
        assertThat(hashes.compare(utf8(most + "x"), hash)).isEqualTo(Answer.WRONG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "*",
                "$1$abcdefgh$G3h9C5DcGmVyGLs4cGmDO1",
                "$apr1$abcdefgh$uDlQEGdKDJLfkbr0YYQKW.",
                "{SSHA}cXVpZXQ=",
                "$2b$17$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a",
                "$2b$03$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a",
                "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl",
                "$6$rounds=10000001$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/",
                "$6$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ",
                "$argon2id$v=19$m=1048577,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=65536,t=65,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=65536,t=2,p=17$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPcaa",
                "$3$9223372036854775807$c2FsdHNhbHQ=$c2FsdHNhbHQ=",
                "$3$1$c2FsdHNhbHQ=$c2FsdHNhbHQ=",
                "$3$6440303460351$c2FsdHNhbHQ=$c2FsdHNhbHQ=" // 1499 rounds, and a key of 2 Gbit
            })
    void refusesWhatIsNoHashOrCostsTooMuchAndDoesNotRepeatIt(String text) {
        assertThatThrownBy(() -> PasswordHashes.requireUsable(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hash")
                .hasMessageNotContaining(text.length() < 2 ? "$" : text)
                .hasNoCause();
        assertThatThrownBy(() -> hashes.compare(utf8("secret"), text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysThatItIsBusyWhenThereIsNoPlaceInTime() {
        String hash = PasswordHashes.hash(utf8("secret"));
        assertThat(new PasswordHashes(new Turns(0, 1)).compare(utf8("secret"), hash))
                .isEqualTo(Answer.BUSY);
    }

    // keys of SCRAM

    @Test
    void keysOfScramAreComparedAsHashesAre() {
        String keys = PasswordHashes.scramKeys(utf8("gr\u00fcn\u00a0\u2168")).text();
        PasswordHashes.requireUsable(keys);
        assertThat(PasswordHashes.isCurrent(keys))
                .as("a hash cannot replace them")
                .isTrue();
        assertThat(PasswordHashes.scramKeys(keys).orElseThrow().text()).isEqualTo(keys);
        assertThat(PasswordHashes.scramKeys("$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"))
                .isEmpty();
        // RFC 4013 section 2: composed or not, a space is a space, a letter is a letter
        for (String same : List.of("gr\u00fcn\u00a0\u2168", "gru\u0308n IX")) {
            assertThat(hashes.compare(utf8(same), keys)).isEqualTo(Answer.RIGHT);
        }
        for (String wrong : List.of("", "gr\u00fcn", "gr\u00fcn IX\0", "\u00ad", "\u06271")) {
            assertThat(hashes.compare(utf8(wrong), keys)).isEqualTo(Answer.WRONG);
        }
        assertThat(hashes.compare(new byte[] {(byte) 0xff}, keys)).isEqualTo(Answer.WRONG);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u00ad", "a\u0007b", "\u06271"})
    void aPasswordThatScramCannotTakeHasNoKeys(String password) {
        assertThatThrownBy(() -> PasswordHashes.scramKeys(utf8(password)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password")
                .hasNoCause();
    }

    @Test
    void computesAtLeastOneAtATime() {
        assertThatThrownBy(() -> new PasswordHashes(0)).hasMessageContaining("atATime");
        assertThat(new PasswordHashes(1).compare(utf8("x"), PasswordHashes.hash(utf8("x"))))
                .isEqualTo(Answer.RIGHT);
    }
}
