package dev.postern.internal.session;

import static dev.postern.internal.session.Dialogue.AUTH;
import static dev.postern.internal.session.Dialogue.MESSAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.session.Line.Ending;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.Verdict;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command's rules, what the host's plug-ins decide, and what is told of a session. */
@OnAnyJdk
class SessionCommandsTest {

    private static final String EHLO =
            "C: EHLO client.test\nS: 220 *\nS: 250-relay.test\n" + "S: 250-*\n".repeat(8) + "S: 250 HELP\n";
    private static final String LOGIN = "C: " + AUTH + "\nS: 235 2.7.0 Authentication succeeded\n";
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(5);

    // commands

    @ParameterizedTest
    @CsvSource({
        "EHLO, 501 5.5.4 *",
        "HELO, 501 5.5.4 *",
        "RSET now, 501 5.5.4 *",
        "QUIT now, 501 5.5.4 *",
        "DATA now, 503 5.5.1 *",
        "BDAT, 501 5.5.4 *",
        "STARTTLS, 502 5.5.1 *",
        "VRFY, 501 5.5.4 *",
        "VRFY bob, 252 *",
        "EXPN list, 502 5.5.1 *",
        "ETRN x, 502 5.5.1 *",
        "TURN, 502 5.5.1 *",
        "SEND FROM:<a@b>, 502 5.5.1 *",
        "SOML FROM:<a@b>, 502 5.5.1 *",
        "SAML FROM:<a@b>, 502 5.5.1 *",
        "MAIL FROM:<bad, 501 5.5.4 *",
        "HELP, 214 *",
        "NO, 500 5.5.2 *",
        "NOOPNOOPN, 500 5.5.2 *",
        "UNKNOWN, 500 5.5.2 *"
    })
    void aCommandIsAnsweredAndTheSessionGoesOn(String command, String reply) {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays("C: " + command + "\nS: " + reply + "\nC: MAIL FROM:<>\nS: 250 2.1.0 Sender ok\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"VRFY bob", "EXPN list", "MAIL FROM:<>", "RCPT TO:<bob@dest.test>", "DATA", "BDAT 0"})
    void whoIsNotKnownIsRefused(String command) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.said("C: " + command, "S: 530 5.7.0 Authentication required");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1", "POST /", "CONNECT a:25", "BDAT x", " BDAT 3", "\u0001BDAT 3", "BDATX"})
    void whatMayBeFollowedByAnythingEndsTheSession(String command) {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.said("C: " + command + "\nC: NOOP", "S: 50*");
            assertThat(dialogue.over()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {" BDAT", "\tBDA 3", "xBDAT 3"})
    void whatIsNoChunkDoesNotEndIt(String command) {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.said("C: " + command + "\nC: NOOP", "S: 500 5.5.2 Command not recognized\nS: 250 2.0.0 Ok");
        }
    }

    @Test
    void aStartTlsWithArgumentsIsRefused() {
        try (Dialogue dialogue = Dialogue.withTls(true)) {
            dialogue.said("C: STARTTLS now", "S: 220 *\nS: 501 5.5.4 *");
        }
    }

    @Test
    void aMailTransactionNeedsEhlo() {
        try (Dialogue dialogue = Dialogue.with(parts -> parts.trusted = Identity.of("printer"))) {
            dialogue.plays("C: MAIL FROM:<>\nS: 220 *\nS: 503 5.5.1 Bad sequence of commands: EHLO first\n");
        }
    }

    @Test
    void aDataCommandTakesNoArguments() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: DATA now\nS: 501 5.5.4 *\nC: DATA\nS: 354 *\n");
        }
    }

