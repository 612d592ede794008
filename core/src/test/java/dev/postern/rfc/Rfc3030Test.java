package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 3030, SMTP Service Extensions for Transmission of Large and Binary MIME Messages: CHUNKING only. */
@OnAnyJdk
class Rfc3030Test {

    private static Scene unchanged() {
        return Scene.open(b -> b.messages(MessageRules.defaults().without(FixUp.values())));
    }

    @Test
    void s2_chunkingIsOfferedAndBinarymimeIsNot() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions())
                    .contains("CHUNKING")
                    .doesNotContain("BINARYMIME");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LAST", "last", "LaSt"})
    void s2_lastIsTakenInAnyCase(String last) {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: bdat 27 %s
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    """.formatted(last));
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo("From: alice@client.test\r\n\r\n");
        }
    }

    /** Nobody sees what is in front of the verb, least of all the client: what follows is its chunk, and no command. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                " ", "   ", "\t", " \t ", "\0", "\u0001", "\u001b", "\u007f", "\u00a0", "\u00ad", "\u200b", "\u2028",
                "\ufeff"
            })
    void s2_aChunkBehindAHiddenVerbIsNotRunAsCommands(String hidden) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.write(hidden + "BDAT 12\r\nRSET\r\nRSET\r\n");
            assertThat(probe.readReply().code()).isEqualTo(500);
            probe.assertClosed();
        }
    }

    /** The verb may be in what was thrown away of a line that is longer than any. */
    @Test
    void s2_aChunkBehindALongLineThatBeginsWithBlanksIsNotRunAsCommands() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.write(" ".repeat(20_000) + "BDAT 12\r\nRSET\r\nRSET\r\n");
            assertThat(probe.readReply().code()).isEqualTo(500);
            probe.assertClosed();
        }
    }

    @Test
    void s2_chunksInOneGroupWithALastOneOfNoOctets() {
        try (Scene scene = unchanged()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<bob@dest.test>
                    C: BDAT 5
                    C| From:
                    C: BDAT 0
                    C: BDAT 22
                    C|  alice@client.test<CRLF><CRLF>
                    C: BDAT 0 LAST
                    S: 250 2.1.0 Sender ok
                    S: 250 2.1.5 Recipient ok
                    S: 250 2.0.0 5 octets received
                    S: 250 2.0.0 0 octets received
                    S: 250 2.0.0 22 octets received
                    S: 250 2.0.0 Ok: relayed as *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo("From: alice@client.test\r\n\r\n");
        }
    }

    @Test
    void s2_whatEndsDataIsContentInAChunk() {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 54 LAST
                    C| From: alice@client.test<CRLF><CRLF>a<CRLF>.<CRLF>MAIL FROM:<><CRLF>..<CRLF>b<CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
            ReceivedMessage message = scene.upstream.awaitMessage();
            assertThat(message.contentText())
                    .isEqualTo("From: alice@client.test\r\n\r\na\r\n.\r\nMAIL FROM:<>\r\n..\r\nb\r\n");
        }
    }

    @Test
    void s2_aLineEndMayBeCutByAChunksEnd() {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 24
                    C| From: alice@client.test<CR>
                    S: 250 2.0.0 24 octets received
                    C: BDAT 3 LAST
                    C| <LF><CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo("From: alice@client.test\r\n\r\n");
        }
    }

    @Test
    void s2_rsetBetweenChunksForgetsThem() {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR, "one@dest.test"), """
                    C: BDAT 7
                    C| Garbage
                    S: 250 2.0.0 7 octets received
                    C: RSET
                    S: 250 2.0.0 Reset
                    C: BDAT 5 LAST
                    C| QUIT<CR>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<two@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: BDAT 27 LAST
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    """);
            assertThat(scene.upstream.messages())
                    .singleElement()
                    .extracting(ReceivedMessage::contentText)
                    .isEqualTo("From: alice@client.test\r\n\r\n");
        }
    }

    @Test
    void s2_dataAfterBdatIs503AndTheChunksStand() {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 27
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 27 octets received
                    C: DATA
                    S: 503 5.5.1 *
                    C: RCPT TO:<carol@dest.test>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<>
                    S: 503 5.5.1 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    C: BDAT 0 LAST
                    S: 250 2.0.0 Ok: relayed as *
                    """);
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly("bob@dest.test");
        }
    }

    @Test
    void s2_aChunkBehindTheLastIs503AndItsOctetsAreNoCommand() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 27 LAST
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    C: BDAT 6 LAST
                    C: QUIT
                    S: 503 5.5.1 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
            assertThat(scene.upstream.messages()).hasSize(1);
        }
    }

    @Test
    void s2_aChunkWithoutRecipientsIsReadAndRefused() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: BDAT 6
                    C: QUIT
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: BDAT 6
                    C: QUIT
                    S: 503 5.5.1 *
                    C: BDAT 6 LAST
                    C: QUIT
                    S: 503 5.5.1 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
        }
    }

    @Test
    void s2_oneFailedChunkFailsTheLaterOnesAndTheirOctetsAreNoCommands() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxSize(100)))) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 27
                    C: From: alice@client.test<CRLF>
                    C: BDAT 102
                    C: %s
                    C: BDAT 6
                    C: QUIT
                    C: BDAT 0
                    C: BDAT 6 LAST
                    C: QUIT
                    C: NOOP
                    S: 250 2.0.0 27 octets received
                    S: 523 5.3.4 *
                    S: 523 5.3.4 *
                    S: 523 5.3.4 *
                    S: 523 5.3.4 *
                    S: 250 2.0.0 Ok
                    """.formatted("x".repeat(100)));
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void s2_oneFailedChunkFailsAWholeMessageBehindItUntilRset() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 6 FIRST
                    C: QUIT
                    S: 501 5.5.4 *
                    C: BDAT 27
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 501 5.5.4 *
                    C: DATA
                    S: 503 5.5.1 *
                    C: RSET
                    S: 250 2.0.0 Reset
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: BDAT 27 LAST
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    """);
            assertThat(scene.upstream.messages()).hasSize(1);
        }
    }

    @Test
    void s2_aLoneCrInAnyChunkRefusesTheMessage() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 26
                    C| From: alice@client.test<CR>.<CR>
                    S: 250 2.0.0 26 octets received
                    C: BDAT 0 LAST
                    S: 550 5.5.2 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void s2_theOctetsAreReadAlsoWhenTheEndMarkerIsWrong() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 6 FIRST
                    C: QUIT
                    S: 501 5.5.4 *
                    C: BDAT 6 LAST now
                    C: QUIT
                    S: 501 5.5.4 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void s2_theSizeMayHaveMoreDigitsThanItNeeds() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: BDAT 0000000000000000000000000000027 LAST
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 Ok: relayed as *
                    """);
        }
    }

    @Test
    void s2_theOctetsAreReadAlsoWhenThereAreMoreThanAnybodyCanSend() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            hold(probe, """
                    C: NOOP
                    C: BDAT 99999999999999999999999999999999 LAST
                    C: QUIT
                    S: 250 2.0.0 Ok
                    """);
            scene.clock.advance(Duration.ofMinutes(2));
            hold(probe, """
                    S: 421 4.7.0 Closing connection due to inactivity
                    -- closed
                    """);
        }
    }

    @Test
    void s2_theEndOfTheConnectionInAChunkIsNoEndOfTheMessage() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            hold(probe, """
                    C: BDAT 27
                    C| From: alice@client.test<CRLF><CRLF>
                    S: 250 2.0.0 27 octets received
                    C: BDAT 100 LAST
                    C: Not a hundred octets
                    """);
            probe.close();
            scene.relay.close();
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void s2_contentThatEndsWithoutALineEndGetsOne() {
        try (Scene scene = unchanged()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.bdat("From: alice@client.test\r\n\r\nend".getBytes(StandardCharsets.US_ASCII), true)
                            .code())
                    .isEqualTo(250);
            assertThat(scene.upstream.awaitMessage().contentText()).endsWith("\r\n\r\nend\r\n");
        }
    }

    @Test
    void s4_bodyBinarymimeIsRefused() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> BODY=BINARYMIME
                    S: 555 5.5.4 *
                    """);
        }
    }
}
