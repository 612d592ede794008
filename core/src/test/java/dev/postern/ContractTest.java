package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The 22 rows of the catalogue's contract, each produced by the running relay the way a client meets it, and compared
 * octet by octet with the text in this class.
 */
class ContractTest {

    private static final String[] FIFTY = recipients(50);

    // logins

    @ParameterizedTest
    @EnumSource
    void authCredentialsInvalid535ForAWrongPasswordAndAnUnknownUserAlike(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(access);
            String wire = "535 5.7.8 Authentication credentials invalid\r\n";
            assertThat(probe.authPlain("alice@client.test", "wrong"))
                    .hasWire(wire)
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.authLogin("nobody@client.test", "alice")).hasWire(wire);
            assertThat(probe.authPlain("alice@client.test", "alice")).hasCode(235);
        }
    }

    @Test
    void authRequiresTls538OnAConnectionInClear() {
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(Scene.users())))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send("AUTH PLAIN AGEAYg==")).hasWire("538 5.7.0 Must issue a STARTTLS command first\r\n");
            assertThat(probe.ehlo()).doesNotOffer("AUTH");
            probe.startTls(TestCertificates.clientContext());
            assertThat(probe.ehlo()).offers("AUTH PLAIN LOGIN");
            assertThat(probe.authPlain("alice@client.test", "alice")).hasCode(235);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"MAIL FROM:<a@client.test>", "RCPT TO:<b@dest.test>", "DATA", "VRFY b", "EXPN list"})
    void authRequired530ForEachCommandThatNeedsIt(String command) {
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.CLEAR).send(command)).hasWire("530 5.7.0 Authentication required\r\n");
        }
    }

    @OnAnyJdk
    @Test
    void authRequired530ForAChunkWhoseOctetsAreReadFirst() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            probe.write("BDAT 22 LAST\r\nMAIL FROM:<a@b.test>\r\nNOOP\r\n");
            assertThat(probe.readReply()).hasWire("530 5.7.0 Authentication required\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.NOOP_OK);
        }
    }

    @Test
    void authBlocked535AfterTenFailuresUntilTheBlockEnds() throws UnknownHostException {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            for (int i = 0; i < 10; i++) {
                assertThat(probe.authPlain("alice@client.test", "wrong")).hasCode(535);
            }
            String wire = "535 5.7.8 Authentication blocked due to too many failed attempts\r\n";
            assertThat(probe.send("AUTH LOGIN")).hasWire(wire);
            assertThat(scene.ready(Access.STARTTLS).authPlain("alice@client.test", "alice"))
                    .hasWire(wire);
            SmtpProbe elsewhere = scene.connectFrom("127.0.0.2");
            assertThat(elsewhere.readReply()).hasCode(220);
            elsewhere.ehlo();
            assertThat(elsewhere.authPlain("alice@client.test", "alice")).hasCode(235);
            scene.clock.advance(Duration.ofMinutes(5));
            assertThat(scene.ready(Access.CLEAR).authPlain("alice@client.test", "alice"))
                    .hasCode(235);
        }
    }

    @OnAnyJdk
    @Test
    void authRelayDisabled535ForRightCredentialsOnlyAndNotAsAFailedLogin() {
        try (Scene scene =
                Scene.open(b -> b.auth(Scene.auth().withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5))))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            for (int i = 0; i < 3; i++) {
                assertThat(probe.authPlain("dora@dead.test", "dora"))
                        .hasWire("535 5.7.8 SMTP relay is not enabled for this account\r\n");
            }
            assertThat(probe.authPlain("dora@dead.test", "wrong"))
                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        }
    }

    // quota and recipients

    @OnAnyJdk
    @Test
    void quotaExceeded452AtRcptBeyondItAndAtMailWhenNothingIsLeft() {
        String wire = "452 4.2.2 Quota exceeded for the current period\r\n";
        try (Scene scene = Scene.open(b -> b.quota(QuotaPlan.perMonth(2)))) {
            SmtpProbe probe = scene.alice();
            Scene.envelope(probe, "one@dest.test", "two@dest.test");
            assertThat(probe.rcpt("three@dest.test")).hasWire(wire);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
            assertThat(scene.upstream.awaitMessage().recipientAddresses())
                    .containsExactly("one@dest.test", "two@dest.test");
            assertThat(probe.mail("alice@client.test")).hasWire(wire);
            assertThat(scene.loggedIn(Access.CLEAR, "anna@client.test").mail("anna@client.test"))
                    .as("same account")
                    .hasWire(wire);
            assertThat(scene.loggedIn(Access.CLEAR, "bert@beta.test").mail("bert@beta.test"))
                    .hasCode(250);
        }
    }

    @OnAnyJdk
    @Test
    void quotaBeginsAnewWithThePeriod() {
        try (Scene scene = Scene.open(b -> b.quota(QuotaPlan.perDay(1))
                .times(TimeLimits.defaults().withInactivity(TimeLimits.UNLIMITED))
                .sessions(SessionLimits.defaults().withLifetime(TimeLimits.UNLIMITED)))) {
            SmtpProbe probe = scene.alice();
            Scene.send(probe);
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
            scene.clock.advance(Duration.ofDays(1));
            Scene.send(probe);
        }
    }

    @OnAnyJdk
    @Test
    void quotaIsGivenBackForWhatTheUpstreamDoesNotTake() {
        try (Scene scene = Scene.open(b -> b.quota(QuotaPlan.perMonth(1)))) {
            scene.upstream.scriptOnce(Stage.END_OF_DATA, Fault.reply("554 5.7.1 no"));
            SmtpProbe probe = scene.alice();
            Scene.envelope(probe);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(554);
            Scene.envelope(probe);
            assertThat(probe.send("RSET")).hasCode(250);
            Scene.send(probe);
        }
    }

    @OnAnyJdk
    @Test
    void tooManyRecipients452AndTheMessageGoesToTheOthers() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            Scene.envelope(probe, FIFTY);
            assertThat(probe.rcpt("extra@dest.test")).hasWire("452 4.5.3 Too many recipients (max 50 per message)\r\n");
            assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly(FIFTY);
        }
    }

    @OnAnyJdk
    @Test
    void tooManyRecipients452NamesTheConfiguredLimit() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxRecipients(2)))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR, recipients(2));
            assertThat(probe.rcpt("extra@dest.test")).hasWire("452 4.5.3 Too many recipients (max 2 per message)\r\n");
        }
    }

    // sessions

    @ParameterizedTest
    @EnumSource
    void userSessionsExceeded454LeavesTheSessionUnauthenticated(Access access) {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withLoginWait(Duration.ZERO)))) {
            SmtpProbe first = scene.alice(access);
            for (int i = 1; i < 10; i++) {
                scene.alice();
            }
            SmtpProbe next = scene.ready(access);
            assertThat(next.authPlain("alice@client.test", "alice"))
                    .hasWire("454 4.7.0 Too many active sessions for user\r\n");
            assertThat(next.mail("alice@client.test")).isStandardReply(StandardReply.AUTH_REQUIRED);
            assertThat(next.authPlain("anna@client.test", "anna")).hasCode(235);
            assertThat(first.send("QUIT")).hasCode(221);
            assertThat(scene.ready(access).authPlain("alice@client.test", "alice"))
                    .hasCode(235);
        }
    }

    @OnAnyJdk
    @Test
    void accountSessionsExceeded454AfterTheUsersOwnLimit() {
        try (Scene scene = Scene.open(b -> b.sessions(
                SessionLimits.defaults().withPerUser(2).withPerAccount(3).withLoginWait(Duration.ZERO)))) {
            scene.alice();
            scene.alice();
            scene.loggedIn(Access.CLEAR, "anna@client.test");
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.authPlain("anna@client.test", "anna"))
                    .hasWire("454 4.7.0 Too many active sessions for account\r\n");
            assertThat(probe.authPlain("alice@client.test", "alice"))
                    .isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
            assertThat(probe.authPlain("bert@beta.test", "bert")).hasCode(235);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "IMPLICIT_TLS"})
    void ipSessionsExceeded454InPlaceOfTheGreetingAndClosed(Access access) throws UnknownHostException {
        try (Scene scene = Scene.open()) {
            for (int i = 0; i < 50; i++) {
                assertThat(scene.connect(Access.CLEAR).readReply()).hasCode(220);
            }
            SmtpProbe refused = scene.connect(access);
            assertThat(refused.readReply())
                    .hasWire("454 4.7.0 Too many active sessions for IP address. Please retry later.\r\n");
            refused.assertClosed();
            assertThat(scene.connectFrom("127.0.0.2").readReply()).hasCode(220);
        }
    }

    // envelope

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<alice>",
                "<@client.test>",
                "<alice@>",
                "<a b@client.test>",
                "<alice@client..test>",
                "alice@client.test",
                "<alice@client.test",
                "<alice@-client.test>",
                "<al\tice@client.test>"
            })
    void senderSyntax501(String path) {
        try (Scene scene = Scene.open()) {
            ProbeReply reply = scene.alice().send("MAIL FROM:" + path);
            if (path.indexOf('\t') >= 0) {
                assertThat(reply).hasCode(501);
            } else {
                assertThat(reply).hasWire("501 5.5.4 Bad sender address syntax\r\n");
            }
        }
    }

    @OnAnyJdk
    @Test
    void senderSyntaxAllowsTheNullReversePath() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.alice().send("MAIL FROM:<>")).isStandardReply(StandardReply.SENDER_OK);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"<bob>", "<>", "<bob@>", "<bob@dest.test>x", "<b\"b@dest.test>", "<bob@[300.1.1.1]>"})
    void recipientSyntax501(String path) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("alice@client.test")).hasCode(250);
            assertThat(probe.send("RCPT TO:" + path))
                    .hasWire("501 5.5.4 Recipient rejected: bad recipient address syntax\r\n");
        }
    }

    // content

    @ParameterizedTest
    @EnumSource
    void messageTooLarge523BySizeAndByContent(Access access) {
        String wire = "523 5.3.4 Message size exceeds fixed maximum message size\r\n";
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxSize(Scene.MESSAGE.length())))) {
            SmtpProbe probe = scene.alice(access);
            assertThat(probe.mail("alice@client.test", "SIZE=" + (Scene.MESSAGE.length() + 1)))
                    .hasWire(wire);
            assertThat(probe.mail("alice@client.test", "SIZE=99999999999999999999"))
                    .hasWire(wire);
            Scene.envelope(probe);
            assertThat(probe.data(Scene.MESSAGE + "x\r\n")).hasWire(wire);
            assertThat(scene.upstream.contentsSeen()).isZero();
            Scene.send(probe);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {
                "no header at all\r\n",
                "From: alice@client.test\r\nContent-Type: multipart/mixed\r\n\r\nno boundary\r\n",
                "From: alice@client.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nunterminated\r\n",
                "From: alice@client.test\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
                "From: alice@client.test\r\nContent-Type: application/pdf; name=a.pdf\r\n"
                        + "Content-Disposition: attachment; filename=a.pdf\r\n\r\nMZ is no PDF\r\n"
            })
    void mimeInvalid550(String content) {
        try (Scene scene = Scene.open()) {
            assertThat(scene.atRcpt(Access.CLEAR).data(content))
                    .hasWire("550 5.6.0 Failed to parse MIME structure\r\n");
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: alice@client.test, anna@client.test\r\n\r\nx\r\n",
                "From: alice@client.test\r\nFrom: anna@client.test\r\n\r\nx\r\n"
            })
    void fromMultiple554(String content) {
        try (Scene scene = Scene.open()) {
            assertThat(scene.atRcpt(Access.CLEAR).data(content))
                    .hasWire("554 5.6.0 Multiple header From: addresses is not supported\r\n");
        }
    }

    @OnAnyJdk
    @Test
    void fromDomainMismatch554() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.atRcpt(Access.CLEAR).data("From: alice@beta.test\r\n\r\nx\r\n"))
                    .hasWire("554 5.6.0 Header From: address domain does not match authenticated user domain\r\n");
        }
    }

    @OnAnyJdk
    @Test
    void domainNotAuthenticated550() {
        try (Scene scene = Scene.open(b -> b.policies(
                Policies.defaults().withSenderDomains(SenderDomains.ofIdentityExcept(Set.of("client.test")))))) {
            assertThat(scene.atRcpt(Access.CLEAR).data(Scene.MESSAGE))
                    .hasWire("550 5.6.0 The domain is not correctly authenticated\r\n");
        }
    }

    // upstream

    @ParameterizedTest
    @EnumSource
    void upstreamRelayFailed421WhenItAnswers4xx(Access access) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(Stage.END_OF_DATA, Fault.reply("451 4.3.0 later"));
            SmtpProbe probe = scene.atRcpt(access);
            assertThat(probe.data(Scene.MESSAGE))
                    .hasWire("421 4.4.2 Temporary local problem: unable to relay message\r\n");
            probe.assertClosed();
            assertThat(scene.upstream.messages()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void upstreamUnreachable421WhenNobodyListens(Access access) {
        try (Scene scene = Scene.open()) {
            scene.upstream.refuseConnections();
            SmtpProbe probe = scene.atRcpt(access);
            assertThat(probe.data(Scene.MESSAGE))
                    .hasWire("421 4.4.2 Temporary local problem: unable to connect to upstream relay\r\n");
            probe.assertClosed();
            scene.upstream.acceptConnections();
            Scene.send(scene.alice(access));
        }
    }

    // time and counts

    @ParameterizedTest
    @EnumSource
    void inactivity421BetweenCommands(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice(access);
            scene.clock.advance(Duration.ofSeconds(119));
            assertThat(probe.send("NOOP")).hasCode(250);
            scene.clock.advance(Duration.ofMinutes(2));
            assertInactivity(probe);
        }
    }

    @ParameterizedTest
    @EnumSource
    void inactivity421InsideOfAnAuthExchange(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(access);
            assertThat(probe.send("AUTH LOGIN")).hasCode(334);
            scene.clock.advance(Duration.ofMinutes(2));
            assertInactivity(probe);
        }
    }

    @ParameterizedTest
    @EnumSource
    void inactivity421InsideOfData(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(access);
            assertThat(probe.send("DATA")).hasCode(354);
            scene.clock.advance(Duration.ofMinutes(2));
            assertInactivity(probe);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void inactivity421InsideOfAChunk(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(access);
            // one write, so that with the reply to NOOP the relay has read the part of the chunk as well
            probe.write("NOOP\r\nBDAT 1000 LAST\r\nFrom: ");
            assertThat(probe.readReply()).isStandardReply(StandardReply.NOOP_OK);
            scene.clock.advance(Duration.ofMinutes(2));
            assertInactivity(probe);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionLifetime421(Access access) {
        try (Scene scene = Scene.open(b -> b.times(TimeLimits.defaults().withInactivity(Duration.ofHours(1))))) {
            SmtpProbe probe = scene.alice(access);
            scene.clock.advance(Duration.ofMinutes(30).minusSeconds(1));
            Scene.send(probe);
            scene.clock.advance(Duration.ofSeconds(1));
            assertThat(probe.readReply()).hasWire("421 4.7.0 Session lifetime exceeded, closing connection\r\n");
            probe.assertClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void tooManyMessages421AtTheTwentyFirstMail(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice(access);
            for (int i = 0; i < 20; i++) {
                Scene.send(probe);
            }
            assertThat(probe.mail("alice@client.test"))
                    .hasWire("421 4.7.0 Too many messages per session, closing connection\r\n");
            probe.assertClosed();
            assertThat(scene.upstream.messages()).hasSize(20);
        }
    }

    private static void assertInactivity(SmtpProbe probe) {
        assertThat(probe.readReply()).hasWire("421 4.7.0 Closing connection due to inactivity\r\n");
        probe.assertClosed();
    }

    private static String[] recipients(int count) {
        String[] recipients = new String[count];
        for (int i = 0; i < count; i++) {
            recipients[i] = "bob" + i + "@dest.test";
        }
        return recipients;
    }
}
