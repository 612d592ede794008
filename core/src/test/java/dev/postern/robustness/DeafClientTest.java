package dev.postern.robustness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.TimeLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do not read, that trickle, and that are there while the relay stops: none holds it up for ever. */
@Isolated("counts threads and descriptors of the process")
class DeafClientTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(60);

    // not reading

    @Test
    void aClientThatDoesNotReadIsCutByTheWriteLimit(@TempDir Path directory) throws IOException {
        Leftovers leftovers = new Leftovers();
        // no other limit of time may be the one that ends it
        try (Stand stand = Stand.open(
                directory,
                builder -> builder.times(TimeLimits.defaults().withInactivity(DAY))
                        .sessions(Stand.ONE_OF_EACH.withLifetime(DAY)))) {
            Duration[] blocked = {Duration.ZERO};
            try (SocketChannel client = deaf(stand)) {
                Await.until("it is let in", () -> stand.relay.connections() == 1);
                Await.until("it is cut", () -> {
                    if (stalled(client)) {
                        stand.clock.advance(Duration.ofSeconds(1));
                        blocked[0] = blocked[0].plusSeconds(1);
                    }
                    return stand.relay.connections() == 0;
                });
            }
            // the clock runs on while the watchdog looks twice
            assertThat(blocked[0]).isBetween(WRITE_LIMIT, WRITE_LIMIT.multipliedBy(60));
            stand.assertFree();
            stand.assertServes();
        }
        leftovers.awaitGone();
    }

    /** Nor do its replies pile up in the system's memory, which holds as many for each connection. */
    @Test
    void aClientThatDoesNotReadDoesNotHoldUpTheStop(@TempDir Path directory) throws IOException {
        Leftovers leftovers = new Leftovers();
        AtomicLong sent = new AtomicLong();
        RelayListener listener = new RelayListener() {
            @Override
            public void sessionClosed(RelayEvent.SessionClosed event) {
                sent.set(event.octetsOut());
            }
        };
        try (Stand stand = Stand.open(
                        directory,
                        builder -> builder.times(TimeLimits.defaults().withInactivity(DAY))
                                .sessions(Stand.ONE_OF_EACH.withLifetime(DAY))
                                .listener(listener));
                SocketChannel client = deaf(stand)) {
            int[] still = {0};
            Await.until("its pipe is full", () -> {
                still[0] = stalled(client) ? still[0] + 1 : 0;
                return still[0] == 50;
            });
            stand.stop(Duration.ofSeconds(5));
            stand.assertFree();
        }
        leftovers.awaitGone();
        assertThat(sent).hasValueBetween(1, 256 * 1024);
    }

    private static SocketChannel deaf(Stand stand) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        channel.connect(stand.relay.addresses().get(0));
        String login = "EHLO x\r\nAUTH PLAIN " + ClientScript.base64("\0alice@client.test\0alice") + "\r\n";
        channel.write(ByteBuffer.wrap(login.getBytes(US_ASCII)));
        channel.configureBlocking(false);
        return channel;
    }

    /** Asks for more of what it does not read. Tells whether the relay has stopped taking it in. */
    private static boolean stalled(SocketChannel client) {
        try {
            return client.write(ByteBuffer.wrap("HELP\r\n".repeat(2000).getBytes(US_ASCII))) == 0;
        } catch (IOException e) {
            return false; // cut
        }
    }

    // trickling

    @Test
    void anOctetASecondOfACommandLineIsEndedWith421(@TempDir Path directory) {
        trickles(directory, Stand::logIn);
    }

    @Test
    void anOctetASecondOfContentIsEndedWith421(@TempDir Path directory) {
        trickles(directory, client -> {
            Stand.envelope(client);
            client.say("DATA", 354);
        });
    }

    @Test
    void anOctetASecondOfAChunkIsEndedWith421(@TempDir Path directory) {
        trickles(directory, client -> {
            Stand.envelope(client);
            client.write("BDAT 1000000 LAST\r\n");
        });
    }

    /** Whatever the client goes on sending, it is over with the session's lifetime at the latest. */
    private static void trickles(Path directory, Consumer<Client> beginning) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (Client client = stand.connect()) {
                beginning.accept(client);
                Duration end = Duration.ofMinutes(31);
                Duration passed = Duration.ZERO;
                while (!client.hasReply() && passed.compareTo(end) < 0) {
                    client.write("x");
                    stand.clock.advance(Duration.ofSeconds(1));
                    passed = passed.plusSeconds(1);
                }
                client.expect(421);
                client.leave(Client.Leaving.HALF_CLOSE);
                assertThat(client.readToEnd()).isEmpty();
            }
            stand.assertFree();
            stand.assertServes();
        }
        leftovers.awaitGone();
    }

    // stopping

    @Test
    void aStopWaitsForContentThatIsOnItsWayAndSaysFarewellAfterIt(@TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (Client client = stand.connect()) {
                Stand.envelope(client);
                client.say("DATA", 354);
                client.write(Stand.MESSAGE);
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stand.relay.stop(DAY));
                Await.until(
                        "nobody is accepted any more",
                        () -> refuses(stand.relay.addresses().get(0)));
                client.say(".", 250);
                client.expect(421);
                client.leave(Client.Leaving.CLOSE);
                stopped.join();
            }
            stand.assertFree();
            assertThat(stand.upstream.messages()).hasSize(1);
        }
        leftovers.awaitGone();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DATA\r\n", "BDAT 1000\r\n", "BDAT 1000 LAST\r\n", "NOOP\r\n"})
    void aStopCutsAMessageThatDoesNotEnd(String command, @TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (Client client = stand.connect()) {
                Stand.envelope(client);
                client.write(command + Stand.MESSAGE);
                stand.stop(Duration.ofSeconds(5));
                String replies = client.readToEnd();
                assertThat(replies).doesNotContain("250 2.0.0 Ok: relayed");
            }
            stand.assertFree();
            assertThat(stand.upstream.contentsSeen()).isZero();
        }
        leftovers.awaitGone();
    }

    @Test
    void aStopWaitsForAnUpstreamThatHoldsTheEndOfData(@TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answers = new CountDownLatch(1);
        UpstreamDelivery delivery = submission -> {
            asked.countDown();
            await(answers);
            return DeliveryResult.accepted("test", Reply.of(250, new EnhancedStatus(2, 0, 0), "taken"));
        };
        try (Stand stand = Stand.delivering(directory, delivery)) {
            try (Client client = stand.connect()) {
                Stand.envelope(client);
                client.say("DATA", 354);
                client.write(Stand.MESSAGE + ".\r\n");
                await(asked);
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stand.relay.stop(DAY));
                Await.until(
                        "nobody is accepted any more",
                        () -> refuses(stand.relay.addresses().get(0)));
                answers.countDown();
                client.expect(250);
                client.expect(421);
                client.leave(Client.Leaving.CLOSE);
                stopped.join();
            }
        }
        leftovers.awaitGone();
    }

    @Test
    void aStopDoesNotWaitForEverForAnUpstreamThatHoldsTheEndOfData(@TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            stand.upstream.script(Stage.END_OF_DATA, Fault.hang());
            try (Client client = stand.connect()) {
                Stand.envelope(client);
                client.say("DATA", 354);
                client.write(Stand.MESSAGE + ".\r\n");
                Await.until("the upstream has it all", () -> stand.upstream.contentsSeen() == 1);
                stand.stop(Duration.ofSeconds(5));
                assertThat(client.readToEnd()).as("never a 250").doesNotContain("250");
            }
            stand.assertFree();
            assertThat(stand.upstream.contentsSeen()).as("sent once").isOne();
        }
        leftovers.awaitGone();
    }

    @Test
    void aStopEndsAnIdleSessionAtOnceWith421(@TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (Client client = stand.connect()) {
                Stand.logIn(client);
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stand.relay.stop(DAY));
                client.expect(421);
                client.leave(Client.Leaving.CLOSE);
                stopped.join();
            }
            stand.assertFree();
        }
        leftovers.awaitGone();
    }

    @Test
    void aStopEndsAHandshakeAtOnce(@TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (Client client = stand.connectTls()) {
                Await.until("it is let in", () -> stand.relay.connections() == 1);
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stand.relay.stop(DAY));
                client.readToEnd();
                stopped.join();
            }
            stand.assertFree();
        }
        leftovers.awaitGone();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("nothing came of it within 10 s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean refuses(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address);
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
