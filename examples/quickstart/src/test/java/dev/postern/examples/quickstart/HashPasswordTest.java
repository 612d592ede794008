package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.passwords.PasswordHashes;
import dev.postern.passwords.PasswordHashes.Answer;
import dev.postern.passwords.UsersFile;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command makes of a password on standard input. */
@OnAnyJdk
class HashPasswordTest {

    @TempDir
    Path directory;

    private final StringWriter errors = new StringWriter();
    private int code;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String hash(String input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HashPassword command = new HashPassword(
                new PrintStream(out, true, StandardCharsets.UTF_8), new ByteArrayInputStream(utf8(input)), null);
        code = new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"argon2id", "scram"})
    void theLineLetsTheUserInAndNobodyElse(String kind) throws IOException {
        String line = hash("gr\u00fcn und blau\r\nnext line", "ann@example.org", "--kind", kind);
        assertThat(code).isZero();
        assertThat(line)
                .startsWith("ann@example.org:")
                .endsWith(System.lineSeparator())
                .doesNotContain("blau");
        UsersFile users = UsersFile.of(Files.writeString(directory.resolve("users"), line));
        assertThat(users.identities()).hasSize(1);
        assertThat(users.allHaveScramKeys()).isEqualTo(kind.equals("scram"));
        String hash = line.strip().substring("ann@example.org:".length());
        PasswordHashes hashes = new PasswordHashes();
        assertThat(hashes.compare(utf8("gr\u00fcn und blau"), hash)).isEqualTo(Answer.RIGHT);
        assertThat(hashes.compare(utf8("gr\u00fcn und blau\r"), hash)).isEqualTo(Answer.WRONG);
    }

    @Test
    void withoutANameThereIsTheHashAlone() {
        assertThat(hash("secret")).startsWith("$argon2id$");
        assertThat(hash("secret\n", "--kind=SCRAM")).startsWith("SCRAM-SHA-256$65536:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void noPasswordIsRefused(String input) {
        assertThat(hash(input)).isEmpty();
        assertThat(code).isNotZero();
    }

    @Test
    void whatCannotBeALineIsRefused() {
        assertThat(hash("secret", "ann:bob")).isEmpty();
        assertThat(code).isNotZero();
        assertThat(hash("x".repeat(1025))).isEmpty();
        assertThat(hash("a\u0007b", "--kind", "scram")).isEmpty();
        assertThat(errors.toString()).doesNotContain("secret", "xxx");
    }
}
