package dev.postern.corpus;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay whose files may have 1 MiB: the write that goes beyond fails as on a full disk, in the middle of a message. */
class FullDiskTest {

    private static final String HEAD = "From: alice@client.test\r\n\r\n";

    @Test
    void aMessageThatTheDiskCannotHoldIs452AndEverythingElseGoesOn(@TempDir Path directory)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh, whose ulimit makes files small");
        try (FakeUpstream upstream = FakeUpstream.start()) {
            Process process = new ProcessBuilder(
                            "/bin/sh",
                            "-c",
                            "ulimit -f 2048; exec \"$@\"", // blocks of 512 octets, by POSIX
                            "sh",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:-UsePerfData",
                            "-cp",
                            System.getProperty("java.class.path"),
                            SmallHeapRelay.class.getName(),
                            String.valueOf(upstream.port()),
                            directory.toString())
                    .redirectErrorStream(true)
                    .start();
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            int port = Integer.parseInt(output.readLine());
            try (SmtpProbe other = connect(port);
                    SmtpProbe probe = connect(port)) {
                envelope(other);
                assertThat(other.send("DATA")).hasCode(354);
                other.write(HEAD + "half of a message\r\n");

                envelope(probe);
                assertThat(probe.data(message(600 << 10))).as("in a file").hasCode(250);
                envelope(probe);
                assertThat(probe.data(message(3 << 20))).isStandardReply(StandardReply.CONTENT_SPACE);
                envelope(probe);
                assertThat(probe.bdat(message(3 << 20).getBytes(StandardCharsets.US_ASCII), true))
                        .hasWire("452 4.3.1 Insufficient system storage\r\n");
                envelope(probe);
                assertThat(probe.data(message(600 << 10)))
                        .as("in a file, once more")
                        .hasCode(250);
                envelope(probe);
                assertThat(probe.data(message(100))).as("in memory").hasCode(250);

                other.write("the other half\r\n.\r\n");
                assertThat(other.readReply()).hasCode(250);
            }
            assertThat(upstream.messages()).hasSize(4);
            process.getOutputStream().close();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            List<String> lines = output.lines().toList();
            assertThat(lines).last().isEqualTo("ended by -1");
            assertThat(lines.subList(0, lines.size() - 1))
                    .as("what was logged: one line a message, no stack")
                    .hasSize(2)
                    .allMatch(line -> line.contains("WARN Reception - a message's file cannot be written: "));
            try (Stream<Path> left = Files.list(directory)) {
                assertThat(left).as("files left").isEmpty();
            }
        }
    }

    private static SmtpProbe connect(int port) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", port);
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).hasCode(250);
        return probe;
    }

    private static void envelope(SmtpProbe probe) {
        assertThat(probe.mail("alice@client.test")).hasCode(250);
        assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
    }

    private static String message(int octets) {
        String line = "x".repeat(78) + "\r\n";
        return HEAD + line.repeat((octets - HEAD.length()) / line.length());
    }
}
