package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.Verdict;
import dev.postern.testkit.Access;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** RFC 2920, SMTP Service Extension for Command Pipelining. */
@OnAnyJdk
class Rfc2920Test {

    @Test
    void s3_1_aTransactionAsOneGroup() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<one@dest.test>
                    C: RCPT TO:<two@>
                    C: RCPT TO:<three@dest.test>
                    C: DATA
                    S: 250 2.1.0 Sender ok
                    S: 250 2.1.5 Recipient ok
                    S: 501 5.5.4 *
                    S: 250 2.1.5 Recipient ok
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    C: QUIT
                    S: 250 2.0.0 Ok: relayed as *
                    S: 221 2.0.0 Closing connection
                    -- closed
                    """);
            assertThat(scene.upstream.awaitMessage().recipientAddresses())
                    .containsExactly("one@dest.test", "three@dest.test");
        }
    }

    @Test
    void s3_1_contentAndTheNextTransactionInOneGroup() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR, "one@dest.test"), """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: First
                    C: .
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<two@dest.test>
                    C: DATA
                    S: 250 2.0.0 Ok: relayed as *
                    S: 250 2.1.0 Sender ok
                    S: 250 2.1.5 Recipient ok
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: Second
                    C: .
                    C: RSET
                    S: 250 2.0.0 Ok: relayed as *
                    S: 250 2.0.0 Reset
                    """);
            assertThat(scene.upstream.messages())
                    .extracting(ReceivedMessage::contentText)
                    .satisfiesExactly(
                            first -> assertThat(first).endsWith("\r\n\r\nFirst\r\n"),
                            second -> assertThat(second).endsWith("\r\n\r\nSecond\r\n"));
        }
    }

    @Test
    void s3_1_dataOfAGroupIsRefusedWhenEachRecipientWas() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<one@>
                    C: RCPT TO:<two@>
                    C: DATA
                    C: RSET
                    C: MAIL FROM:<>
                    S: 250 2.1.0 Sender ok
                    S: 501 5.5.4 *
                    S: 501 5.5.4 *
                    S: 554 5.5.1 No valid recipients
                    S: 250 2.0.0 Reset
                    S: 250 2.1.0 Sender ok
                    """);
        }
    }

    @Test
    void s3_2_commandsThatEndAGroupLoseNothingOfWhatFollowsThem() {
        try (Scene scene = Scene.open()) {
            hold(scene.connect(Access.CLEAR), """
                    S: 220 relay.test *
                    C: EHLO client.test
                    C: AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl
                    C: NOOP
                    C: VRFY bob
                    C: EXPN list
                    C: HELP
                    C: MAIL FROM:<alice@client.test>
                    C: EHLO client.test
                    C: RCPT TO:<bob@dest.test>
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    S: 235 2.7.0 Authentication succeeded
                    S: 250 2.0.0 Ok
                    S: 252 2.5.2 *
                    S: 502 5.5.1 *
                    S: 214 2.0.0 *
                    S: 250 2.1.0 Sender ok
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    S: 503 5.5.1 *
                    """);
        }
    }

    @Test
    void s3_2_contentThatCameWithItsDataCommandIsContent() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    C: From: alice@client.test
                    C:
                    C: QUIT
                    C: .
                    C: NOOP
                    S: 354 *
                    S: 250 2.0.0 Ok: relayed as *
                    S: 250 2.0.0 Ok
                    """);
            assertThat(scene.upstream.awaitMessage().contentText()).endsWith("\r\n\r\nQUIT\r\n");
        }
    }

    @Test
    void s3_2_aGroupLargerThanAnyBufferIsAnsweredInOrder() {
        int count = 2_000;
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxRecipients(count)))) {
            StringBuilder group = new StringBuilder("C: MAIL FROM:<alice@client.test>\n");
            StringBuilder replies = new StringBuilder("S: 250 2.1.0 Sender ok\n");
            for (int i = 0; i < count; i++) {
                group.append("C: RCPT TO:<bob").append(i).append("@dest.test>\nC: VRFY bob\n");
                replies.append("S: 250 2.1.5 Recipient ok\nS: 252 2.5.2 *\n");
            }
            hold(scene.alice(), group.append("C: RSET\n").toString() + replies + "S: 250 2.0.0 Reset\n");
        }
    }

    @Test
    void s3_2_whatIsCompleteIsAnsweredThoughTheNextCommandIsNot() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: NOOP
                    C| RS
                    S: 250 2.0.0 Ok
                    C: ET
                    S: 250 2.0.0 Reset
                    """);
        }
    }

    @Test
    void s3_2_repliesOfAGroupLeaveInOneWrite() throws IOException {
        AtomicReference<Socket> client = new AtomicReference<>();
        List<Integer> arrivedBefore = new CopyOnWriteArrayList<>();
        EnvelopePolicy witness = new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                return Verdict.proceed();
            }

            @Override
            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                arrivedBefore.add(arrived(client.get()));
                return Verdict.proceed();
            }
        };
        try (Scene scene = Scene.bare(
                        b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.1", Identity.of("bert@beta.test")))
                                .policies(Policies.defaults().withEnvelope(witness)));
                Socket socket = new Socket(
                        scene.relay.addresses().get(0).getAddress(),
                        scene.relay.addresses().get(0).getPort())) {
            client.set(socket);
            socket.setSoTimeout((int) SmtpProbe.DEFAULT_TIMEOUT.toMillis());
            assertThat(read(socket.getInputStream())).startsWith("220 ");
            write(socket, "EHLO client.test\r\n");
            assertThat(read(socket.getInputStream())).endsWith("250 HELP\r\n");
            write(socket, """
                    MAIL FROM:<bert@beta.test>
                    RCPT TO:<one@dest.test>
                    RCPT TO:<two@dest.test>
                    RCPT TO:<three@dest.test>
                    DATA
                    """.replace("\n", "\r\n"));
            assertThat(read(socket.getInputStream()))
                    .isEqualTo("250 2.1.0 Sender ok\r\n" + "250 2.1.5 Recipient ok\r\n".repeat(3)
                            + "354 End data with <CR><LF>.<CR><LF>\r\n");
            assertThat(arrivedBefore).as("octets at the client, at each RCPT").containsExactly(0, 0, 0);
        }
    }

    /** Else a client gives up at MAIL, whose reply it awaits for five minutes, while its message is delivered. */
    @Test
    void s3_2_pendingRepliesDoNotWaitForTheUpstream() {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(Stage.END_OF_DATA, Fault.hang());
            SmtpProbe probe = scene.alice();
            probe.write("MAIL FROM:<alice@client.test>\r\nRCPT TO:<bob@dest.test>\r\nBDAT " + Scene.MESSAGE.length()
                    + " LAST\r\n" + Scene.MESSAGE);
            assertThat(probe.readReply().code()).isEqualTo(250);
            assertThat(probe.readReply().code()).isEqualTo(250);
            assertThat(scene.clock
                            .advanceUntil(Duration.ofMinutes(1), probe::readReply)
                            .code())
                    .isEqualTo(421);
        }
    }

    private static int arrived(Socket socket) {
        try {
            return socket.getInputStream().available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads once: what one write has sent. */
    private static String read(InputStream in) throws IOException {
        byte[] buffer = new byte[8192];
        int length = in.read(buffer);
        return new String(buffer, 0, Math.max(0, length), StandardCharsets.US_ASCII);
    }
}
