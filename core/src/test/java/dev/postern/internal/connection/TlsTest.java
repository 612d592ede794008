package dev.postern.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.ClientCertificates;
import dev.postern.testkit.TestCertificates;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsTest {

    private static SSLEngine configured(ClientCertificates certificates) {
        return new Tls(TestCertificates::serverContext, certificates).engine();
    }

    /** RFC 8314 section 4.1, also where the JVM's own list of what is disabled was emptied. */
    @Test
    void nothingUnderTls12IsSpoken() {
        SSLEngine engine = configured(ClientCertificates.NONE);
        assertThat(engine.getSupportedProtocols()).contains("TLSv1", "TLSv1.1");
        assertThat(engine.getEnabledProtocols()).containsExactlyInAnyOrder("TLSv1.2", "TLSv1.3");
        assertThat(engine.getUseClientMode()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void clientCertificatesAreAskedForAsChosen(ClientCertificates certificates) {
        SSLEngine engine = configured(certificates);
        assertThat(engine.getWantClientAuth()).isEqualTo(certificates == ClientCertificates.WANTED);
        assertThat(engine.getNeedClientAuth()).isEqualTo(certificates == ClientCertificates.NEEDED);
    }
}
