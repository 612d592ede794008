package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.postern.testkit.upstream.FakeUpstream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestCertificatesTest {

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void theServerIsTrustedUnderItsNames(String name) throws IOException {
        assertThat(protocol(TestCertificates.serverContext(), name)).startsWith("TLSv1.");
    }

    @ParameterizedTest
    @MethodSource
    void othersAreNot(SSLContext server, String why) {
        Assertions.assertThatExceptionOfType(SSLHandshakeException.class)
                .isThrownBy(() -> protocol(server, "localhost"))
                .withMessageContaining(why);
    }

    static Stream<Arguments> othersAreNot() {
        return Stream.of(
                Arguments.of(TestCertificates.wrongNameServerContext(), "name matching localhost found"),
                Arguments.of(TestCertificates.untrustedServerContext(), "unable to find valid certification path"));
    }

    @Test
    void theServersTlsMayBeThatOfAProvider() throws IOException {
        SSLContext server = TestCertificates.serverContext(Security.getProvider("SunJSSE"));
        assertThat(server.getProvider().getName()).isEqualTo("SunJSSE");
        assertThat(protocol(server, "localhost")).startsWith("TLSv1.");
        assertThatIllegalStateException()
                .isThrownBy(() -> TestCertificates.serverContext(Security.getProvider("SUN")))
                .withMessageContaining("TLS");
    }

    @Test
    void theWrongNameIsTrustedUnderItself() throws IOException {
        assertThat(protocol(TestCertificates.wrongNameServerContext(), "wrong.test"))
                .startsWith("TLSv1.");
    }

    @Test
    void theAuthorityAsPemIsWhatClientsTrust() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        byte[] pem = TestCertificates.authorityPem().getBytes(StandardCharsets.US_ASCII);
        trusted.setCertificateEntry(
                "authority",
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext client = SSLContext.getInstance("TLS");
        client.init(null, trust.getTrustManagers(), null);
        assertThat(protocol(TestCertificates.serverContext(), client, "localhost"))
                .startsWith("TLSv1.");
    }

    private static String protocol(SSLContext context, String name) throws IOException {
        return protocol(context, TestCertificates.clientContext(), name);
    }

    /** Shakes hands as a careful client does, with the name checked. */
    private static String protocol(SSLContext context, SSLContext client, String name) throws IOException {
        try (FakeUpstream server = FakeUpstream.start().withImplicitTls(context);
                Socket raw = new Socket(server.address().getAddress(), server.port());
                SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(raw, name, server.port(), true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket.getSession().getProtocol();
        }
    }
}
