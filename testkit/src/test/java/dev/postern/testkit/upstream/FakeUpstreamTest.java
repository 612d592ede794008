package dev.postern.testkit.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakeUpstreamTest {

    private final FakeUpstream server = FakeUpstream.start();

    @AfterEach
    void closeServer() {
        server.close();
    }

    @Test
    void keepsAMessageOctetForOctet() {
        try (SmtpProbe probe = afterEhlo()) {
            probe.mail("a@x.test", "SIZE=10", "BODY=8BITMIME");
            probe.rcpt("b@x.test", "NOTIFY=NEVER");
            probe.rcpt("\"c>d\"@x.test");
            SmtpAssertions.assertThat(probe.data(".\r\n..dots\r\na.b\r\n\u00e9"))
                    .isOk();
        }
        ReceivedMessage message = server.awaitMessage();

        assertThat(message.reversePath()).isEqualTo("a@x.test");
        assertThat(message.mailParameters()).containsExactly("SIZE=10", "BODY=8BITMIME");
        assertThat(message.recipients())
                .containsExactly(
                        new ReceivedRecipient("b@x.test", List.of("NOTIFY=NEVER")),
                        new ReceivedRecipient("\"c>d\"@x.test", List.of()));
        assertThat(message.recipientAddresses()).containsExactly("b@x.test", "\"c>d\"@x.test");
        assertThat(message.contentText()).isEqualTo(".\r\n..dots\r\na.b\r\n\u00e9\r\n");
        assertThat(message.content()).isEqualTo(Octets.of(".\r\n..dots\r\na.b\r\n\u00e9\r\n"));
        assertThat(message.wire()).isEqualTo(Octets.of("..\r\n...dots\r\na.b\r\n\u00e9\r\n.\r\n"));
        assertThat(message.connection()).isZero();
        assertThat(message.overTls()).isFalse();
        assertThat(message.authenticatedUser()).isEmpty();
        assertThat(message)
                .hasToString("ReceivedMessage[<a@x.test> to [b@x.test, \"c>d\"@x.test], 20 octets, connection 0]");
        assertThat(server.messages()).containsExactly(message);
        assertThat(server.bareLineEndings()).isEmpty();
    }

    @Test
    void forgetsConnectionsThatHaveEndedAndKeepsThoseThatAreOpen() {
        try (SmtpProbe kept = afterEhlo()) {
            afterEhlo().quit();
            server.awaitOpenConnections(1);
            server.forget();
            SmtpAssertions.assertThat(server).hasConnections(1);
            assertThat(server.transcript()).isEqualTo("connection 0:\n  -- open from before\n");
            deliver(kept, "a@x.test", "b@x.test");
            assertThat(server.awaitMessage().connection()).isZero();
            afterEhlo().quit();
            SmtpAssertions.assertThat(server).hasConnections(2);
            assertThat(server.transcript()).contains("connection 2:\n  S: 220");
        }
    }

    @Test
    void aTestCanWaitUntilTheServerHangs() {
        server.at(Stage.RCPT).once(Fault.hang());
        try (SmtpProbe probe = afterEhlo()) {
            probe.mail("a@x.test");
            probe.write("RCPT TO:<b@x.test>\r\n");
            server.awaitFault();
            assertThat(server.commands()).last().isEqualTo("RCPT TO:<b@x.test>");
            assertThat(probe.hasUnread()).isFalse();
        }
    }

    @Test
    void eachFaultIsAwaitedOnce() {
        server.answering(
                turn -> turn.stage() == Stage.RSET ? Optional.of(Fault.reply("450 4.0.0 no")) : Optional.empty());
        try (SmtpProbe probe = afterEhlo()) {
            probe.send("RSET");
            probe.send("RSET");
            server.awaitFault();
            server.awaitFault();
            probe.send("RSET");
            server.forget();
            assertThatThrownBy(() -> server.awaitFault(Duration.ZERO)).hasMessageStartingWith("No fault within 0 ms");
        }
    }

    @Test
    void keepsAnEmptyMessageWithTheNullReversePath() {
        try (SmtpProbe probe = afterEhlo()) {
            deliver(probe, "", "b@x.test");
            probe.mail("");
            probe.rcpt("b@x.test");
            SmtpAssertions.assertThat(probe.data("")).isOk();
        }
        server.awaitMessage();

        ReceivedMessage message = server.awaitMessage();
        assertThat(message.reversePath()).isEmpty();
        assertThat(message.content()).isEmpty();
        assertThat(message.wire()).isEqualTo(Octets.of(".\r\n"));
    }

    @ParameterizedTest
    @CsvSource({"<>,''", "<a@client.test>,a@client.test", "<\"x> AUTH=y\"@client.test>,\"x> AUTH=y\"@client.test"})
    void findsTheEndOfAPathBeforeParametersWithBracketsOfTheirOwn(String path, String reversePath) {
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.send("MAIL FROM:" + path + " AUTH=<> BODY=8BITMIME"))
                    .isOk();
            SmtpAssertions.assertThat(probe.rcpt("b@x.test")).isOk();
            SmtpAssertions.assertThat(probe.data("hello\r\n")).isOk();
        }
        ReceivedMessage message = server.awaitMessage();
        assertThat(message.reversePath()).isEqualTo(reversePath);
        assertThat(message.mailParameters()).containsExactly("AUTH=<>", "BODY=8BITMIME");
    }

    @Test
    void countsConnectionsAndTellsThemApart() {
        try (SmtpProbe first = afterEhlo();
                SmtpProbe second = afterEhlo()) {
            deliver(second, "a@x.test", "b@x.test");
            deliver(first, "a@x.test", "b@x.test");
        }

        assertThat(server.messages()).extracting(ReceivedMessage::connection).containsExactly(1, 0);
        assertThat(server.connections()).isEqualTo(2);
        assertThat(server.transcript()).contains("connection 0:\n  S: 220 ", "connection 1:\n  S: 220 ");
    }

    @Test
    void takesChunks() {
        try (SmtpProbe probe = afterEhlo()) {
            probe.mail("a@x.test");
            probe.rcpt("b@x.test");
            SmtpAssertions.assertThat(probe.bdat(Octets.of(".one\r"), false)).hasText("5 octets received");
            SmtpAssertions.assertThat(probe.send("DATA")).hasCode(503);
            SmtpAssertions.assertThat(probe.bdat(Octets.of("\n.\r\n"), false)).isOk();
            SmtpAssertions.assertThat(probe.bdat(new byte[0], true)).isOk();
        }

        assertThat(server.awaitMessage().contentText()).isEqualTo(".one\r\n.\r\n");
        assertThat(server.messages().get(0).wire()).isEqualTo(Octets.of(".one\r\n.\r\n"));
        assertThat(server.bareLineEndings()).isEmpty();
    }

    @Test
    void readsAChunkThatItRefuses() {
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.bdat(Octets.of("QUIT\r\n"), true)).hasCode(503);
            SmtpAssertions.assertThat(probe.send("BDAT x")).hasCode(501);
            SmtpAssertions.assertThat(probe.send("NOOP")).isOk();
        }
    }

    @Test
    void takesAWholePipelinedTransaction() {
        try (SmtpProbe probe = afterEhlo()) {
            probe.write("MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n");
            for (int code : new int[] {250, 250, 354, 250, 221}) {
                SmtpAssertions.assertThat(probe.readReply()).hasCode(code);
            }
            SmtpAssertions.assertThat(probe).isClosed();
        }

        assertThat(server.commands())
                .containsExactly("EHLO probe.test", "MAIL FROM:<a@x.test>", "RCPT TO:<b@x.test>", "DATA", "QUIT");
    }

    @Test
    void endsContentAtCrLfDotCrLfAloneAndReportsBareLineEnds() {
        try (SmtpProbe probe = afterEhlo()) {
            probe.write("MAIL FROM:<a@x.test>\nRCPT TO:<b@x.test>\r\n");
            probe.readReply();
            probe.readReply();
            SmtpAssertions.assertThat(probe.data("one\n.\nMAIL FROM:<smuggled@x.test>\r\ntwo\rthree\r\nfour\r\n"))
                    .isOk();
        }

        assertThat(server.messages()).hasSize(1);
        assertThat(server.bareLineEndings())
                .containsExactly(
                        "MAIL FROM:<a@x.test>\\n", "one\\n.\\nMAIL FROM:<smuggled@x.test>\\r\\n", "two\\rthree\\r\\n");
    }

    @Test
    void reportsBareLineEndsInChunks() {
        try (SmtpProbe probe = afterEhlo()) {
            probe.mail("a@x.test");
            probe.rcpt("b@x.test");
            probe.bdat(Octets.of("one\r"), false);
            probe.bdat(Octets.of("two"), true);
        }

        assertThat(server.bareLineEndings()).containsExactly("one\\rtwo");
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT TO:<b@x.test>, 503",
        "DATA, 503",
        "MAIL FROM: <a@x.test>, 501",
        "MAIL FROM:a@x.test, 501",
        "STARTTLS, 503",
        "AUTH PLAIN x, 503",
        "HELP, 500",
        "HELO x, 250"
    })
    void answersAsAServerDoes(String command, int code) {
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.send(command)).hasCode(code);
        }
    }

    @Test
    void wantsCommandsInOrder() {
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            probe.readReply();
            SmtpAssertions.assertThat(probe.mail("a@x.test")).hasCode(503);
            probe.ehlo();
            SmtpAssertions.assertThat(probe.mail("a@x.test")).isOk();
            SmtpAssertions.assertThat(probe.mail("a@x.test")).hasCode(503);
            SmtpAssertions.assertThat(probe.send("DATA")).hasCode(554);
            SmtpAssertions.assertThat(probe.send("RSET")).isOk();
            SmtpAssertions.assertThat(probe.rcpt("b@x.test")).hasCode(503);
        }
    }

    @Test
    void offersWhatItIsToldAfterTheNextConnection() {
        try (SmtpProbe before = afterEhlo()) {
            server.withoutExtension("8bitmime").withExtension("SIZE 1000").withExtension("XCLIENT NAME");
            SmtpAssertions.assertThat(before.ehlo()).offers("8BITMIME").doesNotOffer("XCLIENT");
            try (SmtpProbe after = SmtpProbe.connect(server.address())) {
                after.readReply();
                assertThat(after.ehlo().extensions())
                        .containsExactly(
                                "PIPELINING",
                                "SMTPUTF8",
                                "ENHANCEDSTATUSCODES",
                                "CHUNKING",
                                "DSN",
                                "SIZE 1000",
                                "XCLIENT NAME");
            }
        }
    }

    @Test
    void offersTheseAloneAndOthersOverTls() {
        server.withStartTls(TestCertificates.serverContext())
                .withOnlyExtensions("SIZE 10", "XCLIENT")
                .withOnlyExtensionsOverTls("DSN");
        try (SmtpProbe probe = afterEhlo()) {
            assertThat(probe.ehlo().extensions()).containsExactly("SIZE 10", "XCLIENT", "STARTTLS");
            probe.startTls(TestCertificates.clientContext());
            assertThat(probe.ehlo().extensions()).containsExactly("DSN");
        }
        server.withOnlyExtensions();
        try (SmtpProbe probe = afterEhlo()) {
            assertThat(probe.ehlo().extensions()).containsExactly("STARTTLS");
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTH LOGIN", "AUTH=LOGIN"})
    void offersTheMechanismsThatItIsTold(String offer) {
        server.withCredentials("alice", "secret").withExtension(offer);
        try (SmtpProbe probe = afterEhlo()) {
            assertThat(probe.ehlo().extensions()).contains(offer).doesNotContain("AUTH PLAIN LOGIN");
            SmtpAssertions.assertThat(probe.authLogin("alice", "secret")).hasCode(235);
        }
    }

    @Test
    void asksForACertificateAndTellsWhose() {
        server.withStartTls(TestCertificates.serverContext()).withClientCertificates();
        try (SmtpProbe probe = afterEhlo()) {
            probe.startTls(TestCertificates.clientContextWithCertificate());
            probe.ehlo();
            deliver(probe, "a@x.test", "b@x.test");
        }
        assertThat(server.awaitMessage().clientSubject()).contains("CN=client.test");
        try (SmtpProbe probe = afterEhlo()) {
            assertThatThrownBy(() -> {
                        probe.startTls(TestCertificates.clientContext());
                        SmtpAssertions.assertThat(probe.ehlo()).isOk(); // TLS 1.3 says so only here
                    })
                    .isInstanceOfAny(AssertionError.class, UncheckedIOException.class);
        }
        assertThat(server.messages()).hasSize(1);
    }

    @Test
    void asksForNoCertificateWithoutTls() {
        assertThatIllegalStateException().isThrownBy(server::withClientCertificates);
    }

    @Test
    void asksTheRuleBeforeEachReply() {
        List<Turn> turns = new CopyOnWriteArrayList<>();
        server.answering(turn -> {
            turns.add(turn);
            return turn.line().startsWith("RCPT TO:<c")
                    ? Optional.of(Fault.reply("450 4.2.1 later"))
                    : Optional.empty();
        });
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            probe.readReply();
            probe.send("HELO x");
            probe.write("MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nRCPT TO:<c@x.test>\r\nDATA\r\n");
            for (int code : new int[] {250, 250, 450, 354}) {
                SmtpAssertions.assertThat(probe.readReply()).hasCode(code);
            }
            probe.write("hello\r\n.\r\n");
            SmtpAssertions.assertThat(probe.readReply()).isOk();
            SmtpAssertions.assertThat(probe.send("DATA")).hasCode(503);
        }
        assertThat(turns)
                .extracting(turn -> turn.stage() + ": " + turn.line() + ": " + turn.usual())
                .containsExactly(
                        "GREETING: : 220 upstream.test ESMTP fake upstream ready\r\n",
                        "EHLO: HELO x: 250 upstream.test\r\n",
                        "MAIL: MAIL FROM:<a@x.test>: 250 2.1.0 Sender ok\r\n",
                        "RCPT: RCPT TO:<b@x.test>: 250 2.1.5 Recipient ok\r\n",
                        "RCPT: RCPT TO:<c@x.test>: 250 2.1.5 Recipient ok\r\n",
                        "DATA: DATA: 354 End data with <CR><LF>.<CR><LF>\r\n",
                        "CONTENT: : ",
                        "END_OF_DATA: : 250 2.0.0 Ok: queued as 1\r\n",
                        "DATA: DATA: 503 5.5.1 Bad sequence of commands\r\n");
        assertThat(turns).extracting(Turn::moreToRead).startsWith(false, false, true, true, true, false);
    }

    @Test
    void theRuleKnowsConnectionsAndAScriptGoesBeforeIt() {
        server.scriptOnce(Stage.GREETING, Fault.reply("220 scripted"))
                .answering(turn -> turn.stage() == Stage.GREETING && turn.among() > 1
                        ? Optional.of(Fault.replyThenClose("421 4.7.0 connection " + turn.connection()))
                        : Optional.empty());
        try (SmtpProbe first = SmtpProbe.connect(server.address())) {
            SmtpAssertions.assertThat(first.readReply()).hasText("scripted");
            try (SmtpProbe second = SmtpProbe.connect(server.address())) {
                SmtpAssertions.assertThat(second.readReply()).hasCode(421).hasText("connection 1");
            }
            server.awaitOpenConnections(1);
        }
        server.awaitOpenConnections(0);
        try (SmtpProbe third = SmtpProbe.connect(server.address())) {
            SmtpAssertions.assertThat(third.readReply()).hasCode(220);
            server.clearScripts();
            try (SmtpProbe fourth = SmtpProbe.connect(server.address())) {
                SmtpAssertions.assertThat(fourth.readReply()).hasCode(220);
            }
        }
    }

    @Test
    void turnsDoNotShowCredentials() {
        List<Turn> turns = new CopyOnWriteArrayList<>();
        server.withCredentials("alice", "secret").answering(turn -> {
            turns.add(turn);
            return Optional.empty();
        });
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.authPlain("alice", "secret")).hasCode(235);
        }
        assertThat(turns.get(2).line()).startsWith("AUTH PLAIN AGFs");
        assertThat(turns.get(2)).hasToString("Turn[connection 0, AUTH, AUTH PLAIN ***]");
    }

    /** RFC 1047. */
    @Test
    void takesAMessageAndLosesTheReply() {
        server.scriptOnce(Stage.END_OF_DATA, Fault.reply("250 2.0.0 Ok").butDoes(Fault.reset()));
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.mail("a@x.test")).isOk();
            SmtpAssertions.assertThat(probe.rcpt("b@x.test")).isOk();
            assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> probe.data("hello\r\n"));
        }
        assertThat(server.awaitMessage().contentText()).isEqualTo("hello\r\n");
    }

    @Test
    void losesWhatComesNext() {
        server.scriptOnce(Stage.RSET, Fault.loseInput(Duration.ofSeconds(10)))
                .scriptOnce(Stage.MAIL, Fault.loseInput(Duration.ofMillis(1)).then(Fault.reply("450 4.2.1 later")));
        try (SmtpProbe probe = afterEhlo()) {
            probe.write("RSET\r\nHELP\r\n");
            SmtpAssertions.assertThat(probe.readReply()).isOk();
            SmtpAssertions.assertThat(probe.send("NOOP")).isOk();
            SmtpAssertions.assertThat(probe.mail("a@x.test")).as("nothing came").hasCode(450);
            SmtpAssertions.assertThat(probe.mail("a@x.test")).isOk();
        }
        assertThat(server.commands()).doesNotContain("HELP");
    }

    @Test
    void takesContentForNobodyWhenItIsTold() {
        server.script(Stage.DATA, Fault.reply("354 go on"));
        try (SmtpProbe probe = afterEhlo()) {
            probe.mail("a@x.test");
            SmtpAssertions.assertThat(probe.data("hello\r\n")).isOk();
        }
        assertThat(server.awaitMessage().recipients()).isEmpty();
    }

    @Test
    void keepsWhoSentAMessageAndHowItCame() {
        server.withStartTls(TestCertificates.serverContext()).withCredentials("alice", "s\u00e9cret");
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.mail("a@x.test")).hasCode(530);
            SmtpAssertions.assertThat(probe.authPlain("alice", "s\u00e9cret")).isOk();
            probe.startTls(TestCertificates.clientContext());
            probe.ehlo();
            SmtpAssertions.assertThat(probe.mail("a@x.test")).hasCode(530);
            SmtpAssertions.assertThat(probe.send("AUTH PLAIN")).hasWire("334 \r\n");
            SmtpAssertions.assertThat(probe.send("AGFsaWNlAHPDqWNyZXQ=")).hasCode(235);
            SmtpAssertions.assertThat(probe.ehlo()).doesNotOffer("AUTH");
            deliver(probe, "a@x.test", "b@x.test");
        }
        ReceivedMessage message = server.awaitMessage();

        assertThat(message.overTls()).isTrue();
        assertThat(message.authenticatedUser()).isEqualTo(Optional.of("alice"));
    }

    @ParameterizedTest
    @CsvSource({"PLAIN !!!, 535", "PLAIN AHgAeQ==, 535", "CRAM-MD5, 504"})
    void refusesOtherCredentials(String arguments, int code) {
        server.withCredentials("alice", "secret");
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.send("AUTH " + arguments)).hasCode(code);
        }
    }

    @Test
    void plaintextBehindStartTlsSpoilsTheHandshake() {
        server.withStartTls(TestCertificates.serverContext());
        try (SmtpProbe probe = afterEhlo()) {
            probe.write("STARTTLS\r\nNOOP\r\n");
            SmtpAssertions.assertThat(probe.readReply()).hasCode(220);
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> probe.upgradeToTls(TestCertificates.clientContext()));
        }
        assertThat(server.commands()).doesNotContain("NOOP");
    }

    @Test
    void refusesConnectionsAndAcceptsThemAgainOnTheSamePort() {
        try (SmtpProbe open = afterEhlo()) {
            int port = server.port();
            server.refuseConnections();
            server.refuseConnections();
            assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(this::afterEhlo);
            SmtpAssertions.assertThat(open.send("NOOP")).isOk();

            server.acceptConnections();
            server.acceptConnections();
            afterEhlo().close();
            assertThat(server.port()).isEqualTo(port);
        }
    }

    /** As connections of other tests do by chance, which get any port that is free. */
    @Test
    void keepsItsPortAlsoInTheMomentInWhichItStopsListening() throws Exception {
        AtomicBoolean taken = new AtomicBoolean();
        AtomicBoolean over = new AtomicBoolean();
        Thread other = new Thread(() -> {
            while (!over.get() && !taken.get()) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.setReuseAddress(false);
                    socket.bind(server.address());
                    taken.set(true);
                } catch (IOException e) {
                    Thread.onSpinWait();
                }
            }
        });
        other.start();
        try {
            for (int i = 0; i < 200 && !taken.get(); i++) {
                server.refuseConnections();
                server.acceptConnections();
            }
        } finally {
            over.set(true);
            other.join();
        }
        assertThat(taken).isFalse();
    }

    @Test
    void keepsItsPortWhileConnectionsAreRefused() throws IOException {
        server.refuseConnections();
        try (ServerSocket other = new ServerSocket()) {
            other.setReuseAddress(false);
            assertThatExceptionOfType(BindException.class).isThrownBy(() -> other.bind(server.address()));
        }
        server.close();
        try (ServerSocket other = new ServerSocket()) {
            other.bind(server.address());
            assertThat(other.isBound()).isTrue();
        }
    }

    @Test
    void dropsItsConnectionsAndGoesOn() {
        try (SmtpProbe idle = afterEhlo()) {
            server.dropConnections();
            SmtpAssertions.assertThat(idle).isClosed();
        }
        afterEhlo().close();
    }

    @Test
    void closeEndsEveryConnectionAndKeepsTheRecord() {
        try (SmtpProbe probe = afterEhlo()) {
            deliver(probe, "a@x.test", "b@x.test");
            server.close();
            server.close();

            SmtpAssertions.assertThat(probe).isClosed();
            assertThat(server.messages()).hasSize(1);
        }
    }

    @Test
    void awaitingFailsWithTheTranscript() {
        try (SmtpProbe probe = afterEhlo()) {
            SmtpAssertions.assertThat(probe.send("NOOP")).isOk();
            UpstreamRecord empty = new UpstreamRecord();
            Transcript transcript = new Transcript();
            transcript.client(Octets.of("NOOP\r\n"));
            empty.connection(transcript);

            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> empty.await(Duration.ofMillis(10)))
                    .withMessage("No message within 10 ms\nTranscript:\nconnection 0:\n  C: NOOP\n");
        }
    }

    @Test
    void saysNothingAtConnect() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.script(Stage.CONNECT, Fault.reply("554 no")))
                .withMessage("nothing can be said at CONNECT; use GREETING");
    }

    private SmtpProbe afterEhlo() {
        SmtpProbe probe = SmtpProbe.connect(server.address());
        probe.readReply();
        SmtpAssertions.assertThat(probe.ehlo()).isOk();
        return probe;
    }

    private static void deliver(SmtpProbe probe, String from, String to) {
        SmtpAssertions.assertThat(probe.mail(from)).isOk();
        SmtpAssertions.assertThat(probe.rcpt(to)).isOk();
        SmtpAssertions.assertThat(probe.data("hello\r\n")).isOk();
    }
}
