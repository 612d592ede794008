package dev.postern.corpus;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.Policies;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing that mailers make is refused, and comes through octet for octet; each hostile message gets its row. */
@OnAnyJdk
class CorpusTest {

    /** Written by the scripts of src/test/mailers, and by hand after what Thunderbird, Outlook and others send. */
    private static final Path FILES = Path.of("src/test/resources/corpus");

    private static final int CHUNK = 1000;

    /** How a message comes in, and where it is held. */
    private enum Way {
        DATA,
        BDAT,
        DATA_TO_FILE,
        BDAT_TO_FILE
    }

    private static Scene inMemory;
    private static Scene inFile;

    @BeforeAll
    static void start() {
        inMemory = scene(256 << 10, 64 << 20);
        inFile = scene(0, 0);
    }

    private static Scene scene(int memoryPerMessage, long memory) {
        Identity alice =
                Identity.of("alice@client.test").withDomains("client.test", "unready.test", "b\u00fccher.test");
        return Scene.bare(builder -> builder.auth(AuthSettings.passwords(
                                Authenticator.inMemory().user(alice, "alice").build())
                        .withPlaintext())
                .policies(Policies.defaults()
                        .withSenderDomains(SenderDomains.ofIdentityExcept(Set.of("unready.test", "b\u00fccher.test"))))
                .storage(ContentStorage.defaults()
                        .withMemoryPerMessage(memoryPerMessage)
                        .withMemory(memory)));
    }

    @AfterAll
    static void stop() {
        inMemory.close();
        inFile.close();
    }

    private static Scene scene(Way way) {
        return way == Way.DATA || way == Way.BDAT ? inMemory : inFile;
    }

    private static ProbeReply send(Way way, byte[] message) {
        try (SmtpProbe probe = scene(way).alice()) {
            assertThat(probe.mail("alice@client.test", "BODY=8BITMIME", "SMTPUTF8"))
                    .hasCode(250);
            assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
            if (way == Way.DATA || way == Way.DATA_TO_FILE) {
                return probe.data(message);
            }
            ProbeReply reply =
                    probe.bdat(Arrays.copyOf(message, Math.min(CHUNK, message.length)), message.length <= CHUNK);
            return message.length <= CHUNK
                    ? reply
                    : probe.bdat(Arrays.copyOfRange(message, CHUNK, message.length), true);
        }
    }

    private static void assertPasses(Way way, byte[] message) {
        assertThat(send(way, message).toString()).as(way.toString()).startsWith("250 2.0.0 Ok: relayed as ");
        byte[] arrived = scene(way).upstream.awaitMessage().content();
        int added = arrived.length - message.length;
        assertThat(Arrays.equals(arrived, added, arrived.length, message, 0, message.length))
                .as("octet for octet")
                .isTrue();
        String fields = new String(arrived, 0, added, StandardCharsets.US_ASCII);
        assertThat(fields.lines().filter(line -> !line.startsWith(" ")))
                .allMatch(line -> line.matches("(Received|Date|Message-ID): .*"));
    }

    static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void passesWhatMailersMade(Path file) throws IOException {
        for (Way way : Way.values()) {
            assertPasses(way, Files.readAllBytes(file));
        }
    }

    @Test
    void hasTheWholeCorpus() throws IOException {
        assertThat(files().map(file -> file.getFileName().toString().replaceAll("-.*", "")))
                .hasSizeGreaterThanOrEqualTo(55)
                .contains("python", "nodemailer", "thunderbird", "outlook", "apple", "smime", "pgp");
    }

    @ParameterizedTest
    @MethodSource("dev.postern.corpus.JakartaMessages#all")
    void passesWhatJakartaMailMakes(JakartaMessages.Made made) {
        for (Way way : Way.values()) {
            assertPasses(way, made.octets());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.postern.corpus.Samples#passed")
    void passesByChoice(Sample sample) {
        byte[] message = sample.small();
        for (Way way : Way.values()) {
            assertPasses(way, message);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.postern.corpus.Samples#hostile")
    void refusesWithItsRow(Sample sample, StandardReply row) {
        byte[] message = sample.small();
        for (Way way : Way.values()) {
            assertThat(send(way, message)).isStandardReply(row);
        }
        assertThat(List.of(inMemory, inFile))
                .allMatch(scene -> scene.upstream.messages().stream()
                        .noneMatch(relayed -> Arrays.equals(relayed.content(), message)));
    }
}
