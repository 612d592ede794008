package dev.postern.internal.upstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.time.Watchdog;
import dev.postern.testkit.TestClock;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionTest {

    private final TestClock clock = new TestClock();

    @Test
    void whatArrivesDuringARestEndsTheConnection() throws Exception {
        try (Watchdog watchdog = new Watchdog(clock);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket peer = server.accept();
                Connection connection = new Connection(socket, clock, watchdog)) {
            connection.rest(Duration.ofMinutes(1));
            assertThat(connection.wake()).isTrue();
            connection.rest(Duration.ofMinutes(1));
            peer.getOutputStream().write("421 4.4.2 bye\r\n".getBytes(StandardCharsets.US_ASCII));
            while (socket.getInputStream().available() == 0) {
                Thread.onSpinWait(); // until the octets have come through the loopback
            }
            assertThat(connection.wake()).isFalse();
        }
    }
}
