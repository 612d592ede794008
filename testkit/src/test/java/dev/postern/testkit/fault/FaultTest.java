package dev.postern.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@OnAnyJdk
class FaultTest {

    private static final String REFUSAL = "451 4.3.0 try later";

    private final FakeUpstream server =
            FakeUpstream.start().withStartTls(TestCertificates.serverContext()).withCredentials("alice", "secret");

    @AfterEach
    void closeServer() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONNECT")
    void repliesAtEachStage(Stage stage) {
        server.script(stage, Fault.reply(REFUSAL));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            SmtpAssertions.assertThat(reach(stage, probe)).hasWire(REFUSAL + "\r\n");
        }
        assertThat(server.messages()).hasSize(stage.compareTo(Stage.END_OF_DATA) > 0 ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONNECT")
    void repliesAndClosesAtEachStage(Stage stage) {
        server.script(stage, Fault.replyThenClose(REFUSAL));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            SmtpAssertions.assertThat(reach(stage, probe)).hasWire(REFUSAL + "\r\n");
            SmtpAssertions.assertThat(probe).isClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closesAtEachStage(Stage stage) {
        server.script(stage, Fault.close());
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> reach(stage, probe))
                    .withMessageStartingWith("Connection closed by the server, in place of a reply");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECT", "GREETING"})
    void resetsAtOnceWhichMayLookLikeAFailureToConnect(Stage stage) {
        server.script(stage, Fault.reset());

        assertThatThrownBy(() -> SmtpProbe.connect(server.address()).readReply())
                .isInstanceOfAny(AssertionError.class, UncheckedIOException.class);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"CONNECT", "GREETING"})
    void resetsAtEachStage(Stage stage) {
        server.script(stage, Fault.reset());
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> reach(stage, probe))
                    .withMessageStartingWith("Connection lost while waiting for a reply: java.net.SocketException");
        }
    }

    @ParameterizedTest
    @EnumSource
    void hangsAtEachStage(Stage stage) {
        server.script(stage, Fault.hang());
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> reach(stage, probe, Duration.ofMillis(50)))
                    .withMessageStartingWith("No reply within 50 ms");
            probe.timeout(SmtpProbe.DEFAULT_TIMEOUT);
            server.close();
            SmtpAssertions.assertThat(probe).isClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void stallsAtEachStage(Stage stage) {
        server.script(stage, Fault.stall());
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> reach(stage, probe, Duration.ofMillis(50)))
                    .withMessageStartingWith("No reply within 50 ms");
        }
    }

    @ParameterizedTest
    @EnumSource
    void delaysAtEachStageAndThenDoesWhatIsUsual(Stage stage) {
        server.script(stage, Fault.delay(Duration.ofMillis(1)).then(Fault.delay(Duration.ofMillis(1))));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            Stage said = stage == Stage.CONNECT ? Stage.GREETING : stage;
            assertThat(reach(said, probe).code()).as("code").isBetween(200, 399);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONNECT")
    void saysHalfAReplyAtEachStage(Stage stage) {
        server.script(stage, Fault.halfReply(REFUSAL));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> reach(stage, probe))
                    .withMessageContaining("451 4.3")
                    .withMessageNotContaining("try later");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONNECT")
    void saysWhatIsNoReplyAtEachStage(Stage stage) {
        server.script(stage, Fault.octets("what?\r\n"));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> reach(stage, probe))
                    .withMessageContaining("what?");
        }
    }

    /** Goes all the way of a message until the stage, whose reply is returned. */
    private static ProbeReply reach(Stage stage, SmtpProbe probe) {
        return reach(stage, probe, SmtpProbe.DEFAULT_TIMEOUT);
    }

    private static ProbeReply reach(Stage stage, SmtpProbe probe, Duration timeoutThere) {
        Optional<ProbeReply> reply = Optional.empty();
        for (Stage step : Stage.values()) {
            if (step.compareTo(stage) >= 0) {
                probe.timeout(timeoutThere);
            }
            boolean silent = step == Stage.CONNECT || step == Stage.CONTENT && stage != Stage.CONTENT;
            reply = silent ? reply : Optional.of(step(step, probe));
            if (step == stage && reply.isPresent()) {
                return reply.get();
            }
            if (step == Stage.STARTTLS) {
                probe.upgradeToTls(TestCertificates.clientContext());
                probe.ehlo();
            }
        }
        throw new AssertionError("nothing was said at " + stage);
    }

    private static ProbeReply step(Stage step, SmtpProbe probe) {
        return switch (step) {
            case CONNECT, GREETING -> probe.readReply();
            case EHLO -> probe.ehlo();
            case STARTTLS -> probe.send("STARTTLS");
            case AUTH -> probe.authPlain("alice", "secret");
            case MAIL -> probe.mail("a@x.test");
            case RCPT -> probe.rcpt("b@x.test");
            case DATA -> probe.send("DATA");
            case CONTENT, END_OF_DATA -> content(probe);
            case RSET, QUIT -> probe.send(step.name());
            case OTHER -> probe.send("NOOP");
        };
    }

    private static ProbeReply content(SmtpProbe probe) {
        probe.write("hello\r\n.\r\n");
        return probe.readReply();
    }

    @Test
    void onceGoesBeforeAlwaysAndInOrder() {
        server.script(Stage.RSET, Fault.reply("400 always"))
                .scriptOnce(Stage.RSET, Fault.reply("401 first"))
                .scriptOnce(Stage.RSET, Fault.reply("402 second"));
        try (SmtpProbe probe = greeted()) {
            for (int code : new int[] {401, 402, 400, 400}) {
                SmtpAssertions.assertThat(probe.send("RSET")).hasCode(code);
            }
            server.clearScripts();
            SmtpAssertions.assertThat(probe.send("RSET")).isOk();
        }
    }

    @Test
    void refusesOneRecipientOfAMessage() {
        FakeUpstream plain = FakeUpstream.start().scriptRecipient("Bad@x.test", Fault.reply("550 5.1.1 no such user"));
        try (plain;
                SmtpProbe probe = SmtpProbe.connect(plain.address())) {
            probe.readReply();
            probe.ehlo();
            probe.mail("a@x.test");
            SmtpAssertions.assertThat(probe.rcpt("good@x.test")).isOk();
            SmtpAssertions.assertThat(probe.rcpt("bad@x.test")).hasEnhancedStatus("5.1.1");
            SmtpAssertions.assertThat(probe.data("hello\r\n")).isOk();

            assertThat(plain.awaitMessage().recipientAddresses()).containsExactly("good@x.test");
        }
    }

    @Test
    void countsAContentWhoseReplyWasNeverSent() {
        server.scriptOnce(Stage.END_OF_DATA, Fault.close());
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> reach(Stage.END_OF_DATA, probe));
        }

        assertThat(server.contentsSeen()).isEqualTo(1);
        assertThat(server.messages()).isEmpty();
    }

    @Test
    void aReplyOf2xxAtTheEndTakesTheMessage() {
        server.script(Stage.END_OF_DATA, Fault.replyThenClose("250 2.6.0 mine"));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            SmtpAssertions.assertThat(reach(Stage.END_OF_DATA, probe)).hasText("mine");
            SmtpAssertions.assertThat(probe).isClosed();
        }

        assertThat(server.messages()).hasSize(1);
    }

    @Test
    void anEarlyReplyIsTheOnlyOne() {
        server.script(Stage.CONTENT, Fault.reply("552 5.3.4 too big"));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            reach(Stage.DATA, probe);
            probe.write("first\r\n");
            SmtpAssertions.assertThat(probe.readReply()).hasCode(552);
            probe.write("rest\r\n.\r\n");
            SmtpAssertions.assertThat(probe.send("NOOP")).hasText("Ok");
        }

        assertThat(server.messages()).isEmpty();
        assertThat(server.contentsSeen()).isEqualTo(1);
    }

    @Test
    void aRefusedChunkEndsTheTransaction() {
        server.script(Stage.DATA, Fault.reply("452 4.3.1 full"));
        try (SmtpProbe probe = SmtpProbe.connect(server.address())) {
            reach(Stage.RCPT, probe);
            SmtpAssertions.assertThat(probe.bdat(Octets.of("one"), false)).hasCode(452);
            SmtpAssertions.assertThat(probe.bdat(Octets.of("two"), true)).hasCode(503);
        }
    }

    @Test
    void stallStopsReadingUntilTheServerIsClosed() {
        server.script(Stage.RSET, Fault.stall());
        try (SmtpProbe probe = greeted()) {
            probe.write("RSET\r\n");
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> probe.write(new byte[16 * 1024 * 1024]));
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> writing.get(300, TimeUnit.MILLISECONDS));

            server.close();
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> writing.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(UncheckedIOException.class);
        }
    }

    private SmtpProbe greeted() {
        SmtpProbe probe = SmtpProbe.connect(server.address());
        probe.readReply();
        return probe;
    }
}
