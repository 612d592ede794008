package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.JumpingClock;
import dev.postern.ServerTls;
import dev.postern.SmtpRelay;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.testkit.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that keep TLS busy and bring no line and no content forward: each is ended by the limit that it would be ended by
 * in clear. On a clock that runs by itself, as in production: there the socket's own time-out would begin anew with each
 * octet.
 */
class TlsTimeLimitsTest {

    private static final String TLS_1_2 = "TLSv1.2";
    private static final String TLS_1_3 = "TLSv1.3";

    /** Of one octet, or one record that says nothing. */
    private static final Duration PACE = Duration.ofMillis(500);

    private static final Duration INACTIVITY = Duration.ofMinutes(2);
    private static final Duration LIFETIME = Duration.ofMinutes(30);

    /** The clock runs on while the watchdog looks, which on a busy machine may take its time. */
    private static final Duration LATEST = Duration.ofMinutes(60);

    private final JumpingClock clock = new JumpingClock();
    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .listenTls("127.0.0.1", 0)
            .hostName("relay.test")
            .clock(clock)
            .tls(ServerTls.context())
            .authenticator(Authenticator.inMemory()
                    .user(Identity.of("alice@client.test"), "alice")
                    .build())
            .inactivityTimeout(INACTIVITY)
            .sessionLifetime(LIFETIME)
            .delivery(submission -> {
                throw new IllegalStateException("nothing is complete");
            })
            .start();

    @AfterEach
    void stop() {
        relay.close();
    }

    /** Where a client stops to go on. */
    private enum Place {
        GREETED,
        AUTH,
        DATA,
        BDAT;

        TlsPeer reach(Socket socket, String protocol) throws IOException {
            TlsPeer peer = new TlsPeer(socket, TestCertificates.clientContext(), true, protocol);
            peer.handshake();
            peer.readUntil("220 ");
            peer.say("EHLO client.test\r\n");
            peer.readUntil("250 ");
            if (this == AUTH) {
                peer.say("AUTH LOGIN\r\n");
                peer.readUntil("334 ");
            }
            if (this == DATA || this == BDAT) {
                peer.say("AUTH PLAIN " + ClientScript.base64("\0alice@client.test\0alice") + "\r\n");
                peer.readUntil("235 ");
                peer.say("MAIL FROM:<alice@client.test>\r\nRCPT TO:<bob@dest.test>\r\n");
                peer.readUntil("250 2.1.5");
                // the reply to the first chunk shows that the second was begun
                peer.say(this == DATA ? "DATA\r\n" : "BDAT 6\r\nX: y\r\nBDAT 1000000\r\nZ");
                peer.readUntil(this == DATA ? "354 " : "250 ");
            }
            return peer;
        }
    }

    static Stream<Arguments> placesAndProtocols() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(TLS_1_2, TLS_1_3).map(protocol -> Arguments.of(place, protocol)));
    }

    @ParameterizedTest
    @MethodSource("placesAndProtocols")
    void aSilentClientGetsItsFarewell(Place place, String protocol) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = place.reach(socket, protocol);
            clock.jump(INACTIVITY);
            assertThat(peer.readToEnd()).isEqualTo("421 4.7.0 Closing connection due to inactivity\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("placesAndProtocols")
    void aRecordThatComesOctetByOctetEnds(Place place, String protocol) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = place.reach(socket, protocol);
            byte[] record = peer.record("NOOP\r\n".repeat(2000));
            endsInTime(index -> peer.send(record[index]));
            assertThat(peer.readToEnd()).isEqualTo("421 4.7.0 Closing connection due to inactivity\r\n");
        }
    }

    /** Each record is a command, so the client is never inactive. */
    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aSessionOfCommandsThatComeOctetByOctetEndsWithItsLifetime(String protocol) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = Place.GREETED.reach(socket, protocol);
            ByteBuffer records = ByteBuffer.allocate(100_000);
            while (records.remaining() > 1000) {
                records.put(peer.record("NOOP\r\n"));
            }
            endsInTime(index -> {
                clock.jump(PACE);
                peer.send(records.get(index));
            });
            assertThat(peer.readToEnd().replace("250 2.0.0 Ok\r\n", ""))
                    .isEqualTo("421 4.7.0 Session lifetime exceeded, closing connection\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("placesAndProtocols")
    void recordsWithoutContentAreNoActivity(Place place, String protocol) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = place.reach(socket, protocol);
            endsInTime(index -> peer.send(peer.record("")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void keyUpdatesAreNoActivity(Place place) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = place.reach(socket, TLS_1_3);
            endsInTime(index -> peer.send(peer.keyUpdate()));
        }
    }

    /** The relay answers each, and the client reads none: what blocks then is a write, within a read. */
    @Test
    void keyUpdatesOfAClientThatDoesNotReadEnd() throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = Place.GREETED.reach(socket, TLS_1_3);
            AtomicInteger sent = new AtomicInteger();
            CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
                try {
                    while (true) {
                        peer.send(peer.keyUpdate());
                        sent.incrementAndGet();
                    }
                } catch (IOException e) {
                    return; // cut
                }
            });
            int before = -1;
            for (int now = 0; now != before && !flood.isDone(); now = sent.get()) { // until its pipe is full
                before = now;
                LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
            }
            endsInTime(index -> {});
            flood.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aHandshakeThatComesOctetByOctetEnds(String protocol) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = new TlsPeer(socket, TestCertificates.clientContext(), true, protocol);
            byte[] hello = peer.hello();
            endsInTime(index -> peer.send(hello[Math.min(index, hello.length - 2)]));
        }
    }

    /** Not in the middle of a record alone: what ends a read ends it with TLS whole. */
    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aStopSaysFarewellToAnIdleClient(String protocol) throws IOException {
        CompletableFuture<Void> stopped;
        try (Socket socket = connect()) {
            TlsPeer peer = Place.GREETED.reach(socket, protocol);
            stopped = CompletableFuture.runAsync(() -> relay.stop(INACTIVITY));
            assertThat(peer.readToEnd()).startsWith("421 4.3.2 ").hasLineCount(1);
        }
        stopped.join();
    }

    interface Step {
        void take(int index) throws IOException;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(relay.addresses().get(1));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Takes step after step, each after a while, until the relay has ended the session. */
    private void endsInTime(Step step) {
        Duration[] passed = {Duration.ZERO};
        int[] index = {0};
        Await.until(() -> "the session ends; " + passed[0] + " have passed", () -> {
            if (passed[0].compareTo(LATEST) < 0 && index[0] >= 0) {
                clock.jump(PACE);
                passed[0] = passed[0].plus(PACE);
                try {
                    step.take(index[0]++);
                } catch (IOException e) {
                    index[0] = -1; // cut
                }
            }
            return relay.connections() == 0;
        });
    }
}
