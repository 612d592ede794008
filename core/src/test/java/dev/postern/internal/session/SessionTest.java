package dev.postern.internal.session;

import static dev.postern.internal.session.Dialogue.AUTH;
import static dev.postern.internal.session.Dialogue.MESSAGE;
import static dev.postern.internal.session.Dialogue.MESSAGE_OCTETS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.session.Line.Ending;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A session without sockets: RFC 5321 section 4.1.4, RFC 2920, 3030, 3207 and 4954. */
@OnAnyJdk
class SessionTest {

    private static final String RELAYED = "S: 250 2.0.0 Ok: relayed as Ok 1\n";

    // the order of commands

    @Test
    void aSessionFromGreetingToQuit() {
        try (Dialogue dialogue = Dialogue.connected()) {
            dialogue.plays("S: 220 relay.test ESMTP Postern ready\n"
                    + "C: EHLO client.test\n"
                    + "S: 250-relay.test\nS: 250-PIPELINING\nS: 250-SIZE 2000\nS: 250-8BITMIME\nS: 250-SMTPUTF8\n"
                    + "S: 250-ENHANCEDSTATUSCODES\nS: 250-CHUNKING\nS: 250-AUTH PLAIN LOGIN\n"
                    + "S: 250-LIMITS MAILMAX=2 RCPTMAX=3\nS: 250 HELP\n"
                    + "C: " + AUTH + "\n"
                    + "S: 235 2.7.0 Authentication succeeded\n"
                    + "C: MAIL FROM:<alice@client.test>\n"
                    + "S: 250 2.1.0 Sender ok\n"
                    + "C: RCPT TO:<bob@dest.test>\n"
                    + "S: 250 2.1.5 Recipient ok\n"
                    + "C: DATA\n"
                    + "S: 354 End data with <CR><LF>.<CR><LF>\n"
                    + MESSAGE + "C: .\n" + RELAYED
                    + "C: QUIT\n"
                    + "S: 221 2.0.0 Closing connection\n");
            assertThat(dialogue.over()).isTrue();
            assertThat(dialogue.relayed).singleElement().asString().contains("[bob@dest.test]", "Hello\r\n");
            assertThat(dialogue.events)
                    .extracting(e -> e.getClass().getSimpleName())
                    .containsExactly(
                            "SessionOpened",
                            "Authenticated",
                            "LoginJudged",
                            "MessageReceived",
                            "Relayed",
                            "MessageAnswered");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP", "HELP", "RSET", "QUIT", "noop", "NoOp anything at all"})
    void beforeEhloTheseAreAnswered(String command) {
        try (Dialogue dialogue = Dialogue.connected()) {
            dialogue.said("C: " + command, "S: 220 *\nS: 2*");
        }
    }

    @Test
    void beforeEhloNothingElseIsDone() {
        try (Dialogue dialogue = Dialogue.connected()) {
            dialogue.plays("""
                    C: AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl
                    S: 220 relay.test ESMTP Postern ready
                    S: 503 5.5.1 Bad sequence of commands: EHLO first
                    C: MAIL FROM:<alice@client.test>
                    S: 530 5.7.0 Authentication required
                    """);
        }
    }

    @Test
    void eachCommandNeedsTheOneBefore() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays("""
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 Bad sequence of commands: MAIL first
                    C: DATA
                    S: 503 5.5.1 Bad sequence of commands: MAIL first
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: DATA
                    S: 503 5.5.1 Bad sequence of commands: RCPT first
                    C: MAIL FROM:<alice@client.test>
                    S: 503 5.5.1 Bad sequence of commands: MAIL was given already
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """);
        }
    }

    @Test
    void heloWorksAndOffersNothing() {
        try (Dialogue dialogue = Dialogue.connected()) {
            dialogue.plays("C: HELO client.test\nS: 220 *\nS: 250 relay.test\nC: " + AUTH
                    + "\nS: 235 2.7.0 Authentication succeeded\n");
        }
    }

