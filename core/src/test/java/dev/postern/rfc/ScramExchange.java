package dev.postern.rfc;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.util.TlsServerEndpoint;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSocket;

/** SCRAM over a probe, by a client that others wrote. */
final class ScramExchange {

    private ScramExchange() {}

    static ScramClient client(String user, String password) {
        return ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username(user)
                .password(password.toCharArray())
                .build();
    }

    /** One that uses channel binding {@code tls-server-end-point}. */
    static ScramClient bound(String user, String password, byte[] data) {
        return ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"))
                .username(user)
                .password(password.toCharArray())
                .channelBinding("tls-server-end-point", data)
                .build();
    }

    /** What a listener with implicit TLS is bound to by its certificate (RFC 5929 section 4.1). */
    static byte[] endPoint(InetSocketAddress tlsListener) throws Exception {
        return TlsServerEndpoint.getChannelBindingData(certificate(tlsListener));
    }

    private static X509Certificate certificate(InetSocketAddress tlsListener) throws IOException {
        try (SSLSocket socket = (SSLSocket) TestCertificates.clientContext()
                .getSocketFactory()
                .createSocket(tlsListener.getAddress(), tlsListener.getPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    static String base64(Object message) {
        return Base64.getEncoder().encodeToString(message.toString().getBytes(StandardCharsets.UTF_8));
    }

    static String challenge(ProbeReply reply) {
        assertThat(reply).hasCode(334);
        return new String(Base64.getDecoder().decode(reply.text()), StandardCharsets.UTF_8);
    }

    /** The command, with the client's first message. */
    static String command(ScramClient client) {
        return "AUTH " + client.getScramMechanism().getName() + " " + base64(client.clientFirstMessage());
    }

    /** Up to the reply to the client's proof. */
    static ProbeReply prove(SmtpProbe probe, ScramClient client) throws Exception {
        client.serverFirstMessage(challenge(probe.send(command(client))));
        return probe.send(base64(client.clientFinalMessage()));
    }

    /** To the end of a login that is right. */
    static ProbeReply logIn(SmtpProbe probe, ScramClient client) throws Exception {
        client.serverFinalMessage(challenge(prove(probe, client)));
        return probe.send("");
    }
}
