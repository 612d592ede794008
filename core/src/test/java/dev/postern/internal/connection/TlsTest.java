package dev.postern.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.ClientCertificates;
import dev.postern.testkit.TestCertificates;
import java.io.IOException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsTest {

    private static SSLSocket configured(ClientCertificates certificates) throws IOException {
        SSLSocket socket =
                (SSLSocket) TestCertificates.serverContext().getSocketFactory().createSocket();
        socket.setEnabledProtocols(socket.getSupportedProtocols());
        new Tls(TestCertificates::serverContext, certificates).configure(socket);
        return socket;
    }

    /** RFC 8314 section 4.1, also where the JVM's own list of what is disabled was emptied. */
    @Test
    void nothingUnderTls12IsSpoken() throws IOException {
        try (SSLSocket socket = configured(ClientCertificates.NONE)) {
            assertThat(socket.getSupportedProtocols()).contains("TLSv1", "TLSv1.1");
            assertThat(socket.getEnabledProtocols()).containsExactlyInAnyOrder("TLSv1.2", "TLSv1.3");
            assertThat(socket.getUseClientMode()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientCertificatesAreAskedForAsChosen(ClientCertificates certificates) throws IOException {
        try (SSLSocket socket = configured(certificates)) {
            assertThat(socket.getWantClientAuth()).isEqualTo(certificates == ClientCertificates.WANTED);
            assertThat(socket.getNeedClientAuth()).isEqualTo(certificates == ClientCertificates.NEEDED);
        }
    }
}