    /** With what is behind it, it is a chunk all the same. */
    @Test
    void aMalformedChunkIsReadAndFailsTheMessage() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: BDAT 6 FIRST\nC: QUIT\nS: 501 5.5.4 *\nC: BDAT 0 LAST\nS: 501 5.5.4 *\n");
            assertThat(dialogue.relayed).isEmpty();
        }
    }

    @Test
    void chunksUpToTheMaximumSizeAreTaken() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: BDAT 2000\nC: " + "x".repeat(1998) + "\nS: 250 2.0.0 2000 octets received\n"
                    + "C: BDAT 1\nC: MOOP\nS: 523 5.3.4 *\nS: 500 *\n".replace("MOOP", "x"));
        }
    }

    // lines

    @Test
    void aLineMayHave512Octets() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.said("C: NOOP " + "x".repeat(505), "S: 250 2.0.0 Ok");
            dialogue.said("C: NOOP " + "x".repeat(506), "S: 500 5.5.2 Line too long");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP \u0001", "NOOP x\u0000", "NOOP \u007f"})
    void aControlCharacterIsMalformed(String line) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.said("C: " + line, "S: " + StandardReply.LINE_MALFORMED.wireText());
            dialogue.said("C: NOOP \tx", "S: 250 2.0.0 Ok");
        }
    }

    @Test
    void whatIsNoUtf8IsMalformed() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.sends(new byte[] {'N', 'O', 'O', 'P', ' ', (byte) 0xff}, Ending.CRLF);
            dialogue.plays("S: " + StandardReply.LINE_MALFORMED.wireText() + "\nC: NOOP \u00fc\nS: 250 2.0.0 Ok\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"'NO\rOP', CRLF", "NOOP, BARE"})
    void whatDoesNotEndWithCrLfAloneIsNoLine(String line, Ending ending) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.sends(line.getBytes(StandardCharsets.US_ASCII), ending);
            dialogue.plays("S: " + StandardReply.LINE_WITHOUT_CRLF.wireText() + "\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"' BDAT 300', true", "' NOOP x', true", "'NOOP x', false", "'BDAT 30', true"})
    void aLineThatNeverEndsMayHideAChunk(String beginning, boolean ends) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.sends(beginning.getBytes(StandardCharsets.US_ASCII), Ending.TOO_LATE);
            dialogue.plays("S: 500 5.5.2 Line too long\n");
            assertThat(dialogue.over()).isEqualTo(ends);
        }
    }

    @Test
    void whoDoesNotLogInHasAHundredLines() {
        try (Dialogue dialogue = Dialogue.connected()) {
            dialogue.plays("C: NOOP\n".repeat(100) + "S: 220 *\n" + "S: 250 2.0.0 Ok\n".repeat(100));
            assertThat(dialogue.over()).isFalse();
            byte[] octets = (AUTH + "\r\n").getBytes(StandardCharsets.US_ASCII);
            dialogue.feed(octets, 0, octets.length);
            dialogue.plays("S: 421 4.7.0 Too many errors, closing connection\n");
            assertThat(octets).startsWith(new byte[octets.length - 2]);
        }
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.plays("C: NOOP\n".repeat(150) + "S: 250 2.0.0 Ok\n".repeat(150));
        }
    }

    @Test
    void theLinesOfAnExchangeCountToo() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: NOOP\n".repeat(98) + "S: 250 2.0.0 Ok\n".repeat(98));
            dialogue.plays("C: AUTH LOGIN\nC: YWxpY2U=\nS: 334 VXNlcm5hbWU6\n"
                    + "S: 421 4.7.0 Too many errors, closing connection\n");
            assertThat(dialogue.over()).isTrue();
        }
    }

    // AUTH

    @ParameterizedTest
    @CsvSource({
        "AUTH, 501 5.5.4 *",
        "AUTH XYZZY, 504 5.5.4 *",
        "AUTH PLAIN x y, 501 5.5.4 *",
        "AUTH PLAIN AGFsaWNlAA==, 535 5.7.8 *",
        "AUTH  PLAIN  AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl  , 235 2.7.0 *"
    })
    void anAuthCommandIsRead(String command, String reply) {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.said("C: " + command, "S: " + reply);
        }
    }

    @Test
    void aChunkInPlaceOfAnAnswerEndsTheSession() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: BDAT 300\nC: NOOP\n"
                    + "S: 501 5.5.2 Cannot decode authentication data\n");
            assertThat(dialogue.over()).isTrue();
        }
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: BDATabcd\nC: NOOP\n"
                    + "S: 501 5.5.2 Cannot decode authentication data\nS: 250 2.0.0 Ok\n");
        }
    }

    /** RFC 7628 section 3.2.3. */
    @Test
    void aRefusedTokenIsExplainedBeforeTheRefusal() {
        String bearer = "AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2sBAQ=="; // user=alice, Bearer tok
        try (Dialogue dialogue = Dialogue.with(parts -> parts.tokens = (credentials, client) -> AuthResult.denied())) {
            dialogue.plays(EHLO + "C: " + bearer + "\nS: 334 eyJ*\nC: AQ==\n"
                    + "S: 535 5.7.8 Authentication credentials invalid\nC: " + bearer + "\nS: 334 eyJ*\n");
            byte[] answer = "secret".getBytes(StandardCharsets.US_ASCII);
            dialogue.sends(answer, Ending.TOO_LATE);
            dialogue.plays("S: 500 5.5.2 Line too long\n");
            assertThat(answer).containsOnly(0);
        }
        try (Dialogue dialogue = Dialogue.with(
                parts -> parts.tokens = (credentials, client) -> AuthResult.authenticated(Identity.of("alice")))) {
            dialogue.plays(EHLO + "C: " + bearer + "\nS: 235 2.7.0 Authentication succeeded\n");
        }
    }

    @Test
    void anIdentitysOwnLimitsAreAnnouncedAndObeyed() {
        Identity small = Identity.of("alice@client.test")
                .withLimits(IdentityLimits.none().withRecipientsPerMessage(1).withMessageSize(100));
        try (Dialogue dialogue =
                Dialogue.with(parts -> parts.users = (credentials, client) -> AuthResult.authenticated(small))) {
            dialogue.plays(EHLO + LOGIN);
            dialogue.feed("EHLO client.test\r\n");
            dialogue.plays("S: 250-relay.test\nS: 250-PIPELINING\nS: 250-SIZE 100\n" + "S: 250-*\n".repeat(5)
                    + "S: 250-LIMITS MAILMAX=2 RCPTMAX=1\nS: 250 HELP\n");
        }
    }

    // transactions

    @Test
    void messagesOfASessionAreNumberedAndPostmasterIsTheRelays() {
        List<Submission> submissions = new ArrayList<>();
        try (Dialogue dialogue = Dialogue.loggedIn(submission -> {
            submissions.add(submission);
            return Dialogue.ACCEPTED;
        })) {
            String message = "C: MAIL FROM:<> AUTH=x@client.test\nC: RCPT TO:<Postmaster>\nC: DATA\n" + MESSAGE
                    + "C: .\nS: 250 *\nS: 250 *\nS: 354 *\nS: 250 *\n";
            dialogue.plays(message).plays(message);
            assertThat(submissions).extracting(Submission::id).containsExactly("s-1.0", "s-1.1");
            Envelope envelope = submissions.get(0).envelope();
            assertThat(envelope.recipients().get(0).address()).hasToString("postmaster@relay.test");
            assertThat(envelope.parameters().get("AUTH"))
                    .as("nobody vouches for it")
                    .contains("<>");
        }
    }

    @Test
    void aSubmissionSaysWhenItsReplyIsDueAndItsEventHowLongItTook() {
        List<Duration> left = new ArrayList<>();
        Dialogue[] itself = new Dialogue[1];
        try (Dialogue dialogue = Dialogue.loggedIn(submission -> {
            left.add(submission.timeLeft().orElseThrow());
            itself[0].clock.advance(Duration.ofSeconds(5));
            return Dialogue.ACCEPTED;
        })) {
            itself[0] = dialogue;
            dialogue.plays("C: MAIL FROM:<>\nC: RCPT TO:<bob@dest.test>\nC: DATA\n" + MESSAGE
                    + "C: .\nS: 250 *\nS: 250 *\nS: 354 *\nS: 250 *\n");
            assertThat(left).containsExactly(Duration.ofMinutes(9));
            assertThat(dialogue.events)
                    .filteredOn(RelayEvent.Relayed.class::isInstance)
                    .singleElement()
                    .extracting(event -> ((RelayEvent.Relayed) event).took())
                    .isEqualTo(Duration.ofSeconds(5));
        }
    }

    @Test
    void quotaIsAskedAtMailAndAtEachRecipient() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            dialogue.quotas.adjust(new QuotaAdjustment("client.test", PLAN, QuotaAdjustment.Kind.SET, 5, "test"));
            dialogue.plays("C: MAIL FROM:<>\nS: " + StandardReply.QUOTA_EXCEEDED.wireText() + "\n");
            assertThat(dialogue.session.idle()).isTrue();
            dialogue.quotas.adjust(new QuotaAdjustment("client.test", PLAN, QuotaAdjustment.Kind.SET, 4, "test"));
            dialogue.plays("C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<a@d>\nS: 250 *\nC: RCPT TO:<b@d>\nS: "
                    + StandardReply.QUOTA_EXCEEDED.wireText() + "\n");
        }
    }

    @Test
    void anUpstreamMayTakeFewerRecipients() {
        UpstreamDelivery two = new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                return Dialogue.ACCEPTED;
            }

            @Override
            public int maxRecipients() {
                return 2;
            }
        };
        try (Dialogue dialogue = Dialogue.with(parts -> parts.upstream = two)) {
            dialogue.plays(EHLO + LOGIN + "C: MAIL FROM:<>\nC: RCPT TO:<a@d>\nC: RCPT TO:<b@d>\nC: RCPT TO:<c@d>\n"
                    + "S: 250 *\n".repeat(3) + "S: 452 4.5.3 Too many recipients (max 2 per message)\n");
            dialogue.feed("EHLO client.test\r\n");
            dialogue.plays("S: 250-relay.test\n" + "S: 250-*\n".repeat(7)
                    + "S: 250-LIMITS MAILMAX=2 RCPTMAX=2\nS: 250 HELP\n");
        }
    }

    // the host's rules

    @Test
    void aSessionThatThePolicyRefusesIsNotGreeted() {
        SessionPolicy nobody = client -> Verdict.refuse(StandardReply.SERVER_BUSY);
        try (Dialogue dialogue = Dialogue.with(parts -> parts.sessions = nobody)) {
            dialogue.plays("S: " + StandardReply.SERVER_BUSY.wireText() + "\n");
            assertThat(dialogue.over()).isTrue();
            assertThat(dialogue.events).noneMatch(RelayEvent.SessionOpened.class::isInstance);
        }
    }

    @Test
    void aSenderOrRecipientThatThePolicyRefusesIsNotTaken() {
        EnvelopePolicy careful = new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                return envelope.reversePath().toString().equals("<>")
                        ? Verdict.refuse(StandardReply.SENDER_NOT_ALLOWED)
                        : Verdict.proceed();
            }

            @Override
            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                return recipient.address().domain().equals("d")
                        ? Verdict.refuse(StandardReply.ADDRESS_UNSUPPORTED)
                        : Verdict.proceed();
            }
        };
        try (Dialogue dialogue = Dialogue.with(parts -> parts.envelopes = careful)) {
            dialogue.plays(EHLO + LOGIN + "C: MAIL FROM:<>\nS: " + StandardReply.SENDER_NOT_ALLOWED.wireText() + "\n");
            assertThat(dialogue.session.idle()).isTrue();
            assertThat(dialogue.quotas.usage("client.test", PLAN).reserved()).isZero();
            dialogue.plays("C: MAIL FROM:<a@client.test>\nS: 250 *\nC: RCPT TO:<a@d>\nS: "
                    + StandardReply.ADDRESS_UNSUPPORTED.wireText()
                    + "\nC: DATA\nS: 554 5.5.1 No valid recipients\nC: RCPT TO:<a@e>\nS: 250 *\n");
        }
    }

    @Test
    void contentThatThePolicyRefusesIsNotRelayed() {
        ContentPolicy nothing = submission -> Verdict.refuse(StandardReply.MIME_INVALID);
        try (Dialogue dialogue = Dialogue.with(parts -> parts.contents = nothing)) {
            dialogue.plays(EHLO + LOGIN + "C: MAIL FROM:<>\nC: RCPT TO:<bob@dest.test>\nC: DATA\n" + MESSAGE
                    + "C: .\nS: 250 *\nS: 250 *\nS: 354 *\nS: " + StandardReply.MIME_INVALID.wireText() + "\n");
            assertThat(dialogue.relayed).isEmpty();
        }
    }

    // what is told

    @Test
    void theEndOfASessionIsToldWithWhoAndHow() {
        Dialogue dialogue = Dialogue.atRcpt();
        dialogue.plays("C: QUIT\nS: 221 2.0.0 Closing connection\n");
        assertThat(dialogue.session.idle())
                .as("freed before the client can come back")
                .isTrue();
        assertThat(dialogue.quotas.usage("client.test", PLAN).reserved()).isZero();
        dialogue.close();
        assertThat(dialogue.events).last().isInstanceOfSatisfying(RelayEvent.SessionClosed.class, closed -> {
            assertThat(closed.end()).isEqualTo(RelayEvent.End.QUIT);
            assertThat(closed.session().identity().orElseThrow().user()).isEqualTo("alice@client.test");
            assertThat(closed.farewell()).isEmpty();
        });
    }

    @Test
    void aRefusalIsToldWithItsStage() {
        try (Dialogue dialogue = Dialogue.greeted()) {
            dialogue.plays("C: MAIL FROM:<>\nS: 530 *\nC: NOOP\nS: 250 *\nC: XYZZY\nS: 500 *\n");
            assertThat(dialogue.events)
                    .filteredOn(RelayEvent.Refused.class::isInstance)
                    .extracting(event -> ((RelayEvent.Refused) event).stage())
                    .containsExactly(RelayEvent.Stage.MAIL, RelayEvent.Stage.OTHER);
        }
    }
}
