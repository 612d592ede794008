package dev.postern.rfc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.testkit.TestCertificates;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS sessions that clients resume: by a session ID or a ticket (RFC 5246, RFC 5077), and by RFC 8446 section 2.2. */
class TlsResumptionTest {

    private static final String PYTHON = """
            import socket, ssl, sys
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = context.maximum_version = ssl.TLSVersion[sys.argv[2].replace(".", "_")]
            session, reused = None, []
            for i in range(3):
                raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
                with context.wrap_socket(raw, session=session) as client:
                    client.recv(1000)
                    client.sendall(b"NOOP\\r\\n")
                    client.recv(1000)
                    session = client.session
                    reused.append(client.session_reused)
            print(reused)
            """;

    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .listenTls("127.0.0.1", 0)
            .hostName("relay.test")
            .tls(TlsSettings.of(TestCertificates.serverContext()))
            .auth(AuthSettings.passwords((credentials, client) -> AuthResult.denied()))
            .delivery(submission -> {
                throw new IllegalStateException("nothing is sent");
            })
            .start();

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        relay.close();
    }

    private InetSocketAddress address() {
        return relay.addresses().get(1);
    }

    /** Counts the certificates that it is shown: a handshake that resumes a session shows none. */
    private static final class Counting implements X509TrustManager {
        private final AtomicInteger shown = new AtomicInteger();

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            shown.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("is a client's");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void javaResumes(String protocol) throws IOException, GeneralSecurityException {
        Counting counting = new Counting();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {counting}, null);
        for (int i = 0; i < 3; i++) {
            try (SSLSocket client = (SSLSocket) context.getSocketFactory()
                    .createSocket("127.0.0.1", address().getPort())) {
                client.setEnabledProtocols(new String[] {protocol});
                assertThat(client.getInputStream().read()).isEqualTo('2');
            }
        }
        assertThat(counting.shown).hasValue(1);
    }

    private List<String> run(List<String> command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path quit = Files.writeString(directory.resolve("quit"), "QUIT\r\n");
        Process program = new ProcessBuilder(command)
                .redirectInput(quit.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(program.waitFor(30, TimeUnit.SECONDS))
                .as("end of %s", command)
                .isTrue();
        return Files.readAllLines(output, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @Needs(Tool.PYTHON)
    void pythonResumes(String protocol) throws IOException, InterruptedException {
        assertThat(run(List.of(
                        Tool.PYTHON.path(),
                        "-c",
                        PYTHON,
                        String.valueOf(address().getPort()),
                        protocol)))
                .containsExactly("[False, True, True]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    @Needs(Tool.OPENSSL)
    void opensslResumes(String protocol) throws IOException, InterruptedException {
        String session = directory.resolve("session").toString();
        List<String> common = List.of(
                Tool.OPENSSL.path(),
                "s_client",
                "-connect",
                "127.0.0.1:" + address().getPort(),
                protocol,
                "-ign_eof",
                "-sess_out",
                session);
        assertThat(run(common)).anyMatch(line -> line.startsWith("New, TLSv1."));
        for (int i = 0; i < 2; i++) {
            List<String> again = new ArrayList<>(common);
            again.addAll(List.of("-sess_in", session));
            assertThat(run(again))
                    .anyMatch(line -> line.startsWith("Reused, TLSv1."))
                    .noneMatch(line -> line.startsWith("New, TLSv1."));
        }
    }
}
