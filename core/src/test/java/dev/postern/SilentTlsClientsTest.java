package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that connect where TLS comes first, and say nothing: they are counted before their handshake. */
class SilentTlsClientsTest {

    private static final int MANY = 100;
    private static final int REFUSED_HANDSHAKES = 50;
    private static final SessionLimits LIMITS =
            SessionLimits.defaults().withConnections(10).withPerAddress(4);

    private final List<Socket> silent = new ArrayList<>();
    private final AtomicInteger closed =
            new AtomicInteger(); // at once: others wait for their handshake, to be told why

    private Scene scene() {
        return Scene.open(builder -> builder.sessions(LIMITS).listener(RelayListener.of(event -> {
            if (event instanceof RelayEvent.Refused) {
                closed.incrementAndGet();
            }
        })));
    }

    private void connect(Scene scene) throws IOException {
        InetSocketAddress server = scene.relay.addresses().get(1);
        silent.add(new Socket(server.getAddress(), server.getPort(), InetAddress.getByName("127.0.0.2"), 0));
    }

    /** Waits until none is left that may still come, and would be counted for a moment. */
    private void come(Scene scene) throws IOException {
        for (int i = 0; i < MANY; i++) {
            connect(scene);
        }
        Await.until("all have come", () -> closed.get() == MANY - 4 - REFUSED_HANDSHAKES);
        Await.until("the others are closed", () -> scene.relay.sessions().size() == 4 + REFUSED_HANDSHAKES);
        assertThat(scene.relay.connections()).isEqualTo(4);
    }

    @AfterEach
    void goAway() throws IOException {
        for (Socket socket : silent) {
            socket.close();
        }
    }

    @Test
    void oneAddressKeepsNobodyElseOut() throws IOException {
        try (Scene scene = scene()) {
            come(scene);
            Scene.send(scene.alice(Access.IMPLICIT_TLS));
            Scene.send(scene.alice(Access.CLEAR));
        }
    }

    @Test
    void aRelayThatStopsWaitsForNoneOfThem() throws IOException {
        try (Scene scene = scene()) {
            come(scene);
            scene.relay.stop(Duration.ofHours(1)); // of a clock that stands
            assertThat(scene.relay.sessions()).isEmpty();
        }
    }

    @Test
    void whenTheirTimeIsOverOthersAreTakenInAgain() throws IOException {
        try (Scene scene = scene()) {
            come(scene);
            Await.until("all have gone", () -> {
                scene.clock.advance(Duration.ofSeconds(31)); // again: the time of some may begin only now
                return scene.relay.sessions().isEmpty();
            });
            assertThat(scene.relay.connections()).isZero();
            assertThat(scene.connectFrom("127.0.0.2").readReply()).hasCode(220);
        }
    }

    @Test
    void whoIsRefusedIsToldWhyBehindTheHandshake() {
        try (Scene scene = Scene.open(builder -> builder.sessions(LIMITS.withPerAddress(1)))) {
            scene.alice(Access.IMPLICIT_TLS);
            SmtpProbe second = scene.connect(Access.IMPLICIT_TLS);
            assertThat(second.readReply()).isStandardReply(StandardReply.IP_SESSIONS_EXCEEDED);
            second.assertClosed();
        }
    }

    @Test
    void whoIsRefusedAndHasNoTlsIsToldOfAllTheSame() throws IOException {
        Set<Reply> refused = ConcurrentHashMap.newKeySet();
        RelayListener listener = RelayListener.of(event -> {
            if (event instanceof RelayEvent.Refused refusal) {
                refused.add(refusal.reply());
            }
        });
        try (Scene scene =
                Scene.open(builder -> builder.sessions(LIMITS.withPerAddress(1)).listener(listener))) {
            scene.alice(Access.IMPLICIT_TLS);
            InetSocketAddress server = scene.relay.addresses().get(1);
            try (Socket client = new Socket(server.getAddress(), server.getPort())) {
                client.getOutputStream().write("EHLO client.test\r\n".getBytes(StandardCharsets.US_ASCII));
                Await.until("the listener is told", () -> !refused.isEmpty());
            }
            assertThat(refused).containsExactly(StandardReply.IP_SESSIONS_EXCEEDED.reply());
        }
    }

    @Test
    void nothingIsSaidInClear() throws IOException {
        SessionRegistry broken = claim -> {
            throw new StackOverflowError("of the host");
        };
        try (Scene scene =
                Scene.open(builder -> builder.stores(Stores.defaults().withSessions(broken)))) {
            InetSocketAddress server = scene.relay.addresses().get(1);
            try (Socket client = new Socket(server.getAddress(), server.getPort())) {
                client.setSoTimeout(10_000);
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }
    }
}
