package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says of messages in files. */
class CheckTest {

    private static final String GOOD = "From: ann@example.org\nSubject: lines end with LF\n\nhello\n";
    private static final String PROGRAM =
            "From: ann@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
                    + "Content-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                    + "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAA\r\n--b--\r\n";

    @TempDir
    Path directory;

    private record Said(int code, List<String> lines) {}

    private static Said check(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = Quickstart.commandLine(new Quickstart(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of()))
                .execute(Stream.concat(Stream.of("check"), Stream.of(arguments)).toArray(String[]::new));
        return new Said(code, out.toString(StandardCharsets.UTF_8).lines().toList());
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content, StandardCharsets.ISO_8859_1);
    }

    @Test
    void anAcceptedMessageEndsWith0() throws IOException {
        Path good = file("good.eml", GOOD);
        Said said = check(good.toString());
        assertThat(said.code()).isZero();
        assertThat(said.lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith(good + "\t250 2.")
                .endsWith("\t");
    }

    @Test
    void aRefusedMessageEndsWith1AndItsReason() throws IOException {
        Path good = file("good.eml", GOOD);
        Path bad = file("bad.eml", PROGRAM);
        Said said = check(bad.toString(), good.toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.lines())
                .hasSize(2)
                .first()
                .isEqualTo(bad + "\t550 5.6.0 Failed to parse MIME structure\t"
                        + "part 2 \"a.pdf\": name says PDF, content is a Windows program");
        assertThat(said.lines().get(1)).endsWith("\t");
    }

    @Test
    void directoriesAreWalkedInOrderAndFromMayBeLeftAside() throws IOException {
        Files.createDirectory(directory.resolve("below"));
        file("b.eml", "Subject: no author\r\n\r\nx\r\n");
        file("below/c.eml", "From: ann@example.org, bob@example.org\r\n\r\nx\r\n");
        file("a.eml", "From: ann@anybody.example\r\n\r\n");
        Said strict = check(directory.toString());
        assertThat(strict.code()).isEqualTo(1);
        assertThat(strict.lines())
                .extracting(line ->
                        line.substring(directory.toString().length() + 1).replaceAll("\t(...).*\t", "|$1|"))
                .containsExactly("a.eml|250|", "b.eml|554|no From: field", "below/c.eml|554|several From: addresses");
        assertThat(check("--no-from", directory.toString()).code()).isZero();
    }

    @Test
    void whatCannotBeReadEndsWith2() throws IOException {
        Said said = check(
                directory.resolve("missing").toString(),
                file("bad.eml", PROGRAM).toString());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.lines()).hasSize(2).first().asString().endsWith("\t-\tcannot be read");
    }

    @Test
    void standardErrorHasNoLineOfEachMessage() throws Exception {
        try (RelayProcess check = RelayProcess.start(
                "check",
                file("good.eml", GOOD).toString(),
                file("bad.eml", PROGRAM).toString())) {
            assertThat(check.awaitExit()).isEqualTo(1);
            assertThat(check.errors()).allMatch(line -> line.startsWith("Picked up ")); // a JVM's, of JAVA_TOOL_OPTIONS
        }
    }
}