    @Test
    void aRefusedCommandChangesNothing() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: RCPT TO:<no mailbox>\nS: 501 5.5.4 Recipient rejected: bad recipient address syntax\n"
                    + "C: XYZZY\nS: 500 5.5.2 Command not recognized\n"
                    + "C: NOOP\nS: 250 2.0.0 Ok\n"
                    + "C: DATA\nS: 354 *\n" + MESSAGE + "C: .\n" + RELAYED);
            assertThat(dialogue.relayed).singleElement().asString().contains("[bob@dest.test]");
        }
    }

    @Test
    void whenEveryRecipientIsRefusedDataIsToo() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays("""
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bad>
                    S: 501 5.5.4 Recipient rejected: bad recipient address syntax
                    C: DATA
                    S: 554 5.5.1 No valid recipients
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: DATA
                    S: 354 End data with <CR><LF>.<CR><LF>
                    """);
        }
    }

    // what clears a transaction

    @ParameterizedTest
    @ValueSource(strings = {"RSET", "EHLO again.test", "HELO again.test"})
    void clearsTheTransactionAndItsQuota(String command) {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            QuotaPlan plan = QuotaPlan.perMonth(5);
            assertThat(dialogue.quotas.usage("client.test", plan).reserved()).isEqualTo(1);
            assertThat(dialogue.session.idle()).isFalse();
            dialogue.feed(command + "\r\n");
            assertThat(dialogue.session.idle()).isTrue();
            assertThat(dialogue.quotas.usage("client.test", plan).reserved()).isZero();
            String replies = command.equals("RSET")
                    ? "S: 250 2.0.0 Reset\n"
                    : command.startsWith("HELO")
                            ? "S: 250 relay.test\n"
                            : "S: 250-relay.test\n" + "S: 250-*\n".repeat(8) + "S: 250 HELP\n";
            dialogue.plays(replies + "C: DATA\nS: 503 5.5.1 Bad sequence of commands: MAIL first\n"
                    + "C: MAIL FROM:<>\nS: 250 2.1.0 Sender ok\n");
        }
    }

    @Test
    void everyEndOfTheContentClearsTheTransaction() {
        DeliveryResult refused = DeliveryResult.rejected("memory", Reply.fromUpstream(550, List.of("No")), List.of());
        try (Dialogue dialogue = Dialogue.loggedIn(submission -> refused)) {
            dialogue.plays("C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<bob@dest.test>\nS: 250 *\nC: DATA\nS: 354 *\n"
                    + MESSAGE + "C: .\nS: 550 5.0.0 No\n"
                    + "C: DATA\nS: 503 5.5.1 Bad sequence of commands: MAIL first\n");
            assertThat(dialogue.quotas.usage("client.test", QuotaPlan.perMonth(5)))
                    .satisfies(
                            usage -> assertThat(usage.used() + usage.reserved()).isZero());
        }
    }

    static Stream<String> breakingUpstreams() {
        return Stream.of("throws", "null", "deferred");
    }

    @ParameterizedTest
    @MethodSource("breakingUpstreams")
    void anUpstreamThatBreaksEndsTheSessionWith421(String how) {
        try (Dialogue dialogue = Dialogue.loggedIn(submission -> switch (how) {
            case "throws" -> throw new IllegalStateException("secret of the host");
            case "null" -> broken();
            default -> DeliveryResult.deferred("memory", Reason.FAILED, "451");
        })) {
            dialogue.plays("C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<bob@dest.test>\nS: 250 *\nC: DATA\nS: 354 *\n"
                    + MESSAGE + "C: .\nS: 421 4.4.2 Temporary local problem: unable to relay message\n");
            assertThat(dialogue.over()).isTrue();
            assertThat(dialogue.events).last().isInstanceOf(RelayEvent.Refused.class);
        }
    }

    @SuppressWarnings("NullAway") // a host that breaks the rules
    private static DeliveryResult broken() {
        return null;
    }

    // pipelining

    @Test
    void aPipelinedGroupIsAnsweredInOrder() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays("""
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<bob@dest.test>
                    C: RCPT TO:<bad>
                    C: RCPT TO:<carol@dest.test>
                    C: DATA
                    S: 250 2.1.0 Sender ok
                    S: 250 2.1.5 Recipient ok
                    S: 501 5.5.4 Recipient rejected: bad recipient address syntax
                    S: 250 2.1.5 Recipient ok
                    S: 354 End data with <CR><LF>.<CR><LF>
                    """ + MESSAGE + "C: .\nC: NOOP\nC: QUIT\n" + RELAYED
                    + "S: 250 2.0.0 Ok\nS: 221 2.0.0 Closing connection\n");
            assertThat(dialogue.relayed).singleElement().asString().contains("[bob@dest.test, carol@dest.test]");
        }
    }

    @Test
    void whatComesBehindTheEndOfDataIsACommand() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: DATA\n" + MESSAGE + "C: ..\nC: .\nC: MAIL FROM:<>\nS: 354 *\n" + RELAYED
                    + "S: 250 2.1.0 Sender ok\n");
            assertThat(dialogue.relayed).singleElement().asString().endsWith("Hello\r\n.\r\n");
        }
    }

    @Test
    void theLastMessageOfASessionIsTheLast() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            String message = "C: MAIL FROM:<>\nC: RCPT TO:<bob@dest.test>\nC: DATA\n" + MESSAGE
                    + "C: .\nS: 250 *\nS: 250 *\nS: 354 *\n" + RELAYED;
            dialogue.plays(message).plays(message).plays("""
                    C: MAIL FROM:<>
                    C: NOOP
                    S: 421 4.7.0 Too many messages per session, closing connection
                    """);
            assertThat(dialogue.relayed).hasSize(2);
            assertThat(dialogue.quotas
                            .usage("client.test", QuotaPlan.perMonth(5))
                            .used())
                    .isEqualTo(2);
        }
    }

    // BDAT

    @Test
    void chunksAreOneMessage() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: BDAT " + MESSAGE_OCTETS + "\n" + MESSAGE + "S: 250 2.0.0 " + MESSAGE_OCTETS
                    + " octets received\n"
                    + "C: BDAT 6\nC: .dot\nS: 250 2.0.0 6 octets received\n"
                    + "C: BDAT 0 LAST\n" + RELAYED);
            assertThat(dialogue.relayed).singleElement().asString().endsWith("Hello\r\n.dot\r\n");
        }
    }

    @Test
    void aChunkHoldsCommandsAsContent() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: BDAT " + (MESSAGE_OCTETS + 9) + " LAST\n" + MESSAGE + "C: .\nC: RSET\nC: NOOP\n"
                    + RELAYED + "S: 250 2.0.0 Ok\n");
            assertThat(dialogue.relayed).singleElement().asString().endsWith("Hello\r\n.\r\nRSET\r\n");
        }
    }

    static Stream<String> chunksThatAreRefused() {
        return Stream.of(
                "S: 503 5.5.1 Bad sequence of commands: MAIL first",
                "C: MAIL FROM:<>\nS: 250 *\nS: 503 5.5.1 Bad sequence of commands: RCPT first",
                "C: MAIL FROM:<>\nC: RCPT TO:<bad>\nS: 250 *\nS: 501 *\nS: 554 5.5.1 No valid recipients");
    }

    @ParameterizedTest
    @MethodSource("chunksThatAreRefused")
    void theOctetsOfARefusedChunkAreReadFirst(String script) {
        int last = script.lastIndexOf("S: ");
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays(script.substring(0, last));
            dialogue.plays("C: BDAT 6 LAST\nC: QUIT\nC: NOOP\n" + script.substring(last) + "\nS: 250 2.0.0 Ok\n");
        }
    }

    @Test
    void aChunkBeforeLoginIsReadAndRefusedWith530() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: BDAT 6\nC: QUIT\nC: NOOP\nS: 530 5.7.0 Authentication required\nS: 250 2.0.0 Ok\n");
        }
    }

    @Test
    void oneFailedChunkFailsThoseAfterItUntilLast() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            String tooLarge = "S: 523 5.3.4 Message size exceeds fixed maximum message size\n";
            dialogue.plays("C: BDAT 2001\nC: " + "x".repeat(1999) + "\n" + tooLarge
                    + "C: BDAT 3\nC: a\n" + tooLarge
                    + "C: BDAT 0 LAST\n" + tooLarge
                    + "C: MAIL FROM:<>\nS: 250 2.1.0 Sender ok\n");
            assertThat(dialogue.relayed).isEmpty();
        }
    }

    @Test
    void dataAndRcptAreOutOfSequenceAfterAChunk() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("""
                    C: BDAT 3
                    C: a
                    S: 250 2.0.0 3 octets received
                    C: DATA
                    S: 503 5.5.1 Bad sequence of commands: no DATA after BDAT
                    C: RCPT TO:<carol@dest.test>
                    S: 503 5.5.1 Bad sequence of commands: no RCPT after BDAT
                    C: RSET
                    S: 250 2.0.0 Reset
                    C: BDAT 0 LAST
                    S: 503 5.5.1 Bad sequence of commands: MAIL first
                    """);
        }
    }

    // AUTH

    @Test
    void loginInTwoSteps() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("""
                    C: AUTH LOGIN
                    S: 334 VXNlcm5hbWU6
                    C: YWxpY2VAY2xpZW50LnRlc3Q=
                    S: 334 UGFzc3dvcmQ6
                    C: YWxpY2U=
                    S: 235 2.7.0 Authentication succeeded
                    C: AUTH LOGIN
                    S: 503 5.5.1 Bad sequence of commands: already authenticated
                    """);
        }
    }

    @Test
    void anExchangeThatFailsLeavesTheSessionReadyForAnother() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("""
                    C: AUTH PLAIN
                    S: 334 *
                    C: *
                    S: 501 5.7.0 Authentication cancelled
                    C: AUTH PLAIN
                    S: 334 *
                    C: not base64
                    S: 501 5.5.2 Cannot decode authentication data
                    C: AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AHdyb25n
                    S: 535 5.7.8 Authentication credentials invalid
                    C: AUTH PLAIN =
                    S: 501 5.5.2 Cannot decode authentication data
                    """.replace("S: 334 *", "S: 334 "))
                    .said("C: " + AUTH, "S: 235 2.7.0 Authentication succeeded");
        }
    }

    @Test
    void aLineThatIsTooLongOrMalformedEndsTheExchange() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.said("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6");
            dialogue.sends("AAAAA".getBytes(StandardCharsets.US_ASCII), Ending.TOO_LATE);
            dialogue.plays("S: 500 5.5.2 Line too long\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\n");
            dialogue.plays("C: \u0001\nS: 501 5.5.2 Cannot decode authentication data\nC: NOOP\nS: 250 2.0.0 Ok\n");
        }
    }

    @Test
    void noAuthInATransaction() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.said("C: " + AUTH, "S: 503 5.5.1 Bad sequence of commands: no AUTH in a mail transaction");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                AUTH,
                "auth plain AGFsaWNlQGNsaWVudC50ZXN0AHdyb25n",
                "AUTH PLAIN !not*base64",
                "AUTH XYZZY c2VjcmV0",
                "AUTH PLAIN a b"
            })
    void aLineWithCredentialsIsWiped(String line) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            assertWiped(dialogue, line);
        }
    }

    @Test
    void aRefusedLineWithCredentialsIsWipedToo() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            assertWiped(dialogue, AUTH);
            assertWiped(dialogue, "AUTH PLAIN " + "A".repeat(13_000));
        }
    }

    @Test
    void aLineThatIsNoneIsWipedToo() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            for (Ending ending : List.of(Ending.TOO_LATE, Ending.BARE)) {
                byte[] octets = AUTH.getBytes(StandardCharsets.US_ASCII);
                dialogue.sends(octets, ending);
                assertThat(octets).containsOnly(0);
            }
        }
    }

    @Test
    void contentBehindARefusalIsThrownAwayWithinABound() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: DATA\nS: 354 *\n");
            assertThat(gibibyteIsTaken(dialogue)).isTrue();
            dialogue.plays("C: x\nS: 523 5.3.4 Message size exceeds fixed maximum message size\n");
            assertThat(dialogue.over()).isTrue();
        }
    }

    @Test
    void octetsOfARefusedChunkAreThrownAwayWithinABound() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: BDAT 99999999999999999999 LAST\n");
            assertThat(gibibyteIsTaken(dialogue)).isTrue();
            dialogue.plays("C: x\nS: 530 5.7.0 Authentication required\n");
            assertThat(dialogue.over()).isTrue();
        }
    }

    private static boolean gibibyteIsTaken(Dialogue dialogue) {
        byte[] block = new byte[1 << 20];
        Arrays.fill(block, (byte) 'x');
        for (int i = 0; i < 1024; i++) {
            dialogue.feed(block, 0, block.length);
            if (dialogue.over() || dialogue.hasUnread()) {
                return false;
            }
        }
        return true;
    }

    @Test
    void anAnswerOfAnExchangeIsWiped() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.said("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6");
            assertWiped(dialogue, "YWxpY2VAY2xpZW50LnRlc3Q=");
            assertWiped(dialogue, "YWxpY2U=");
            dialogue.plays("S: 334 UGFzc3dvcmQ6\nS: 235 2.7.0 Authentication succeeded\n");
        }
    }

    private static void assertWiped(Dialogue dialogue, String line) {
        byte[] octets = ("<" + line + "\r\n>").getBytes(StandardCharsets.US_ASCII);
        dialogue.feed(octets, 1, octets.length - 2);
        int end = octets.length - 3;
        assertThat(new String(octets, end, 3, StandardCharsets.US_ASCII)).isEqualTo("\r\n>");
        assertThat(octets[0]).isEqualTo((byte) '<');
        assertThat(Arrays.copyOfRange(octets, 1, end)).containsOnly(0);
    }

    // STARTTLS

    @Test
    void startTlsForgetsWhatWasSaidInClear() {
        try (Dialogue dialogue = Dialogue.withTls(true)) {
            dialogue.feed("EHLO client.test\r\n" + AUTH + "\r\nMAIL FROM:<>\r\n");
            assertThat(dialogue.session.idle()).isFalse();
            dialogue.feed("STARTTLS\r\n");
            assertThat(dialogue.session.idle()).isTrue();
            assertThat(dialogue.over()).isFalse();
            dialogue.plays("S: 220 *\nS: 250-relay.test\n" + "S: 250-*\n".repeat(9)
                    + "S: 250 HELP\nS: 235 *\nS: 250 *\nS: 220 2.0.0 Ready to start TLS\n"
                    + "C: " + AUTH + "\nS: 503 5.5.1 Bad sequence of commands: EHLO first\n"
                    + "C: MAIL FROM:<>\nS: 530 5.7.0 Authentication required\n"
                    + "C: EHLO client.test\nS: 250-relay.test\n" + "S: 250-*\n".repeat(8) + "S: 250 HELP\n"
                    + "C: STARTTLS\nS: 503 5.5.1 Bad sequence of commands: TLS is on already\n"
                    + "C: " + AUTH + "\nS: 235 2.7.0 Authentication succeeded\n");
        }
    }

    @Test
    void octetsBehindStartTlsEndTheSession() {
        try (Dialogue dialogue = Dialogue.withTls(false)) {
            dialogue.plays("""
                    C: STARTTLS
                    C: NOOP
                    S: 220 relay.test ESMTP Postern ready
                    S: 503 5.5.1 Bad sequence of commands: nothing may follow STARTTLS before the TLS handshake
                    """);
            assertThat(dialogue.over()).isTrue();
        }
    }

    @Test
    void noAuthInClearWhereTlsIsRequired() {
        try (Dialogue dialogue = Dialogue.withTls(false)) {
            dialogue.plays("C: EHLO client.test\nS: 220 *\nS: 250-relay.test\n" + "S: 250-*\n".repeat(8)
                    + "S: 250 HELP\nC: " + AUTH + "\nS: 538 5.7.0 Must issue a STARTTLS command first\n");
        }
    }

    // budgets and farewells

    @Test
    void theErrorBudgetCountsPermanentRefusalsOnly() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays("C: MAIL FROM:<>\nC: RCPT TO:<a@d>\nC: RCPT TO:<b@d>\nC: RCPT TO:<c@d>\n"
                    + "S: 250 *\n".repeat(4)
                    + "C: RCPT TO:<d@d>\nS: 452 4.5.3 Too many recipients (max 3 per message)\n".repeat(10)
                    + "C: XYZZY\nS: 500 5.5.2 Command not recognized\n".repeat(5)
                    + "C: NOOP\nS: 250 2.0.0 Ok\n"
                    + "C: XYZZY\nC: NOOP\nS: 421 4.7.0 Too many errors, closing connection\n");
            assertThat(dialogue.over()).isTrue();
        }
    }

    @Test
    void quotaIsHeldFromMailOn() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            QuotaPlan plan = QuotaPlan.perMonth(5);
            dialogue.said("C: MAIL FROM:<>", "S: 250 2.1.0 Sender ok");
            assertThat(dialogue.quotas.usage("client.test", plan).reserved()).isEqualTo(1);
            dialogue.said("C: RCPT TO:<a@d>", "S: 250 2.1.5 Recipient ok");
            assertThat(dialogue.quotas.usage("client.test", plan).reserved()).isEqualTo(1);
            dialogue.said("C: RCPT TO:<b@d>", "S: 250 2.1.5 Recipient ok");
            assertThat(dialogue.quotas.usage("client.test", plan).reserved()).isEqualTo(2);
        }
    }

    /** Wherever a session can wait: what the client has said by then, with the replies. */
    static Stream<Arguments> waits() {
        List<String> waits = List.of(
                "C: NOOP\nS: 250 2.0.0 Ok\n",
                "C: EHLO again.test\nS: 250-relay.test\n" + "S: 250-*\n".repeat(8) + "S: 250 HELP\n",
                "C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<bob@dest.test>\nS: 250 *\n",
                "C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<bob@dest.test>\nS: 250 *\nC: DATA\nS: 354 *\n" + MESSAGE,
                "C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<bob@dest.test>\nS: 250 *\nC: BDAT 10\nC: abc\n",
                "C: BDAT 10\nC: abc\n");
        return waits.stream()
                .flatMap(wait -> Stream.of(
                                StandardReply.INACTIVITY, StandardReply.SESSION_LIFETIME, StandardReply.SHUTTING_DOWN)
                        .map(reason -> Arguments.of(wait, reason)));
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aWaitThatIsEndedEndsTheSessionWithItsReason(String wait, StandardReply reason) {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays(wait);
            ends(dialogue, reason);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INACTIVITY", "SESSION_LIFETIME", "SHUTTING_DOWN"})
    void aWaitInAnExchangeToo(StandardReply reason) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\n");
            ends(dialogue, reason);
        }
    }

    private static void ends(Dialogue dialogue, StandardReply reason) {
        if (reason == StandardReply.SESSION_LIFETIME) {
            dialogue.clock.advance(Duration.ofMinutes(30));
        } else if (reason == StandardReply.SHUTTING_DOWN) {
            dialogue.drains();
        }
        dialogue.timesOut();
        dialogue.plays("S: " + reason.wireText() + "\n");
        assertThat(dialogue.over()).isTrue();
        assertThat(dialogue.relayed).isEmpty();
    }

    @Test
    void aRelayThatStopsLetsAMessageBeFinishedAndNoOtherBeBegun() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.drains();
            dialogue.plays("C: RCPT TO:<carol@dest.test>\nS: 250 *\nC: DATA\nS: 354 *\n" + MESSAGE
                    + "C: .\nC: MAIL FROM:<>\n" + RELAYED
                    + "S: 421 4.3.2 Service shutting down, closing connection\n");
            assertThat(dialogue.relayed).hasSize(1);
        }
    }

    @Test
    void aRelayThatStopsEndsAnIdleSessionBehindItsCommand() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.drains();
            dialogue.plays("C: NOOP\nC: MAIL FROM:<>\nS: 250 2.0.0 Ok\n"
                    + "S: 421 4.3.2 Service shutting down, closing connection\n");
        }
    }

    /** Also with a message under way; only one whose content is complete is answered first. */
    @Test
    void aSessionWhoseTimeIsOverEndsBehindItsCommand() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.clock.advance(Duration.ofMinutes(30));
            dialogue.plays("C: RCPT TO:<carol@dest.test>\nC: DATA\nS: 250 *\n"
                    + "S: 421 4.7.0 Session lifetime exceeded, closing connection\n");
        }
    }

    @Test
    void aFarewellIsSaidOnce() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.timesOut();
            dialogue.session.farewell(StandardReply.SHUTTING_DOWN);
            dialogue.plays("S: 421 4.7.0 Closing connection due to inactivity\n");
            assertThat(dialogue.over()).isTrue();
            assertThat(dialogue.session.idle()).isTrue();
        }
    }

    @Test
    void closingInsideOfContentFreesEverythingAndDeliversNothing() {
        Dialogue dialogue = Dialogue.atRcpt();
        dialogue.plays("C: DATA\nS: 354 *\n" + MESSAGE);
        assertThat(dialogue.contents.memoryHeld()).isPositive();
        dialogue.close(); // shows that nothing is held
        assertThat(dialogue.relayed).isEmpty();
        dialogue.session.close();
        assertThat(dialogue.events)
                .filteredOn(RelayEvent.SessionClosed.class::isInstance)
                .hasSize(1);
    }

    @Test
    void knowsWhenTheSessionsTimeIsOver() {
        try (Dialogue dialogue = Dialogue.connected()) {
            long end = dialogue.session.end().orElseThrow();
            assertThat(end - dialogue.clock.nanoTime())
                    .isEqualTo(Duration.ofMinutes(30).toNanos());
        }
    }
}
