package dev.postern.testkit.internal.wire;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WireTest {

    @Test
    void takesNoMemoryForWhatIsOnlyAnnounced() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Wire wire = new Wire(server.accept())) {
            client.getOutputStream().write("five!".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThatThrownBy(() -> wire.readExactly(Integer.MAX_VALUE)) // no array is that long
                    .isInstanceOf(EOFException.class)
                    .hasMessage("end of stream after 5 of 2147483647 octets");
        }
    }
}
