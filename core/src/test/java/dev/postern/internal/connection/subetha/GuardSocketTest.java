package dev.postern.internal.connection.subetha;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class GuardSocketTest {

    /** SubEtha asks for the name of each client when its log is at DEBUG, and nobody is accepted until DNS has answered. */
    @Test
    void subEthaCannotLookUpTheNameOfAClient() throws IOException {
        try (Socket accepted = new Socket()) {
            GuardSocket guard = new GuardSocket(accepted, () -> {
                throw new AssertionError("not accepted yet");
            });
            InetSocketAddress seen = (InetSocketAddress) guard.getRemoteSocketAddress();
            assertThat(seen.getHostString()).as("a name that is known already").isEqualTo("client");
            assertThat(guard.getInetAddress()).isEqualTo(seen.getAddress());
        }
    }
}
