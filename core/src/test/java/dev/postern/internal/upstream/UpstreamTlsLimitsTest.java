package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.JumpingClock;
import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.robustness.TlsPeer;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Upstreams that keep TLS busy and bring no reply forward. On a clock that runs by itself, as in production: there the
 * socket's own time-out would begin anew with each octet.
 */
class UpstreamTlsLimitsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PACE = Duration.ofMillis(500);

    private final JumpingClock clock = new JumpingClock();
    private final Watchdog watchdog = new Watchdog(clock);
    /** From JDK 25 on, what is given no executor shares one thread on a machine of two processors. */
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private ServerSocket server;
    private UpstreamPool pool;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        pool = Mail.to(server.getLocalPort(), Security.IMPLICIT_TLS, TestCertificates.clientContext(), "", LIMIT)
                .pool(clock, watchdog, RelayListener.none());
    }

    @AfterEach
    void stop() throws IOException {
        pool.close();
        server.close();
        watchdog.close();
        threads.shutdownNow();
    }

    /** Where the upstream stops to go on. */
    private enum Place {
        HANDSHAKE(Reason.UNREACHABLE),
        GREETING(Reason.UNREACHABLE),
        EHLO(Reason.UNREACHABLE),
        MAIL(Reason.TURNED_AWAY),
        RCPT(Reason.FAILED),
        DATA(Reason.FAILED),
        END(Reason.AMBIGUOUS);

        private static final List<Place> REPLIES = Arrays.asList(values()).subList(1, values().length);

        private final Reason reason;

        Place(Reason reason) {
            this.reason = reason;
        }

        /** Answers everything before; what comes next is the reply of this place. */
        void reach(TlsPeer peer) throws IOException {
            if (this == HANDSHAKE) {
                peer.awaitHello(); // octets before it are out of turn
                return;
            }
            peer.handshake();
            for (Place before : REPLIES.subList(0, REPLIES.indexOf(this))) {
                peer.say(
                        switch (before) {
                            case GREETING -> "220 ready\r\n";
                            case DATA -> "354 go on\r\n";
                            default -> "250 fine\r\n";
                        });
                peer.readUntil(before == DATA ? "\r\n.\r\n" : "\r\n");
            }
        }
    }

    /** How it goes on. */
    private enum Attack {
        RECORD_BY_OCTETS {
            @Override
            void next(TlsPeer peer, int index) throws IOException {
                // of 16 KiB, of which each octet is as good as another, of the handshake or of application data
                byte[] head = {peer.secured() ? (byte) 23 : 22, 3, 3, 64, 0};
                peer.send(index < head.length ? head[index] : 0);
            }
        },
        LINES {
            @Override
            void next(TlsPeer peer, int index) throws IOException {
                peer.say("250-go\r\n".substring(index % 8, index % 8 + 1));
            }
        },
        KEY_UPDATES {
            @Override
            void next(TlsPeer peer, int index) throws IOException {
                peer.send(peer.keyUpdate());
            }
        };

        abstract void next(TlsPeer peer, int index) throws IOException;
    }

    static Stream<Arguments> attacks() {
        return Stream.of(Place.HANDSHAKE, Place.GREETING, Place.MAIL, Place.END)
                .flatMap(place -> Stream.of(Attack.values())
                        .filter(attack -> place != Place.HANDSHAKE || attack == Attack.RECORD_BY_OCTETS)
                        .flatMap(attack -> Stream.of("TLSv1.2", "TLSv1.3")
                                .filter(protocol -> attack != Attack.KEY_UPDATES || protocol.equals("TLSv1.3"))
                                .map(protocol -> Arguments.of(place, attack, protocol))));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void isGivenUpInTime(Place place, Attack attack, String protocol) {
        CompletableFuture<Boolean> cut =
                CompletableFuture.supplyAsync(() -> isCut(place, false, attack, protocol), threads);
        DeliveryResult result = CompletableFuture.supplyAsync(() -> pool.deliver(Mail.simple()), threads)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        assertThat(cut.join()).isTrue();
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).detail()).endsWith("time-out");
        assertThat(((Deferred) result).reason()).isEqualTo(place.reason);
    }

    @ParameterizedTest
    @EnumSource(names = {"RECORD_BY_OCTETS", "KEY_UPDATES"})
    void theReplyToQuitIsNotAwaitedForEver(Attack attack) {
        CompletableFuture<Boolean> cut =
                CompletableFuture.supplyAsync(() -> isCut(Place.END, true, attack, "TLSv1.3"), threads);
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(DeliveryResult.Accepted.class);
        CompletableFuture.runAsync(pool::close, threads)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        assertThat(cut.join()).isTrue();
    }

    /** Plays the upstream, until it is cut or has gone on for an hour and more. */
    private boolean isCut(Place place, boolean untilQuit, Attack attack, String protocol) {
        try (Socket socket = server.accept()) {
            socket.setTcpNoDelay(true);
            TlsPeer peer = new TlsPeer(socket, TestCertificates.serverContext(), false, protocol);
            place.reach(peer);
            if (untilQuit) {
                peer.say("250 taken\r\n");
                peer.readUntil("RSET\r\n");
                peer.say("250 reset\r\n");
                peer.readUntil("QUIT\r\n");
            }
            for (int i = 0; i < 10_000; i++) {
                attack.next(peer, i);
                clock.jump(PACE);
                LockSupport.parkNanos(1_000_000); // the watchdog looks by real time
            }
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
