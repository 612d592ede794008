package dev.postern.internal.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.OtherReaders.Python;
import dev.postern.internal.content.OtherReaders.Shown;
import dev.postern.internal.content.mime.Belied;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.tools.Needs;
import dev.postern.tools.OnAnyJdk;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the relay accepts shows to no other program an attachment that its name belies: a Windows program by the name of a document,
 * a picture or a text. The same made-up messages in each build; for a long run:
 *
 * <pre>
 * mvn test -pl spi,testkit,core -Dsurefire.failIfNoSpecifiedTests=false -Dtest=ReadersTest \
 *     -Dpostern.fuzz.rounds=1000000 -Dpostern.fuzz.seed=$(date +%s)
 * </pre>
 *
 * With {@code -Dpostern.readers.mail=FOLDER} it reads the messages in that folder in place of made-up ones, such as those that
 * {@code .ci/test-mail --keep FOLDER} leaves there, and holds what is shown to all signatures.
 */
@OnAnyJdk
class ReadersTest {

    private static final MessageRules RULES = MessageRules.defaults().without(Check.FROM);
    private static final int ROUNDS = Integer.getInteger("postern.fuzz.rounds", 2_000);
    private static final long SEED = Long.getLong("postern.fuzz.seed", 20260304);
    private static final Pattern DOCUMENT = Pattern.compile(".*\\.(pdf|png|txt|doc)[\\s.\"'>]*", Pattern.DOTALL);

    /** What the relay says of each message, which it need not say for each program anew. */
    private static final Map<String, Boolean> PASSED = new ConcurrentHashMap<>();

    @TempDir
    Path directory;

    /** Counts what the relay accepts and what a program shows of it. */
    private static final class Comparison {
        private final Reader reader;
        private final List<String> found = new ArrayList<>();
        private int messages;
        private int accepted;
        private int shown;

        Comparison(Reader reader) {
            this.reader = reader;
        }

        void add(String source, byte[] message, Predicate<Shown> belied) throws IOException {
            messages++;
            if (!PASSED.computeIfAbsent(source, any -> passes(message))) {
                return;
            }
            accepted++;
            for (Shown each : reader.read(message)) {
                shown++;
                if (belied.test(each)) {
                    found.add(source + ": " + each);
                }
            }
        }

        void end() {
            String counts = accepted + " of " + messages + " messages accepted, " + shown + " attachments shown";
            assertThat(found).as(counts).isEmpty();
            assertThat(accepted).as(counts).isGreaterThan(messages / 50);
            assertThat(shown).as(counts).isGreaterThan(messages / 100);
        }
    }

    /** Reads a message as one program or several do. */
    private interface Reader {
        List<Shown> read(byte[] message) throws IOException;
    }

    private static boolean passes(byte[] message) {
        return Fixture.send(RULES, message, 4096, Fixture.origin()).passed();
    }

    private static boolean isBelied(Shown shown) {
        return DOCUMENT.matcher(shown.name().toLowerCase(Locale.ROOT)).matches()
                && shown.beginning().startsWith("MZ\u0090");
    }

    private static void compare(Reader reader) throws IOException {
        String folder = System.getProperty("postern.readers.mail");
        Comparison comparison = new Comparison(reader);
        if (folder == null) {
            for (long seed = SEED; seed < SEED + ROUNDS && comparison.found.size() < 20; seed++) {
                byte[] message = new OddMessages(new SplittableRandom(seed)).next();
                comparison.add("seed " + seed, message, ReadersTest::isBelied);
            }
        } else {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
                    comparison.add(
                            each.toString(),
                            Files.readAllBytes(each),
                            shown -> Belied.by(shown.name(), Fixture.octets(shown.beginning()))
                                    .isPresent());
                }
            }
        }
        comparison.end();
    }

    @Test
    void angusShowsNothingThatItsNameBelies() throws IOException {
        compare(OtherReaders::angus);
    }

    @Test
    void mime4jShowsNothingThatItsNameBelies() throws IOException {
        compare(OtherReaders::mime4j);
    }

    @Test
    @Needs(Tool.PYTHON)
    void pythonShowsNothingThatItsNameBelies() throws IOException {
        try (Python python = Python.start(Tool.PYTHON.path(), directory)) {
            compare(python::read);
        }
    }

    /** The comparison can fail: each program shows the program in a message that is refused for it. */
    @Test
    @Needs(Tool.PYTHON)
    void everyReaderShowsWhatTheRelayRefuses() throws IOException {
        byte[] message =
                Fixture.octets("From: alice@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                        + "Content-Disposition: attachment; filename=\"a.pdf\"\r\n\r\n" + OddMessages.PROGRAM
                        + "\r\n--b--\r\n");
        assertThat(passes(message)).isFalse();
        assertThat(OtherReaders.angus(message)).anyMatch(ReadersTest::isBelied);
        assertThat(OtherReaders.mime4j(message)).anyMatch(ReadersTest::isBelied);
        try (Python python = Python.start(Tool.PYTHON.path(), directory)) {
            assertThat(python.read(message)).anyMatch(ReadersTest::isBelied);
        }
    }
}
