package dev.postern.corpus;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of 20 MiB, which are held in files, through a relay whose heap is 64 MB, by DATA and by BDAT. */
class SmallHeapTest {

    private static final int MAX = 20 << 20;

    /** Many times what memory holds of a message. */
    private static final int LARGE = 4 << 20;

    private static final int CHUNK = 3_000_001;

    private static FakeUpstream upstream;
    private static Process process;
    private static BufferedReader output;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
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
                        String.valueOf(upstream.port()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        port = Integer.parseInt(output.readLine());
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertThat(output.readLine()).as("it has lived to the end").isEqualTo("ended by -1");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        upstream.close();
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
        byte[] content = ("From: alice@client.test\r\n\r\n" + ("x".repeat(62) + "\r\n").repeat(1100))
                .getBytes(StandardCharsets.UTF_8);
        List<SmtpProbe> stopped = new ArrayList<>();
        try {
            while (stopped.size() < 800) {
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", port).timeout(Duration.ofSeconds(50));
                stopped.add(probe);
                assertThat(probe.readReply()).hasCode(220);
                assertThat(probe.ehlo()).hasCode(250);
                assertThat(probe.mail("alice@client.test")).hasCode(250);
                assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
                assertThat(probe.send("DATA")).hasCode(354);
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
