package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command that relays to nowhere and ends. */
class WarmUpTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        Quickstart quickstart = new Quickstart(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of());
        CommandLine line = Quickstart.commandLine(quickstart);
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    /** In a process of its own, for its log is the process's; nobody needs to read of these messages. */
    @Test
    void relaysSoManyMessagesAndEndsWithoutALogLine() throws InterruptedException {
        try (RelayProcess warmUp = RelayProcess.start("warm-up", "--messages", "21")) {
            assertThat(warmUp.awaitExit()).isZero();
            assertThat(warmUp.nextLine()).isEqualTo("postern: relayed 21 messages to nowhere");
            assertThat(warmUp.errors())
                    .allMatch(line -> line.startsWith("Picked up ")); // a JVM's, of JAVA_TOOL_OPTIONS
        }
    }

    @Test
    void noMessagesAreAWrongArgument() {
        assertThat(run("warm-up", "--messages", "0")).isEqualTo(2);
        assertThat(err).hasToString("postern: --messages: at least 1\n");
    }
}
