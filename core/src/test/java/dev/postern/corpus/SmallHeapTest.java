package dev.postern.corpus;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of 20 MiB, which are held in files, through a relay whose heap is 64 MB, by DATA and by BDAT. */
class SmallHeapTest {

    private static final int MAX = 20 << 20;

    /** Many times what memory holds of a message. */
    private static final int LARGE = 2 << 20;

    private static final int CHUNK = 3_000_001;

    @TempDir
    private static Path directory;

    private static FakeUpstream upstream;
    private static Process process;
    private static BufferedReader output;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        Files.createFile(directory.resolve("postern-content-of-another")); // which was killed before
        upstream = FakeUpstream.start();
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC", // as a machine so small has it
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeapRelay.class.getName(),
                        String.valueOf(upstream.port()),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        port = Integer.parseInt(output.readLine());
    }

    /** It has lived to the end, which is a {@code kill -9} while a message is in a file. */
    @AfterAll
    static void kill() throws IOException, InterruptedException {
        try (SmtpProbe probe = inContent()) {
            probe.write(content(1 << 20));
            Await.until("a file is open, without a name", () -> filesOfContent() == 1);
            assertThat(process.toHandle().destroyForcibly()).isTrue();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(output.readLine())
                    .as("what it says when it ends by itself")
                    .isNull();
        }
        assertThat(directory).isEmptyDirectory();
        upstream.close();
        upstream = null; // with hundreds of megabytes, which other tests' JVM would keep
    }

    /** How many are open that have no name any more. */
    private static long filesOfContent() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
            return descriptors
                    .map(SmallHeapTest::target)
                    .filter(file ->
                            file.startsWith(directory) && file.toString().endsWith(" (deleted)"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException("the relay has ended by itself", e);
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException e) {
            return descriptor; // closed in the meantime
        }
    }

    private static byte[] content(int octets) {
        String line = "x".repeat(62) + "\r\n";
        return ("From: alice@client.test\r\n\r\n" + line.repeat(octets / line.length()))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static SmtpProbe inContent() {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", port).timeout(Duration.ofSeconds(50));
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).hasCode(250);
        assertThat(probe.mail("alice@client.test")).hasCode(250);
        assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
        assertThat(probe.send("DATA")).hasCode(354);
        return probe;
    }

    private static ProbeReply send(byte[] message, boolean chunks) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", port).timeout(Duration.ofSeconds(50))) {
            assertThat(probe.readReply()).hasCode(220);
            assertThat(probe.ehlo()).hasCode(250);
            assertThat(probe.mail("alice@client.test")).hasCode(250);
            assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
            if (!chunks) {
                return probe.data(message);
            }
            int at = 0;
            while (message.length - at > CHUNK) {
                ProbeReply reply = probe.bdat(Arrays.copyOfRange(message, at, at + CHUNK), false);
                if (reply.code() != 250) {
                    return reply;
                }
                at += CHUNK;
            }
            return probe.bdat(Arrays.copyOfRange(message, at, message.length), true);
        }
    }

    static Stream<Arguments> kinds() {
        return Samples.oneOfEachKind();
    }

    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("kinds")
    void refusesLargeMessageWithItsRow(Sample sample, StandardReply row) {
        byte[] message = large(sample, MAX);
        assertThat(send(message, false)).isStandardReply(row);
        assertThat(send(message, true)).isStandardReply(row);
    }

    static Stream<Arguments> others() {
        return Samples.hostile().skip(Samples.oneOfEachKind().count());
    }

    /** By one of both ways and not as large, for each takes a while: what comes behind the reading of content is the same. */
    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("others")
    void refusesOtherLargeMessagesWithTheirRow(Sample sample, StandardReply row) {
        assertThat(send(large(sample, LARGE), sample.name().length() % 2 == 0)).isStandardReply(row);
    }

    private static byte[] large(Sample sample, int size) {
        byte[] message = sample.ofSize(size);
        assertThat(message.length).isGreaterThan(size - 1000).isLessThanOrEqualTo(size);
        return message;
    }

    @Test
    void refusesAnOctetTooManyWith523() {
        byte[] message = Arrays.copyOf(Sample.of("", Sample.FROM + "|{pad}|").ofSize(MAX), MAX + 1);
        Arrays.fill(message, MAX - 200, message.length - 2, (byte) 'y');
        message[message.length - 2] = '\r';
        message[message.length - 1] = '\n';
        assertThat(send(message, false)).isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
        assertThat(send(message, true)).isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
    }

    /** Each has sent as much as fills buffers of any size, and lets the relay wait for more. */
    @Test
    void livesWithManyClientsThatStopInTheirContent() {
        byte[] content = content(1100 * 64);
        List<SmtpProbe> stopped = new ArrayList<>();
        try {
            while (stopped.size() < 800) {
                SmtpProbe probe = inContent();
                stopped.add(probe);
                probe.write(content);
            }
            assertThat(send(content, false)).hasCode(250);
            upstream.awaitMessage();
        } finally {
            stopped.forEach(SmtpProbe::close);
        }
    }

    static Stream<Sample> passed() {
        return Samples.passed()
                .filter(sample -> sample.ofSize(MAX).length > MAX - 1000)
                .limit(4);
    }

    @ParameterizedTest
    @MethodSource("passed")
    void passesLargeMessage(Sample sample) {
        byte[] message = sample.ofSize(MAX);
        for (boolean chunks : new boolean[] {false, true}) {
            assertThat(send(message, chunks)).hasCode(250);
            byte[] arrived = upstream.awaitMessage().content();
            assertThat(Arrays.equals(
                            arrived, arrived.length - message.length, arrived.length, message, 0, message.length))
                    .isTrue();
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("dev.postern.corpus.Samples#hostile")
    void refusesSmallMessageWithItsRow(Sample sample, StandardReply row) {
        assertThat(send(sample.small(), false)).isStandardReply(row);
        assertThat(send(sample.small(), true)).isStandardReply(row);
    }
}
