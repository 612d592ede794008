package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogue's second part, and the dialogue around it, as a client meets them. */
class ProtocolTest {

    @Test
    void greetsAndSaysWhatItOffers() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply()).hasWire("220 relay.test ESMTP Postern ready\r\n");
            assertThat(probe.send("EHLO client.test"))
                    .hasWire("250-relay.test\r\n250-PIPELINING\r\n250-SIZE 20971520\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                            + "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n"
                            + "250-LIMITS MAILMAX=20 RCPTMAX=50\r\n250 HELP\r\n");
            probe.startTls(TestCertificates.clientContext());
            assertThat(probe.ehlo()).doesNotOffer("STARTTLS").offers("AUTH PLAIN LOGIN");
            assertThat(probe.send("HELO client.test")).hasWire("250 relay.test\r\n");
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @CsvSource({
        "NOOP, NOOP_OK",
        "noop with words, NOOP_OK",
        "RSET, RESET_OK",
        "VRFY bob, VERIFY_UNSUPPORTED",
        "HELP, HELP_TEXT",
        "QUIT, GOODBYE",
        "EXPN list, COMMAND_UNSUPPORTED",
        "ETRN x, COMMAND_UNSUPPORTED",
        "TURN, COMMAND_UNSUPPORTED",
        "GET / HTTP/1.1, COMMAND_UNKNOWN",
        "XYZZY, COMMAND_UNKNOWN",
        "EHLO, BAD_ARGUMENTS",
        "HELO, BAD_ARGUMENTS",
        "MAIL, BAD_ARGUMENTS",
        "MAIL TO:<a@b>, BAD_ARGUMENTS",
        "BDAT, BAD_ARGUMENTS",
        "BDAT x LAST, BAD_ARGUMENTS",
        "BDAT 0 FIRST, BAD_ARGUMENTS",
        "RSET now, BAD_ARGUMENTS",
        "STARTTLS now, BAD_ARGUMENTS",
        "RCPT TO:<b@dest.test>, BAD_SEQUENCE",
        "DATA, BAD_SEQUENCE",
        "AUTH PLAIN AGEAYg==, BAD_SEQUENCE",
        "MAIL FROM:<a@client.test> XYZ=1, PARAMETER_UNSUPPORTED",
        "MAIL FROM:<a@client.test> BODY=BINARYMIME, PARAMETER_UNSUPPORTED",
        "MAIL FROM:<a@client.test> RET=FULL, PARAMETER_UNSUPPORTED",
        "MAIL FROM:<a@client.test> SIZE=x, BAD_ARGUMENTS",
        "MAIL FROM:<a@client.test> SIZE=1 SIZE=2, BAD_ARGUMENTS",
        "MAIL FROM:<a@client.test> AUTH=+0A, BAD_ARGUMENTS",
    })
    void answersCommandsOfALoggedInClient(String command, StandardReply row) {
        try (Scene scene = Scene.open()) {
            assertThat(scene.alice().send(command)).isStandardReply(row);
        }
    }

    @OnAnyJdk
    @Test
    void badSequence503InATransaction() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("alice@client.test")).hasCode(250);
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.BAD_SEQUENCE);
            assertThat(probe.send("DATA")).isStandardReply(StandardReply.BAD_SEQUENCE, "RCPT first");
            assertThat(probe.send("AUTH PLAIN AGEAYg==")).isStandardReply(StandardReply.BAD_SEQUENCE);
            assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
        }
    }

    @OnAnyJdk
    @Test
    void badSequence503BeforeEhlo() {
        try (Scene scene =
                Scene.open(b -> b.auth(Scene.auth().withTrusted("127.0.0.1", Identity.of("bert@beta.test"))))) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply()).hasCode(220);
            assertThat(probe.send("AUTH PLAIN AGEAYg==")).isStandardReply(StandardReply.BAD_SEQUENCE, "EHLO first");
            assertThat(probe.mail("bert@beta.test")).isStandardReply(StandardReply.BAD_SEQUENCE, "EHLO first");
        }
    }

    @OnAnyJdk
    @Test
    void noValidRecipients554WhenEachWasRefused() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("alice@client.test")).hasCode(250);
            assertThat(probe.rcpt("bob@")).isStandardReply(StandardReply.RECIPIENT_SYNTAX);
            assertThat(probe.send("DATA")).isStandardReply(StandardReply.NO_VALID_RECIPIENTS);
            assertThat(probe.bdat("x".getBytes(StandardCharsets.US_ASCII), true))
                    .isStandardReply(StandardReply.NO_VALID_RECIPIENTS);
        }
    }

    @OnAnyJdk
    @Test
    void lineTooLong500AndTheSessionGoesOn() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.send("NOOP " + "x".repeat(505))).isStandardReply(StandardReply.NOOP_OK);
            assertThat(probe.send("NOOP " + "x".repeat(506))).isStandardReply(StandardReply.LINE_TOO_LONG);
            assertThat(probe.send("X".repeat(100_000))).isStandardReply(StandardReply.LINE_TOO_LONG);
            assertThat(probe.send("NOOP")).isStandardReply(StandardReply.NOOP_OK);
        }
    }

    @OnAnyJdk
    @Test
    void takesAuthLinesOf12288Octets() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            String longest = "A".repeat(12_288 - 2 - "AUTH PLAIN ".length() - 1);
            assertThat(probe.send("AUTH PLAIN " + longest)).isStandardReply(StandardReply.AUTH_MALFORMED);
            assertThat(probe.send("AUTH PLAIN " + longest + "AA")).isStandardReply(StandardReply.LINE_TOO_LONG);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"NOOP\n", "NO\rOP\r\n", "\n"})
    void lineWithoutCrlf500AndTheSessionEnds(String octets) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            probe.write(octets);
            assertThat(probe.readReply()).isStandardReply(StandardReply.LINE_WITHOUT_CRLF);
            probe.assertClosed();
        }
    }

    /** Another server might run the second half of such a line as a command, which the host has then not judged. */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r"})
    void nothingBehindALoneLineEndIsRun(String end) {
        try (Scene scene = Scene.open()) {
            SmtpProbe greeted = scene.connect(Access.CLEAR);
            greeted.readReply();
            assertCut(greeted, "EHLO client.test" + end + "HELP\r\nNOOP\r\n");
            SmtpProbe authenticating = scene.ready(Access.CLEAR);
            assertThat(authenticating.send("AUTH LOGIN")).hasCode(334);
            assertCut(authenticating, base64("alice@client.test") + end + base64("alice") + "\r\nNOOP\r\n");
            SmtpProbe sending = scene.alice();
            sending.mail("alice@client.test");
            sending.rcpt("bob@dest.test");
            assertCut(
                    sending,
                    "RCPT TO:<carl@dest.test>" + end + "RCPT TO:<dora@dest.test>\r\nDATA\r\n" + Scene.MESSAGE
                            + ".\r\n");
            SmtpProbe inChunks = scene.alice();
            inChunks.mail("alice@client.test");
            inChunks.rcpt("bob@dest.test");
            assertThat(inChunks.bdat("From: alice@client.test\r\n".getBytes(StandardCharsets.US_ASCII), false))
                    .hasCode(250);
            assertCut(inChunks, "NOOP" + end + "BDAT 2 LAST\r\n\r\n");
            assertThat(scene.upstream.messages()).isEmpty();
        }
    }

    private static void assertCut(SmtpProbe probe, String octets) {
        probe.write(octets);
        assertThat(probe.readReply()).isStandardReply(StandardReply.LINE_WITHOUT_CRLF);
        probe.assertClosed();
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"NOOP \0\r\n", "NOOP \u0001\r\n", "\u007f\r\n"})
    void lineMalformed500(String octets) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            probe.write(octets);
            assertThat(probe.readReply()).isStandardReply(StandardReply.LINE_MALFORMED);
            assertThat(probe.send("NOOP")).hasCode(250);
        }
    }

    @Test
    void lineMalformed500ForOctetsThatAreNoUtf8() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            probe.write(new byte[] {'N', 'O', 'O', 'P', ' ', (byte) 0xff, '\r', '\n'});
            assertThat(probe.readReply()).isStandardReply(StandardReply.LINE_MALFORMED);
        }
    }

    // AUTH

    @OnAnyJdk
    @Test
    void authByLoginAndByPlainWithAndWithoutInitialResponse() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.CLEAR).authLogin("alice@client.test", "alice"))
                    .hasWire("235 2.7.0 Authentication succeeded\r\n");
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send("AUTH PLAIN")).hasWire("334 \r\n");
            assertThat(probe.send("AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl")).hasCode(235);
            assertThat(probe.send("AUTH PLAIN")).isStandardReply(StandardReply.BAD_SEQUENCE, "already authenticated");
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @CsvSource({
        "AUTH CRAM-MD5, MECHANISM_UNSUPPORTED",
        "AUTH, BAD_ARGUMENTS",
        "AUTH PLAIN a b, BAD_ARGUMENTS",
        "AUTH PLAIN !!!!, AUTH_MALFORMED",
        "AUTH PLAIN AGE, AUTH_MALFORMED",
        "AUTH PLAIN =, AUTH_MALFORMED",
        "AUTH PLAIN YWJj, AUTH_MALFORMED",
        // bert acts for alice
        "AUTH PLAIN YWxpY2UAYmVydABiZXJ0, AUTH_CREDENTIALS_INVALID",
        // an empty password
        "AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AA==, AUTH_CREDENTIALS_INVALID",
    })
    void refusesAuth(String command, StandardReply row) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send(command)).isStandardReply(row);
            assertThat(probe.send("NOOP")).hasCode(250);
        }
    }

    @OnAnyJdk
    @Test
    void authCancelled501() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send("AUTH LOGIN")).hasWire("334 VXNlcm5hbWU6\r\n");
            assertThat(probe.send("*")).hasWire("501 5.7.0 Authentication cancelled\r\n");
            assertThat(probe.send("AUTH LOGIN")).hasCode(334);
            assertThat(probe.send("")).hasWire("334 UGFzc3dvcmQ6\r\n");
            assertThat(probe.send("*")).isStandardReply(StandardReply.AUTH_CANCELLED);
        }
    }

    @Test
    void authUnavailable454WhenTheAuthenticatorThrowsAnswersNullOrHangs() {
        try (Scene scene =
                Scene.bare(b -> b.auth(AuthSettings.passwords((credentials, client) -> switch (credentials.username()) {
                            case "throws" -> throw new IllegalStateException("secret of the host");
                            case "null" -> nothing();
                            case "hangs" -> hang();
                            default -> AuthResult.authenticated(Identity.of(credentials.username()));
                        })
                        .withPlaintext()
                        .withFailures(1, Duration.ofMinutes(10), Duration.ofMinutes(5))))) {
            for (String user : new String[] {"throws", "null", "hangs"}) {
                SmtpProbe probe = scene.ready(Access.CLEAR);
                probe.write("AUTH LOGIN\r\n");
                assertThat(probe.readReply()).hasCode(334);
                assertThat(probe.send(base64(user))).hasCode(334);
                probe.write(base64("x") + "\r\n");
                assertThat(scene.replyInTime(probe, Duration.ofSeconds(1)))
                        .hasWire("454 4.7.0 Temporary authentication failure\r\n");
                assertThat(probe.mail("a@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
            }
            assertThat(scene.ready(Access.CLEAR).authPlain("alice@client.test", "x"))
                    .hasCode(235);
        }
    }

    @Test
    void clientsAtTrustedAddressesNeedNoLogin() throws Exception {
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.2/32", Identity.of("bert@beta.test"))))) {
            SmtpProbe trusted = scene.connectFrom("127.0.0.2");
            assertThat(trusted.readReply()).hasCode(220);
            assertThat(trusted.ehlo()).doesNotOffer("AUTH");
            assertThat(trusted.mail("bert@beta.test")).hasCode(250);
            assertThat(trusted.rcpt("bob@dest.test")).hasCode(250);
            assertThat(trusted.data("From: bert@beta.test\r\n\r\nx\r\n")).hasCode(250);
            assertThat(scene.ready(Access.CLEAR).mail("bert@beta.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
        }
    }

    @OnAnyJdk
    @Test
    void sessionsOfTrustedClientsCountLikeOthers() {
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("bert@beta.test")))
                        .sessions(SessionLimits.defaults().withPerUser(1).withLoginWait(Duration.ZERO)))) {
            assertThat(scene.ready(Access.CLEAR).mail("bert@beta.test")).hasCode(250);
            assertThat(scene.ready(Access.CLEAR).mail("bert@beta.test"))
                    .isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        }
    }

    // STARTTLS

    @Test
    void startTlsForgetsTheLogin() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.startTls(TestCertificates.clientContext())).hasWire("220 2.0.0 Ready to start TLS\r\n");
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
            assertThat(probe.send("AUTH PLAIN")).isStandardReply(StandardReply.BAD_SEQUENCE, "EHLO first");
            probe.ehlo();
            assertThat(probe.send("STARTTLS")).isStandardReply(StandardReply.BAD_SEQUENCE, "TLS is on already");
        }
    }

    @Test
    void whateverFollowsStartTlsInClearEndsTheConnection() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            probe.write("STARTTLS\r\nRSET\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.BAD_SEQUENCE);
            probe.assertClosed();
        }
    }

    // content

    @Test
    void relaysContentOctetForOctetBehindItsReceivedField() {
        String content = "From: alice@client.test\r\nDate: Thu, 15 Jan 2026 12:00:00 +0000\r\n"
                + "Message-ID: <1@client.test>\r\n\r\n.\r\n..\r\n.x\r\nK\u00f6ln\r\n\tend\r\n";
        try (Scene scene = Scene.open()) {
            assertThat(scene.atRcpt(Access.STARTTLS).data(content))
                    .hasWire("250 2.0.0 Ok: relayed as Ok: queued as 1\r\n");
            ReceivedMessage received = scene.upstream.awaitMessage();
            String text = new String(received.content(), StandardCharsets.UTF_8);
            assertThat(text)
                    .startsWith("Received: from probe.test ([127.0.0.1])\r\n")
                    .endsWith("\r\n" + content);
            String added = text.substring(0, text.length() - content.length());
            assertThat(added).contains("by relay.test with ESMTPSA id ").contains("for <bob@dest.test>");
            assertThat(received.reversePath()).isEqualTo("alice@client.test");
            assertThat(scene.upstream.bareLineEndings()).isEmpty();
        }
    }

    @OnAnyJdk
    @Test
    void relaysChunksAsOneMessage() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().without(FixUp.values())))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            byte[] octets = Scene.MESSAGE.getBytes(StandardCharsets.US_ASCII);
            byte[] first = Arrays.copyOf(octets, 30);
            byte[] rest = Arrays.copyOfRange(octets, 30, octets.length);
            assertThat(probe.bdat(first, false)).hasWire("250 2.0.0 30 octets received\r\n");
            assertThat(probe.send("DATA")).isStandardReply(StandardReply.BAD_SEQUENCE);
            assertThat(probe.bdat(rest, false)).hasCode(250);
            assertThat(probe.bdat(new byte[0], true)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(scene.upstream.awaitMessage().content()).isEqualTo(octets);
        }
    }

    /** Authentication stands before syntax in the order of checks. */
    @OnAnyJdk
    @ParameterizedTest
    @CsvSource({"BDAT, false", "BDAT 0 FIRST, false", "BDAT x LAST, true", "BDAT -1, true"})
    void aChunkOfAnyFormNeedsALoginFirst(String command, boolean closes) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send(command)).isStandardReply(StandardReply.AUTH_REQUIRED);
            if (closes) {
                probe.assertClosed();
            } else {
                assertThat(probe.send("NOOP")).isStandardReply(StandardReply.NOOP_OK);
            }
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"BDAT x LAST\r\n", "BDAT 6 LAST\n", "BDAT\t6\r\n", "bdat 6 \0\r\n", "BDAT -1\r\n"})
    void octetsBehindAChunkOfUnknownSizeAreNotRun(String command) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.write(command + "RSET\r\nNOOP\r\n");
            assertThat(probe.readReply()).isPermanentRefusal();
            probe.assertClosed();
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(ints = {600, 13_000})
    void octetsBehindATooLongBdatLineAreNotRun(int length) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.write("BDAT 6 " + "x".repeat(length) + "\r\nNOOP\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.LINE_TOO_LONG);
            probe.assertClosed();
        }
    }

    @OnAnyJdk
    @Test
    void aLineOfExactlyTheLimitMayComeInTwoPieces() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            probe.write("NOOP\r\nAUTH PLAIN " + "A".repeat(12_288 - 2 - "AUTH PLAIN ".length() - 1) + "\r");
            assertThat(probe.readReply()).hasCode(250); // meanwhile the relay reads on, to the CR
            probe.write("\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.AUTH_MALFORMED);
        }
    }

    @OnAnyJdk
    @Test
    void aFailedChunkFailsTheOthersUntilReset() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxSize(100)))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.bdat(new byte[101], false)).isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
            assertThat(probe.bdat("x".getBytes(StandardCharsets.US_ASCII), false))
                    .isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
            assertThat(probe.send("RSET")).hasCode(250);
            Scene.envelope(probe);
            assertThat(probe.data("From: alice@client.test\r\n\r\n")).hasCode(250);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"a\rb\r\n", "a\0b\r\n"})
    void bareLineEndings550(String line) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.send("DATA");
            probe.write(Scene.MESSAGE + line + ".\r\n");
            assertThat(probe.readReply()).hasWire("550 5.5.2 Bare CR, LF or NUL is not allowed in message content\r\n");
        }
    }

    @OnAnyJdk
    @Test
    void aLoneLfBecomesCrlfAndIsRefusedWhenStrict() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().without(FixUp.values())))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.send("DATA");
            probe.write(Scene.MESSAGE + "a\nb\r\n.\r\n");
            assertThat(probe.readReply()).hasCode(250);
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo(Scene.MESSAGE + "a\r\nb\r\n");
        }
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().with(Check.LINE_ENDINGS)))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            probe.send("DATA");
            probe.write(Scene.MESSAGE + "a\nb\r\n.\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.BARE_LINE_ENDINGS);
        }
    }

    @OnAnyJdk
    @Test
    void fromMissing554() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.atRcpt(Access.CLEAR).data("Subject: x\r\n\r\nx\r\n"))
                    .hasWire("554 5.6.0 Header From: address is missing or invalid\r\n");
        }
    }

    @OnAnyJdk
    @Test
    void routingLoop554() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.atRcpt(Access.CLEAR).data("Received: x\r\n".repeat(51) + Scene.MESSAGE))
                    .hasWire("554 5.4.6 Too many hops\r\n");
        }
    }

    @OnAnyJdk
    @Test
    void senderNotAllowed553WhereAlignmentIsOn() {
        try (Scene scene = Scene.open(
                b -> b.policies(Policies.defaults().withEnvelope(EnvelopePolicy.senderInIdentityDomains())))) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("alice@beta.test"))
                    .hasWire("553 5.7.1 Sender address not allowed for authenticated user\r\n");
            assertThat(probe.mail("alice@CLIENT.test")).hasCode(250);
        }
    }

    @Test
    void contentSpace452WhereNeitherMemoryNorADirectoryHoldsTheMessage(@TempDir Path parent) throws IOException {
        Path directory = Files.createDirectory(parent.resolve("contents"));
        try (Scene scene = Scene.open(b -> b.storage(
                ContentStorage.defaults().withMemoryPerMessage(0).withMemory(0).withDirectory(directory)))) {
            Files.delete(directory);
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasWire("452 4.3.1 Insufficient system storage\r\n");
            assertThat(probe.send("NOOP")).hasCode(250);
        }
    }

    @Test
    void encodingUnsupported554AndAddressUnsupported550() {
        try (Scene scene = Scene.open()) {
            scene.upstream.withoutExtension("8BITMIME").withoutExtension("SMTPUTF8");
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE + "K\u00f6ln\r\n")).isStandardReply(StandardReply.ENCODING_UNSUPPORTED);
            assertThat(probe.send("MAIL FROM:<alice@client.test> SMTPUTF8")).hasCode(250);
            assertThat(probe.send("RCPT TO:<j\u00f6rg@dest.test>")).hasCode(250);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.ADDRESS_UNSUPPORTED);
        }
    }

    // farewells

    @OnAnyJdk
    @Test
    void tooManyErrors421AfterTwentyRefusals() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            for (int i = 0; i < 20; i++) {
                assertThat(probe.send("XYZZY")).hasCode(500);
            }
            assertThat(probe.send("NOOP")).hasCode(250);
            assertThat(probe.send("XYZZY")).hasWire("421 4.7.0 Too many errors, closing connection\r\n");
            probe.assertClosed();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "IMPLICIT_TLS"})
    void serverBusy421InPlaceOfTheGreeting(Access access) {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withConnections(1)))) {
            assertThat(scene.connect(Access.CLEAR).readReply()).hasCode(220);
            SmtpProbe refused = scene.connect(access);
            assertThat(refused.readReply()).hasWire("421 4.3.2 Too many connections, try again later\r\n");
            refused.assertClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shuttingDown421ForIdleSessions(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice(access);
            Thread stopper = new Thread(scene.relay::close);
            stopper.start();
            assertThat(probe.readReply()).hasWire("421 4.3.2 Service shutting down, closing connection\r\n");
            probe.assertClosed();
        }
    }

    @Test
    void aMessageUnderWayIsFinishedBeforeTheRelayStops() throws InterruptedException {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            SmtpProbe idle = scene.alice();
            probe.send("DATA");
            Thread stopper = new Thread(scene.relay::close);
            stopper.start();
            assertThat(idle.readReply()).isStandardReply(StandardReply.SHUTTING_DOWN);
            probe.write(Scene.MESSAGE + ".\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(probe.readReply()).isStandardReply(StandardReply.SHUTTING_DOWN);
            probe.close();
            idle.close();
            stopper.join();
            assertThat(scene.upstream.messages()).hasSize(1);
        }
    }

    /** What goes wrong in one session is no other's business, not even what a JVM may not survive elsewhere. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "authenticator",
                "session policy",
                "sender policy",
                "envelope policy",
                "domains",
                "content policy",
                "delivery"
            })
    void internalError421WhenAPluginsErrorEndsItsSession(String broken) {
        AtomicBoolean breaks = new AtomicBoolean(true);
        class Plugin {
            <T> T orError(String name, T answer) {
                if (name.equals(broken) && breaks.getAndSet(false)) {
                    throw new StackOverflowError("of the host");
                }
                return answer;
            }
        }
        Plugin plugin = new Plugin();
        DeliveryResult accepted = DeliveryResult.accepted("memory", Reply.fromUpstream(250, List.of("Ok")));
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords((credentials, client) -> plugin.orError(
                                "authenticator", AuthResult.authenticated(Identity.of("alice@client.test"))))
                        .withPlaintext())
                .quota(QuotaPlan.perMonth(5))
                .policies(Policies.defaults()
                        .withSession(client -> plugin.orError("session policy", Verdict.proceed()))
                        .withEnvelope(new EnvelopePolicy() {
                            @Override
                            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                                return plugin.orError("sender policy", Verdict.proceed());
                            }

                            @Override
                            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                                return plugin.orError("envelope policy", Verdict.proceed());
                            }
                        })
                        .withSenderDomains(
                                (identity, domain) -> plugin.orError("domains", SenderDomains.Status.VALIDATED))
                        .withContent(submission -> plugin.orError("content policy", Verdict.proceed())))
                .delivery(submission -> plugin.orError("delivery", accepted))
                .start()) {
            assertThat(lastReplyOfASession(relay)).hasWire("421 4.3.0 Internal error, closing connection\r\n");
            assertThat(lastReplyOfASession(relay)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            Await.until("both have gone", () -> relay.connections() == 0);
            assertThat(relay.usage("client.test").orElseThrow().reserved())
                    .as("quota still reserved")
                    .isZero();
        }
    }

    private static ProbeReply lastReplyOfASession(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            ProbeReply reply = probe.readReply();
            for (String command : List.of(
                    "EHLO client.test",
                    "AUTH PLAIN AGFsaWNlAGFsaWNl",
                    "MAIL FROM:<alice@client.test>",
                    "RCPT TO:<bob@dest.test>",
                    "DATA",
                    Scene.MESSAGE + ".")) {
                if (reply.code() == 421) {
                    probe.assertClosed();
                    return reply;
                }
                reply = probe.send(command);
            }
            return reply;
        }
    }

    @Test
    void anHourMoreOrLessOnTheWallClockIsNothingToASession() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            for (int hours : new int[] {1, -2, 48}) {
                scene.clock.jumpWallClock(Duration.ofHours(hours));
                Scene.send(probe);
            }
            scene.clock.advance(Duration.ofMinutes(2));
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        }
    }

    @Test
    void aRelayWithoutLimitOfConnectionsAccepts() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withConnections(Integer.MAX_VALUE)))) {
            Scene.send(scene.alice());
        }
    }

    @Test
    void internalError421WhenAPolicyBreaks() {
        try (Scene scene = Scene.open(b -> b.policies(Policies.defaults().withContent(submission -> {
            throw new IllegalStateException("a defect of the host");
        })))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).hasWire("421 4.3.0 Internal error, closing connection\r\n");
            probe.assertClosed();
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    private static AuthResult hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return AuthResult.denied();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
