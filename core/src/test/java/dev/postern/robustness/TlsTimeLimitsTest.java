package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.JumpingClock;
import dev.postern.ServerTls;
import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.testkit.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    private static final Duration LIFETIME = Duration.ofMinutes(10);

    /** An hour of the clock, which runs on while the watchdog looks; on a busy machine that may take its time. */
    private static final int MOST_STEPS = 7200;

    private static final String INACTIVE = "421 4.7.0 Closing connection due to inactivity\r\n";

    private final JumpingClock clock = new JumpingClock();
    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .listenTls("127.0.0.1", 0)
            .hostName("relay.test")
            .clock(clock)
            .tls(TlsSettings.of(ServerTls.context()))
            .auth(AuthSettings.passwords(Authenticator.inMemory()
                    .user(Identity.of("alice@client.test"), "alice")
                    .build()))
            .times(TimeLimits.defaults().withInactivity(INACTIVITY))
            .sessions(SessionLimits.defaults().withLifetime(LIFETIME))
            .delivery(submission -> {
                throw new IllegalStateException("nothing is complete");
            })
            .start();

    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
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

    /** Connects a client for each place, all of them at once: what takes a test its time is one wait for the watchdog. */
    private List<TlsPeer> everywhere(String... protocols) throws IOException {
        List<TlsPeer> peers = new ArrayList<>();
        for (Place place : Place.values()) {
            for (String protocol : protocols) {
                peers.add(place.reach(connect(), protocol));
            }
        }
        return peers;
    }

    @Test
    void aSilentClientGetsItsFarewell() throws IOException {
        List<TlsPeer> peers = everywhere(TLS_1_2, TLS_1_3);
        clock.jump(INACTIVITY);
        assertThat(peers).allSatisfy(peer -> assertThat(peer.readToEnd()).isEqualTo(INACTIVE));
    }

    @Test
    void aRecordThatComesOctetByOctetEnds() throws IOException {
        List<TlsPeer> peers = everywhere(TLS_1_2, TLS_1_3);
        List<byte[]> records = new ArrayList<>();
        for (TlsPeer peer : peers) {
            records.add(peer.record("NOOP\r\n".repeat(2000)));
        }
        endInTime(peers, (peer, index) -> peer.send(records.get(peers.indexOf(peer))[index]));
        assertThat(peers).allSatisfy(peer -> assertThat(peer.readToEnd()).isEqualTo(INACTIVE));
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
            endInTime(List.of(peer), (sender, index) -> {
                clock.jump(PACE);
                sender.send(records.get(index));
            });
            assertThat(peer.readToEnd().replace("250 2.0.0 Ok\r\n", ""))
                    .isEqualTo("421 4.7.0 Session lifetime exceeded, closing connection\r\n");
        }
    }

    @Test
    void recordsWithoutContentAreNoActivity() throws IOException {
        endInTime(everywhere(TLS_1_2, TLS_1_3), (peer, index) -> peer.send(peer.record("")));
    }

    @Test
    void keyUpdatesAreNoActivity() throws IOException {
        endInTime(everywhere(TLS_1_3), (peer, index) -> peer.send(peer.keyUpdate()));
    }

    /** The relay answers each, and the client reads none: what blocks then is a write, within a read. */
    @Test
    void keyUpdatesOfAClientThatDoesNotReadEnd() throws IOException {
        try (Socket socket = connect()) {
            socket.setSendBufferSize(32 * 1024); // soon full
            TlsPeer peer = Place.GREETED.reach(socket, TLS_1_3);
            AtomicInteger sent = new AtomicInteger();
            CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
                try {
                    while (true) {
                        ByteArrayOutputStream many = new ByteArrayOutputStream();
                        while (many.size() < 8192) { // in segments so small the system would hold few
                            many.writeBytes(peer.keyUpdate());
                        }
                        peer.send(many.toByteArray());
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
            endInTime(List.of(peer), (silent, index) -> {});
            flood.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aHandshakeThatComesOctetByOctetEnds(String protocol) throws IOException {
        try (Socket socket = connect()) {
            TlsPeer peer = new TlsPeer(socket, TestCertificates.clientContext(), true, protocol);
            byte[] hello = peer.hello();
            endInTime(List.of(peer), (sender, index) -> sender.send(hello[Math.min(index, hello.length - 2)]));
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

    private interface Step {
        void take(TlsPeer peer, int index) throws IOException;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(4096);
        socket.connect(relay.addresses().get(1));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Takes step after step for each, each after a while, until the relay has ended their sessions. */
    private void endInTime(List<TlsPeer> peers, Step step) {
        Set<TlsPeer> left = new HashSet<>(peers);
        int[] steps = {0};
        Await.until(() -> left.size() + " are not cut after " + PACE.multipliedBy(steps[0]), () -> {
            if (steps[0] < MOST_STEPS) {
                clock.jump(PACE);
                left.removeIf(peer -> isCut(peer, step, steps[0]));
                steps[0]++;
            }
            return relay.connections() == 0;
        });
    }

    private static boolean isCut(TlsPeer peer, Step step, int index) {
        try {
            step.take(peer, index);
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
