package dev.postern.internal.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.OtherReaders.Python;
import dev.postern.internal.content.OtherReaders.Shown;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
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
 */
class ReadersTest {

    private static final MessageRules RULES = MessageRules.defaults().without(Check.FROM);
    private static final int ROUNDS = Integer.getInteger("postern.fuzz.rounds", 2_000);
    private static final long SEED = Long.getLong("postern.fuzz.seed", 20260304);
    private static final Pattern DOCUMENT = Pattern.compile(".*\\.(pdf|png|txt|doc)[\\s.\"'>]*", Pattern.DOTALL);

    @TempDir
    Path directory;

    /** Reads a message as one program or several do. */
    private interface Reader {
        List<Shown> read(byte[] message) throws IOException;
    }

    private static boolean isBelied(Shown shown) {
        return DOCUMENT.matcher(shown.name().toLowerCase(Locale.ROOT)).matches()
                && shown.beginning().startsWith("MZ\u0090");
    }

    private static void compare(Reader reader) throws IOException {
        int accepted = 0;
        int shown = 0;
        List<String> found = new ArrayList<>();
        for (long seed = SEED; seed < SEED + ROUNDS && found.size() < 20; seed++) {
            byte[] message = new OddMessages(new SplittableRandom(seed)).next();
            Fixture.Result result = Fixture.send(RULES, message, 4096, Fixture.origin());
            if (!result.passed()) {
                continue;
            }
            accepted++;
            for (Shown each : reader.read(message)) {
                shown++;
                if (isBelied(each)) {
                    found.add("seed " + seed + ": " + each + "\n" + new String(message, StandardCharsets.ISO_8859_1));
                }
            }
        }
        assertThat(found).isEmpty();
        assertThat(accepted).as("accepted of " + ROUNDS).isGreaterThan(ROUNDS / 50);
        assertThat(shown).as("attachments shown").isGreaterThan(ROUNDS / 100);
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
        assertThat(Fixture.send(RULES, message, 4096, Fixture.origin()).passed())
                .isFalse();
        assertThat(OtherReaders.angus(message)).anyMatch(ReadersTest::isBelied);
        assertThat(OtherReaders.mime4j(message)).anyMatch(ReadersTest::isBelied);
        try (Python python = Python.start(Tool.PYTHON.path(), directory)) {
            assertThat(python.read(message)).anyMatch(ReadersTest::isBelied);
        }
    }
}
