package dev.postern.testkit.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.FakeUpstream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SmtpProbeTest {

    private final FakeUpstream server = FakeUpstream.start();

    @AfterEach
    void closeServer() {
        server.close();
    }

    @Test
    void holdsADialogue() {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", server.port())) {
            SmtpAssertions.assertThat(probe.readReply()).hasCode(220);
            SmtpAssertions.assertThat(probe.ehlo()).offers("PIPELINING").doesNotOffer("STARTTLS");
            SmtpAssertions.assertThat(probe.mail("a@x.test", "BODY=8BITMIME")).isOk();
            SmtpAssertions.assertThat(probe.rcpt("b@x.test")).hasWire("250 2.1.5 Recipient ok\r\n");
            SmtpAssertions.assertThat(probe.data("Subject: x\r\n\r\nhello\r\n")).isOk();
            SmtpAssertions.assertThat(probe.send("QUIT")).hasCode(221);
            SmtpAssertions.assertThat(probe).isClosed();

            assertThat(probe.transcript()).isEqualTo("""
                            S: 220 upstream.test ESMTP fake upstream ready
                            C: EHLO probe.test
                            S: 250-upstream.test
                            S: 250-PIPELINING
                            S: 250-8BITMIME
                            S: 250-SMTPUTF8
                            S: 250-ENHANCEDSTATUSCODES
                            S: 250-CHUNKING
                            S: 250-SIZE
                            S: 250 DSN
                            C: MAIL FROM:<a@x.test> BODY=8BITMIME
                            S: 250 2.1.0 Sender ok
                            C: RCPT TO:<b@x.test>
                            S: 250 2.1.5 Recipient ok
                            C: DATA
                            S: 354 End data with <CR><LF>.<CR><LF>
                            -- client sends 24 octets of content
                            S: 250 2.0.0 Ok: queued as 1
                            C: QUIT
                            S: 221 2.0.0 Bye
                            -- closed by the server
                            """);
        }
    }

    @Test
    void readsThePipelinedRepliesOneByOne() {
        try (SmtpProbe probe = greeted()) {
            probe.ehlo();
            probe.write("MAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\nRSET\r\nNO");
            probe.write("OP\r\n");

            SmtpAssertions.assertThat(probe.readReply()).hasText("Sender ok");
            SmtpAssertions.assertThat(probe.readReply()).hasText("Recipient ok");
            SmtpAssertions.assertThat(probe.readReply()).hasText("Reset");
            SmtpAssertions.assertThat(probe.readReply()).hasText("Ok");
        }
    }

    @Test
    void readsAReplyOfSeveralLines() {
        server.script(Stage.RSET, Fault.reply("550-5.1.1 one\n550 5.1.1 two"));
        try (SmtpProbe probe = greeted()) {
            SmtpAssertions.assertThat(probe.send("RSET"))
                    .hasEnhancedStatus("5.1.1")
                    .hasLines("5.1.1 one", "5.1.1 two");
        }
    }

    @Test
    void failsOnAMalformedReplyAndShowsTheOctets() {
        server.script(Stage.RSET, Fault.octets("250-one\r\n251 tw\u00f6\n"));
        try (SmtpProbe probe = greeted()) {
            failure(() -> probe.send("RSET")).withMessage("""
                            Malformed reply: line does not end with CRLF: "251 tw\\xc3\\xb6\\n"
                            Transcript:
                              S: 220 upstream.test ESMTP fake upstream ready
                              C: RSET
                              S: 250-one
                              S: 251 tw\\xc3\\xb6\\n""");
        }
    }

    @Test
    void failsOnAReplyWhoseCodeChanges() {
        server.script(Stage.RSET, Fault.octets("250-one\r\n550 two\r\n"));
        try (SmtpProbe probe = greeted()) {
            failure(() -> probe.send("RSET"))
                    .withMessageStartingWith(
                            "Malformed reply: line has another code than the line before, 250: \"550 two\\r\\n\"");
        }
    }

    @Test
    void failsWhenNoReplyComesInTime() {
        server.script(Stage.RSET, Fault.hang());
        try (SmtpProbe probe = greeted().timeout(Duration.ofMillis(50))) {
            failure(() -> probe.send("RSET")).withMessage("""
                            No reply within 50 ms
                            Transcript:
                              S: 220 upstream.test ESMTP fake upstream ready
                              C: RSET""");
        }
    }

    @Test
    void failsWhenAReplyComesLineByLineAndDoesNotEndInTime() {
        Fault slow = Fault.octets("250-more\r\n").then(Fault.delay(Duration.ofMillis(50)));
        for (int i = 0; i < 5; i++) {
            slow = slow.then(slow); // 32 lines, of 50 ms each
        }
        server.script(Stage.RSET, slow.then(Fault.octets("250 end\r\n")));
        try (SmtpProbe probe = greeted().timeout(Duration.ofMillis(300))) {
            failure(() -> probe.send("RSET")).withMessageStartingWith("No reply within 300 ms");
        }
    }

    @Test
    void aServerThatReadsNoMoreIsAFailureAndNoHangingTest() {
        server.script(Stage.RSET, Fault.stall());
        try (SmtpProbe probe = greeted().timeout(Duration.ofMillis(300))) {
            probe.write("RSET\r\n");
            failure(() -> probe.write(new byte[16_000_000]))
                    .withMessageStartingWith(
                            "The server has not read all of 16000000 octets within 300 ms\nTranscript:");
        }
    }

    @Test
    void aTicketOfATlsSessionIsNothingThatTheServerHasSaid() {
        server.withStartTls(TestCertificates.serverContext());
        try (SmtpProbe probe = greeted()) {
            probe.ehlo();
            probe.startTls(TestCertificates.clientContext());
            for (long end = System.nanoTime() + 200_000_000; System.nanoTime() < end; ) {
                assertThat(probe.hasUnread()).isFalse();
            }
            probe.write("EHLO x\r\n");
            while (!probe.hasUnread()) {
                Thread.onSpinWait();
            }
            assertThat(probe.hasUnread()).as("still").isTrue();
            SmtpAssertions.assertThat(probe.readReply()).hasCode(250);
        }
    }

    @Test
    void waitsAsLongAsBeforeAfterItHasTakenWhatIsUnread() {
        server.script(Stage.OTHER, Fault.delay(Duration.ofMillis(300)));
        try (SmtpProbe probe = greeted()) {
            probe.write("RSET\r\n");
            while (!probe.hasUnread()) {
                Thread.onSpinWait();
            }
            assertThat(probe.takeUnread()).asString().startsWith("250 ");
            SmtpAssertions.assertThat(probe.send("NOOP")).isOk();
        }
    }

    @Test
    void showsTheReplyThatDidNotEndInTime() {
        server.script(Stage.RSET, Fault.octets("250 2.0.0 Res"));
        try (SmtpProbe probe = greeted().timeout(Duration.ofMillis(500))) {
            failure(() -> probe.send("RSET"))
                    .withMessageStartingWith("No reply within 500 ms, but for an unfinished line: \"250 2.0.0 Res\"");
        }
    }

    @Test
    void failsWhenTheConnectionEndsInPlaceOfAReply() {
        server.script(Stage.RSET, Fault.close()).script(Stage.EHLO, Fault.reset());
        try (SmtpProbe probe = greeted()) {
            failure(() -> probe.send("RSET"))
                    .withMessageStartingWith("Connection closed by the server, in place of a reply");
        }
        try (SmtpProbe probe = greeted()) {
            failure(probe::ehlo).withMessageStartingWith("Connection lost while waiting for a reply");
        }
    }

    @Test
    void upgradesToTls() {
        server.withStartTls(TestCertificates.serverContext());
        try (SmtpProbe probe = greeted()) {
            SmtpAssertions.assertThat(probe.ehlo()).offers("STARTTLS");
            SmtpAssertions.assertThat(probe.startTls(TestCertificates.clientContext()))
                    .hasText("Ready to start TLS");
            SmtpAssertions.assertThat(probe.mail("a@x.test")).hasCode(503);
            SmtpAssertions.assertThat(probe.ehlo()).doesNotOffer("STARTTLS");
            SmtpAssertions.assertThat(probe.mail("a@x.test")).isOk();
            assertThat(probe.transcript()).contains("-- TLS handshake: TLSv1.");
        }
    }

    @Test
    void refusesPlaintextInjectedBeforeTheHandshake() {
        server.withStartTls(TestCertificates.serverContext())
                .script(Stage.STARTTLS, Fault.octets("220 ready\r\n250 injected\r\n"));
        try (SmtpProbe probe = greeted()) {
            probe.ehlo();
            failure(() -> probe.startTls(TestCertificates.clientContext()))
                    .withMessageStartingWith("Octets from the server before the TLS handshake: \"250 injected\\r\\n\"");
        }
    }

    @Test
    void failsWhenStartTlsIsRefused() {
        try (SmtpProbe probe = greeted()) {
            failure(() -> probe.startTls(TestCertificates.clientContext()))
                    .withMessageStartingWith(
                            "Expected 220 in reply to STARTTLS, but was: 503 5.5.1 STARTTLS not possible");
        }
    }

    @Test
    void failsOnAServerThatIsNotTrusted() {
        server.withImplicitTls(TestCertificates.untrustedServerContext());

        failure(() -> SmtpProbe.connectTls(server.address(), TestCertificates.clientContext())
                        .close())
                .withMessageStartingWith("TLS handshake failed: ");
    }

    @Test
    void speaksImplicitTls() {
        server.withImplicitTls(TestCertificates.serverContext());
        try (SmtpProbe probe = SmtpProbe.connectTls(server.address(), TestCertificates.clientContext())) {
            SmtpAssertions.assertThat(probe.readReply()).hasCode(220);
            SmtpAssertions.assertThat(probe.send("QUIT")).hasCode(221);
            SmtpAssertions.assertThat(probe).isClosed();
        }
    }

    @Test
    void logsInAndShowsNoCredentials() {
        server.withCredentials("alice", "secret");
        try (SmtpProbe probe = greeted()) {
            SmtpAssertions.assertThat(probe.ehlo()).offers("AUTH PLAIN LOGIN");
            SmtpAssertions.assertThat(probe.authLogin("alice", "wrong")).hasCode(535);
            SmtpAssertions.assertThat(probe.authPlain("alice", "wrong")).hasCode(535);
            SmtpAssertions.assertThat(probe.authLogin("alice", "secret")).hasCode(235);

            assertThat(probe.transcript())
                    .contains("C: AUTH PLAIN ***\n", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ***\n")
                    .doesNotContain("YWxpY2U", "c2VjcmV0", "d3Jvbmc", "AGFsaWNl");
            assertThat(server.commands()).contains("AUTH PLAIN ***");
            assertThat(server.transcript()).doesNotContain("YWxpY2U", "c2VjcmV0", "d3Jvbmc", "AGFsaWNl");
        }
    }

    @Test
    void returnsTheRefusalOfALoginWithoutSayingMore() {
        server.withCredentials("alice", "secret").script(Stage.AUTH, Fault.reply("454 4.7.0 Not now"));
        try (SmtpProbe probe = greeted()) {
            probe.ehlo();
            SmtpAssertions.assertThat(probe.authLogin("alice", "secret")).hasCode(454);
            assertThat(server.commands()).containsExactly("EHLO probe.test", "AUTH LOGIN");
        }
    }

    @Test
    void sendsNoContentWhenDataIsRefused() {
        try (SmtpProbe probe = greeted()) {
            probe.ehlo();
            failure(() -> probe.data("x")).withMessageStartingWith("Expected 354 in reply to DATA, but was: 503");
            assertThat(server.commands()).containsExactly("EHLO probe.test", "DATA");
        }
    }

    @Test
    void isClosedFailsWhenTheServerSaysMoreOrNothing() {
        server.script(Stage.EHLO, Fault.octets("250 one\r\n250 two\r\n"));
        try (SmtpProbe probe = greeted().timeout(Duration.ofMillis(500))) {
            probe.ehlo();
            failure(() -> SmtpAssertions.assertThat(probe).isClosed())
                    .withMessageStartingWith(
                            "Octets from the server in place of the end of the connection: \"250 two\\r\\n\"");
            failure(() -> SmtpAssertions.assertThat(probe).isClosed())
                    .withMessageStartingWith("Connection still open after 500 ms of silence");
            assertThat(probe.closedByPeer()).isFalse();
        }
    }

    @Test
    void takesAResetForAnEnd() {
        server.script(Stage.RSET, Fault.reset());
        try (SmtpProbe probe = greeted()) {
            probe.write("RSET\r\n");
            SmtpAssertions.assertThat(probe).isClosed();
            assertThat(probe.transcript()).endsWith("-- reset by the server\n");
        }
    }

    @Test
    void connectsFromAnotherAddress() throws UnknownHostException {
        try (SmtpProbe probe = SmtpProbe.connectFrom(InetAddress.getByName("127.0.0.2"), server.address())) {
            SmtpAssertions.assertThat(probe.readReply()).hasCode(220);
        }
    }

    @Test
    void saysWhereItCannotConnect() {
        server.refuseConnections();

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> SmtpProbe.connect(server.address()).close())
                .withMessage("Cannot connect to " + server.address());
    }

    @Test
    void cannotWriteOnceItIsClosed() {
        SmtpProbe probe = greeted();
        probe.close();
        probe.close();
        probe.reset();

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> probe.write("NOOP\r\n"))
                .withMessageStartingWith("Cannot write: java.net.SocketException");
    }

    private SmtpProbe greeted() {
        SmtpProbe probe = SmtpProbe.connect(server.address());
        SmtpAssertions.assertThat(probe.readReply()).hasCode(220);
        return probe;
    }

    private static ThrowableAssertAlternative<AssertionError> failure(ThrowingCallable action) {
        return assertThatExceptionOfType(AssertionError.class).isThrownBy(action);
    }
}
