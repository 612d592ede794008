package dev.postern.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The generator against our sink, and against a server that is not ours to trust. */
class LoadRunTest {

    private static final String USER = "ann@example.org";

    private static final class Recorder implements LoadRun.Observer {
        private final List<String> seen = new ArrayList<>();

        @Override
        public synchronized void answered(int number, Answer answer) {
            seen.add(Load.name(number) + " " + answer.code());
        }

        @Override
        public synchronized void lost(int number, IOException cause) {
            seen.add(Load.name(number) + " lost");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NONE,false,0",
        "NONE,true,3",
        "STARTTLS,false,1",
        "STARTTLS,true,0",
        "IMPLICIT,false,4",
        "IMPLICIT,true,1"
    })
    void eachMessageArrivesOnce(TlsMode mode, boolean bdat, int perSession) throws IOException, InterruptedException {
        Sink.Settings settings = new Sink.Settings(mode, TestCertificates.serverContext(), true, true);
        try (Sink sink = new Sink(settings, 0)) {
            Target target = new Target(sink.port(), mode, Tls.trustingAnybody(), USER, "secret");
            LoadRun.Result result =
                    new LoadRun(new Load(target, 4, 20, perSession, 3, 2000, bdat), new Recorder()).run();

            assertThat(result.complaint()).isEmpty();
            assertThat(result.accepted()).isEqualTo(20);
            assertThat(result.millis()).hasSize(20).isSorted();
            assertThat(sink.arrivals())
                    .hasSize(20)
                    .containsOnlyKeys(
                            IntStream.range(0, 20).mapToObj(Load::name).toList())
                    .allSatisfy((name, count) -> assertThat(count).isEqualTo(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"false,500", "false,1000", "true,500", "true,4096"})
    void messagesAreWellFormedAndOfTheirSize(boolean bdat, int octets) throws InterruptedException {
        try (FakeUpstream server = FakeUpstream.start().withCredentials(USER, "secret")) {
            Load load = new Load(Target.plain(server.port(), USER, "secret"), 1, 2, 0, 50, octets, bdat);
            assertThat(new LoadRun(load, new Recorder()).run().accepted()).isEqualTo(2);

            assertThat(server.messages()).hasSize(2).allSatisfy(message -> {
                assertThat(message.recipients()).hasSize(50);
                assertThat(octets(message)).isEqualTo(load.content()).hasSizeBetween(octets - 2, octets + 2);
                assertThat(new String(octets(message), StandardCharsets.US_ASCII))
                        .endsWith("\r\n");
            });
            assertThat(server.bareLineEndings()).isEmpty();
        }
    }

    @Test
    void refusalsAndLossesAreTold() throws InterruptedException {
        try (FakeUpstream server = FakeUpstream.start()) {
            server.scriptOnce(Stage.END_OF_DATA, Fault.reply("452 4.3.1 Full"));
            server.scriptOnce(Stage.END_OF_DATA, Fault.close());
            Recorder recorder = new Recorder();
            LoadRun.Result result = new LoadRun(
                            new Load(Target.plain(server.port(), USER, ""), 1, 3, 0, 1, 1000, false), recorder)
                    .run();

            assertThat(recorder.seen).containsExactly("m0 452", "m1 lost", "m2 250");
            assertThat(result.refused()).isEqualTo(1);
            assertThat(result.lost()).isEqualTo(1);
            assertThat(result.json()).contains("\"accepted\": 1, \"refused\": 1, \"lost\": 1");
        }
    }

    @Test
    void theProxyDelaysAndChangesNothing() throws IOException, InterruptedException {
        try (FakeUpstream server = FakeUpstream.start();
                DelayProxy proxy = new DelayProxy(server.port(), Duration.ofMillis(40))) {
            Load load = new Load(Target.plain(proxy.port(), USER, ""), 2, 4, 0, 1, 300_000, false);
            LoadRun.Result result = new LoadRun(load, new Recorder()).run();

            assertThat(server.messages())
                    .hasSize(4)
                    .allSatisfy(message -> assertThat(octets(message)).isEqualTo(load.content()));
            // two round trips at least: up to the reply to DATA, and to the reply to the content
            assertThat(result.millis()).allSatisfy(millis -> assertThat(millis).isGreaterThanOrEqualTo(80));
        }
    }

    @Test
    void theFloorHandsOverWhatItGot() throws IOException, InterruptedException {
        try (FakeUpstream server = FakeUpstream.start();
                Floor floor = new Floor(server.port())) {
            Load load = new Load(Target.plain(floor.port(), USER, ""), 2, 6, 2, 3, 100_000, false);
            LoadRun.Result result = new LoadRun(load, new Recorder()).run();

            assertThat(result.accepted()).isEqualTo(6);
            assertThat(server.messages()).hasSize(6).allSatisfy(message -> {
                assertThat(message.recipients()).hasSize(3);
                assertThat(octets(message)).isEqualTo(load.content());
            });
        }
    }

    private static byte[] octets(ReceivedMessage message) {
        return message.content();
    }
}
