package dev.postern.examples.clients;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.Authenticator;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.HeldPage;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** docs/first-message.md: each of its messages arrives. */
class FirstMessageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "first-message.md");
    private static final Path SOURCE = Path.of("src/main/java/dev/postern/examples/clients/FirstMessage.java");
    private static final Pattern EXAMPLE =
            Pattern.compile("(<!-- example: FirstMessage (\\w+) -->\n```java\n).*?```\n", Pattern.DOTALL);

    private final FakeUpstream upstream = FakeUpstream.start();
    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .auth(AuthSettings.passwords(Authenticator.of(Map.of("demo@example.org", "demo")))
                    .withPlaintext())
            .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
            .start();

    @AfterEach
    void stop() {
        relay.close();
        upstream.close();
    }

    private void assertArrived() {
        assertThat(upstream.awaitMessage())
                .isFrom("demo@example.org")
                .isTo("someone@example.com")
                .hasSubject("Hello");
    }

    @Test
    void jakartaMail() throws Exception {
        FirstMessage.byJakartaMail(relay.port());
        assertArrived();
    }

    @Test
    void spring() {
        FirstMessage.bySpring(relay.port());
        assertArrived();
    }

    @Test
    @Needs(Tool.CURL)
    void curl() throws Exception {
        run("sh", "-c", ofThePage("bash"));
        assertArrived();
    }

    @Test
    @Needs(Tool.PYTHON)
    void python() throws Exception {
        run(Tool.PYTHON.path(), "-c", ofThePage("python"));
        assertArrived();
    }

    @Test
    void theExamplesOfThePageAreThisCode() throws IOException {
        String page = Files.readString(PAGE);
        String source = Files.readString(SOURCE);
        String expected = EXAMPLE.matcher(page)
                .replaceAll(example ->
                        Matcher.quoteReplacement(example.group(1) + snippet(source, example.group(2)) + "```\n"));
        HeldPage.hold(PAGE, expected);
    }

    private static String snippet(String source, String name) {
        String behind = source.split("// DOC " + name + "\n", -1)[1];
        return behind.substring(0, behind.indexOf("// end\n")).stripTrailing().stripIndent() + "\n";
    }

    /** The page's one block of this language, for this relay's port. */
    private String ofThePage(String language) throws IOException {
        String[] blocks = Files.readString(PAGE).split("```" + language + "\n", -1);
        assertThat(blocks).hasSize(2);
        String block = blocks[1].substring(0, blocks[1].indexOf("```"));
        assertThat(block).contains("2525");
        return block.replace("2525", String.valueOf(relay.port()));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
