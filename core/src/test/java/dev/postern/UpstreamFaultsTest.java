package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client is told when the upstream misbehaves; the relay delivers nothing and serves the next client. */
class UpstreamFaultsTest {

    private static final List<Stage> BEFORE_THE_MESSAGE = List.of(Stage.GREETING, Stage.EHLO);
    private static final List<Stage> IN_THE_MESSAGE =
            List.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.END_OF_DATA);

    static List<Arguments> silences() {
        List<Arguments> all = new ArrayList<>();
        for (Fault fault : List.of(Fault.hang(), Fault.close(), Fault.reset())) {
            all.add(Arguments.of(Stage.CONNECT, fault, StandardReply.UPSTREAM_UNREACHABLE));
            BEFORE_THE_MESSAGE.forEach(
                    stage -> all.add(Arguments.of(stage, fault, StandardReply.UPSTREAM_UNREACHABLE)));
            IN_THE_MESSAGE.forEach(stage -> all.add(Arguments.of(stage, fault, StandardReply.UPSTREAM_RELAY_FAILED)));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("silences")
    void anUpstreamThatHangsOrVanishesGives421(Stage stage, Fault fault, StandardReply row) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(stage, fault);
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasCode(354);
            probe.write(Scene.MESSAGE + ".\r\n");
            assertThat(scene.replyInTime(probe, stage)).isStandardReply(row);
            probe.assertClosed();
            assertNothingDeliveredAndServesAgain(scene);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("stagesOfTheMessage")
    void a4xxOfTheUpstreamGives421(Stage stage) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(stage, Fault.reply("450 4.1.1 not now"));
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            probe.assertClosed();
            assertNothingDeliveredAndServesAgain(scene);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("stagesOfTheMessage")
    void a5xxOfTheUpstreamIsPassedOnInItsOwnWords(Stage stage) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(stage, Fault.reply("550 5.7.26 not you \u0007 here"));
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).hasWire("550 5.7.26 not you ? here\r\n");
            assertThat(probe.send("NOOP")).hasCode(250);
            assertNothingDeliveredAndServesAgain(scene);
        }
    }

    /** As Sendmail and Exchange say it; RFC 5321's grammar ends at 559. */
    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("stagesOfTheMessage")
    void aCodeBeyondTheGrammarIsAFailureLikeAnyOther(Stage stage) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(stage, Fault.reply("571 5.7.1 Delivery not authorized"));
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).hasWire("550 5.7.1 Delivery not authorized\r\n");
            assertNothingDeliveredAndServesAgain(scene);
        }
    }

    static List<Stage> stagesOfTheMessage() {
        return IN_THE_MESSAGE;
    }

    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("stagesBeforeTheMessage")
    void anUpstreamThatIsNotReadyGivesUnreachable(Stage stage) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(stage, Fault.replyThenClose("554 5.3.2 no service"));
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
            probe.assertClosed();
            assertNothingDeliveredAndServesAgain(scene);
        }
    }

    static List<Stage> stagesBeforeTheMessage() {
        return BEFORE_THE_MESSAGE;
    }

    @OnAnyJdk
    @Test
    void refusedRecipientsAreNamedAndNobodyGetsTheMessage() {
        try (Scene scene = Scene.open()) {
            scene.upstream.scriptRecipient("no@dest.test", Fault.reply("550 5.1.1 No such user"));
            scene.upstream.scriptRecipient("never@dest.test", Fault.reply("551 5.1.6 Moved"));
            SmtpProbe probe = scene.atRcpt(Access.CLEAR, "yes@dest.test", "no@dest.test", "never@dest.test");
            assertThat(probe.data(Scene.MESSAGE))
                    .hasWire("550-5.1.1 <no@dest.test>: No such user\r\n"
                            + "550-5.1.1 <never@dest.test>: Moved\r\n"
                            + "550 5.1.1 Message not relayed: 2 of 3 recipients refused\r\n");
            assertThat(scene.upstream.messages()).isEmpty();
            Scene.envelope(probe, "yes@dest.test");
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly("yes@dest.test");
        }
    }

    @OnAnyJdk
    @Test
    void aTemporarilyRefusedRecipientGives421AndNobodyGetsTheMessage() {
        try (Scene scene = Scene.open()) {
            scene.upstream.scriptRecipient("later@dest.test", Fault.reply("450 4.2.0 Later"));
            SmtpProbe probe = scene.atRcpt(Access.CLEAR, "yes@dest.test", "later@dest.test");
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            assertNothingDeliveredAndServesAgain(scene);
        }
    }

    @Test
    void aMessageOfWhichOnlyTheReplyWasLostIsNeverSentAgain() {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(Stage.END_OF_DATA, Fault.close());
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            assertThat(scene.upstream.contentsSeen()).isEqualTo(1);
        }
    }

    @Test
    void aKeptConnectionThatTheUpstreamHasClosedIsReplacedUnnoticed() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            Scene.send(probe);
            scene.upstream.dropConnections();
            Scene.send(probe);
            assertThat(scene.upstream.messages()).hasSize(2);
            assertThat(scene.upstream.connections()).isEqualTo(2);
        }
    }

    @Test
    void messagesShareAConnection() {
        try (Scene scene = Scene.open()) {
            for (int i = 0; i < 5; i++) {
                Scene.send(scene.alice());
            }
            assertThat(scene.upstream.connections()).isEqualTo(1);
            assertThat(scene.upstream.messages()).hasSize(5);
            assertThat(scene.upstream.bareLineEndings()).isEmpty();
        }
    }

    /** Each reply that follows would be the answer to the command before: the 250 of the last RCPT to the content. */
    @ParameterizedTest
    @MethodSource("repliesTooMany")
    void aReplyTooManyMakesNoRefusedMessageAccepted(Stage stage, Fault fault) {
        try (Scene scene = Scene.open()) {
            // what is left of the earlier replies is not there yet when a chunk would leave
            scene.upstream.scriptRecipient("two@dest.test", Fault.delay(Duration.ofMillis(30)));
            SmtpProbe second = scene.atRcpt(Access.CLEAR, "one@dest.test", "two@dest.test");
            if (stage != Stage.MAIL) {
                scene.upstream.scriptOnce(stage, fault);
            }
            scene.atRcpt(Access.CLEAR, "one@dest.test", "two@dest.test").data(Scene.MESSAGE);
            if (stage == Stage.MAIL) {
                scene.upstream.scriptOnce(stage, fault); // of the kept connection
            }
            int accepted = scene.upstream.messages().size();
            scene.upstream.script(Stage.END_OF_DATA, Fault.reply("552 5.3.4 too large"));
            assertThat(second.data(Scene.MESSAGE).code()).isIn(421, 552);
            assertThat(scene.upstream.messages()).hasSize(accepted);
        }
    }

    static List<Arguments> repliesTooMany() {
        // so late that the next message comes before it
        Fault late = Fault.delay(Duration.ofMillis(100)).then(Fault.reply("250 2.0.0 once more"));
        return List.of(
                Arguments.of(Stage.END_OF_DATA, Fault.reply("250 2.0.0 queued").then(late)),
                Arguments.of(Stage.RSET, Fault.reply("250 2.0.0 reset").then(late)),
                Arguments.of(Stage.RSET, Fault.reply("250 2.0.0 reset\n250 2.0.0 once more")),
                Arguments.of(Stage.MAIL, Fault.reply("250 2.0.0 once more\n250 2.1.0 ok")),
                Arguments.of(
                        Stage.EHLO,
                        Fault.reply("250-upstream.test\n250-CHUNKING\n250 PIPELINING")
                                .then(late)));
    }

    /** However late it comes, and whether the end of the content has left by then or not. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20})
    void anEarly250IsNotTheReplyToTheContent(int millis) {
        for (String message : List.of(Scene.MESSAGE, Scene.MESSAGE + "a line of it\r\n".repeat(400_000))) {
            try (Scene scene = Scene.open()) {
                scene.upstream
                        .script(
                                Stage.DATA,
                                Fault.reply("354 go on")
                                        .then(Fault.delay(Duration.ofMillis(millis)))
                                        .then(Fault.reply("250 2.0.0 early")))
                        .script(Stage.END_OF_DATA, Fault.reply("550 5.7.1 refused"));
                SmtpProbe probe = scene.atRcpt(Access.CLEAR);
                assertThat(probe.data(message)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
                assertNothingDeliveredAndServesAgain(scene);
            }
        }
    }

    private static void assertNothingDeliveredAndServesAgain(Scene scene) {
        assertThat(scene.upstream.messages()).isEmpty();
        scene.upstream.clearScripts();
        ProbeReply reply = sendAgain(scene);
        assertThat(reply).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        assertThat(scene.upstream.messages()).hasSize(1);
    }

    private static ProbeReply sendAgain(Scene scene) {
        return scene.atRcpt(Access.STARTTLS).data(Scene.MESSAGE);
    }

    /** A 421 in its place would have the client send the message again, as it is. */
    @OnAnyJdk
    @Test
    void whatAMessageIsRefusedWithIsSaidAlsoWhenThereWereTooManyErrors() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withErrors(2)))) {
            SmtpProbe probe = scene.alice();
            for (int i = 0; i < 3; i++) {
                scene.upstream.scriptRecipient("no@dest.test", Fault.reply("550 5.1.1 No such user"));
                Scene.envelope(probe, "no@dest.test");
                assertThat(probe.data(Scene.MESSAGE)).hasCode(550);
            }
            assertThat(probe.send("NOOP")).isStandardReply(StandardReply.TOO_MANY_ERRORS);
            probe.assertClosed();
        }
    }

    @OnAnyJdk
    @Test
    void whatAChunkIsRefusedWithIsSaidAlsoWhenThereWereTooManyErrors() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withErrors(1))
                .messages(MessageRules.defaults().withMaxSize(10)))) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.send("RSET now")).hasCode(501);
            Scene.envelope(probe);
            assertThat(probe.send("BDAT 21\r\nFrom: a@client.test")).isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
            assertThat(probe.send("NOOP")).isStandardReply(StandardReply.TOO_MANY_ERRORS);
            probe.assertClosed();
        }
    }
}
