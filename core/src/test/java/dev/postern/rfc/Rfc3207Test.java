package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 3207, SMTP Service Extension for Secure SMTP over Transport Layer Security, and the injections that came to light
 * after it: commands in clear that are run inside of TLS (CVE-2011-0411), and what survives the handshake.
 */
class Rfc3207Test {

    private static final String AUTH = "AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl";

    @Test
    void s4_offeredInClearAndNotOverTls() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).contains("STARTTLS");
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions()).doesNotContain("STARTTLS");
            assertThat(scene.ready(Access.IMPLICIT_TLS).ehlo().extensions()).doesNotContain("STARTTLS");
        }
    }

    @Test
    void s4_starttlsOverTlsIs503AndTheSessionGoesOn() {
        try (Scene scene = Scene.open()) {
            for (Access access : new Access[] {Access.STARTTLS, Access.IMPLICIT_TLS}) {
                hold(scene.alice(access), """
                        C: STARTTLS
                        S: 503 5.5.1 *
                        C: MAIL FROM:<alice@client.test>
                        S: 250 2.1.0 Sender ok
                        """);
            }
        }
    }

    @Test
    void s4_starttlsTakesNoParameters() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: STARTTLS please
                    S: 501 5.5.4 *
                    C: STARTTLS
                    S: 220 2.0.0 Ready to start TLS
                    -- TLS
                    C: EHLO client.test
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    """);
        }
    }

    // 4.1 After the command

    @Test
    void s4_1_whatIsNoHandshakeEndsTheConnectionAndIsNotRun() throws IOException {
        try (Scene scene = Scene.bare(b -> b.trust("127.0.0.1", Identity.of("bert@beta.test")));
                Socket socket = new Socket(
                        scene.relay.addresses().get(0).getAddress(),
                        scene.relay.addresses().get(0).getPort())) {
            socket.setSoTimeout((int) SmtpProbe.DEFAULT_TIMEOUT.toMillis());
            BufferedReader replies =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            assertThat(replies.readLine()).startsWith("220 ");
            write(socket, "STARTTLS\r\n");
            assertThat(replies.readLine()).startsWith("220 ");
            write(socket, "EHLO attacker.test\r\nMAIL FROM:<bert@beta.test>\r\nRCPT TO:<bob@dest.test>\r\n");
            assertThat(rest(replies)).as("a TLS alert at most").matches("(?s)|\u0015\u0003.{5}");
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    // 4.2 After the handshake

    @Test
    void s4_2_theEhloIsForgotten() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: STARTTLS
                    S: 220 2.0.0 Ready to start TLS
                    -- TLS
                    C: %s
                    S: 503 5.5.1 *
                    C: BDAT 6
                    C: QUIT
                    S: 530 5.7.0 *
                    C: %s
                    S: 503 5.5.1 *
                    """.formatted(AUTH, AUTH));
        }
    }

    @Test
    void s4_2_theLoginIsForgotten() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: STARTTLS
                    S: 220 2.0.0 Ready to start TLS
                    -- TLS
                    C: EHLO client.test
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: MAIL FROM:<alice@client.test>
                    S: 530 5.7.0 *
                    """);
        }
    }

    @Test
    void s4_2_theTransactionIsForgotten() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR, "attacker@dest.test"), """
                    C: STARTTLS
                    S: 220 2.0.0 Ready to start TLS
                    -- TLS
                    C: EHLO client.test
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: %s
                    S: 235 2.7.0 *
                    C: DATA
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    S: 250 2.0.0 *
                    """.formatted(AUTH));
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly("bob@dest.test");
        }
    }

    @Test
    void s4_2_chunksAreForgotten() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().without(FixUp.values())))) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 13
                    C: X-Evil: yes
                    S: 250 2.0.0 13 octets received
                    C: STARTTLS
                    S: 220 2.0.0 Ready to start TLS
                    -- TLS
                    C: EHLO client.test
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: %s
                    S: 235 2.7.0 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: BDAT 27 LAST
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 *
                    """.formatted(AUTH));
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo("From: alice@client.test\r\n\r\n");
        }
    }

    @Test
    void s4_2_starttlsInsideOfAnAuthExchangeIsAnAnswerToIt() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN
                    S: 334 *
                    C: STARTTLS
                    S: 501 5.5.2 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
        }
    }

    // injections: the attacker's octets come in clear, in the same packet as the client's STARTTLS

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RSET<CRLF>",
                "EHLO attacker.test<CRLF>",
                "EHLO attacker.test<CRLF>" + AUTH + "<CRLF>",
                AUTH + "<CRLF>MAIL FROM:<alice@client.test><CRLF>RCPT TO:<attacker@dest.test><CRLF>DATA<CRLF>",
                "MAIL FROM:<alice@client.test><CRLF>RCPT TO:<attacker@dest.test><CRLF>BDAT 27 LAST<CRLF>"
                        + "From: alice@client.test<CRLF><CRLF>",
                "STARTTLS<CRLF>",
                "QUIT<CRLF>",
                "MAI",
                " ",
                "<LF>",
                "<CR>",
                "<NUL>",
                "<CRLF>"
            })
    void s6_nothingSentInClearBehindStarttlsIsRun(String injected) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: STARTTLS
                    C| %s
                    S: 503 5.5.1 *
                    -- closed
                    """.formatted(injected));
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    @Test
    void s6_nothingSentInClearBehindAGroupWithStarttlsIsRun() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<bob@dest.test>
                    C: STARTTLS
                    C: DATA
                    S: 250 2.1.0 Sender ok
                    S: 250 2.1.5 Recipient ok
                    S: 503 5.5.1 *
                    -- closed
                    """);
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    @Test
    void s6_aHandshakeThatDidNotWaitForTheReplyIsTakenForAnInjection() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: STARTTLS
                    C| \u0016\u0003\u0001<NUL>\u0005\u0001<NUL><NUL>\u0001\u0003
                    S: 503 5.5.1 *
                    -- closed
                    """);
        }
    }

    @Test
    void s6_starttlsWithALoneLineFeedIsNoCommand() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C| STARTTLS<LF>NOOP<CRLF>
                    S: 500 5.5.2 Line must end with CRLF, closing connection
                    -- closed
                    """);
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** What comes until the end of the connection, which may be a reset. */
    private static String rest(Reader in) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            for (int c = in.read(); c >= 0; c = in.read()) {
                text.append((char) c);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("still open after \"" + text + "\"", e);
        } catch (SocketException e) {
            return text.toString();
        }
        return text.toString();
    }
}
