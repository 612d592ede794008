package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 1870, Message Size Declaration. A message over the maximum is 523 here, by the relay's contract, and not 552. */
@OnAnyJdk
class Rfc1870Test {

    private static final String TOO_LARGE = "523 5.3.4 Message size exceeds fixed maximum message size";

    /** Dots, so that it is longer on the wire than it counts. */
    private static final String MESSAGE = "From: alice@client.test\r\n\r\n.\r\n..\r\n.x\r\n";

    private static Scene withMaximum(long octets) {
        return Scene.open(
                b -> b.messages(MessageRules.defaults().withMaxSize(octets).without(FixUp.values())));
    }

    @Test
    void s3_theMaximumIsAnnounced() {
        try (Scene scene = withMaximum(1000)) {
            hold(scene.ready(Access.CLEAR), """
                    C: EHLO client.test
                    S: 250-relay.test
                    S: 250-PIPELINING
                    S: 250-SIZE 1000
                    S: ...
                    S: 250 HELP
                    """);
        }
    }

    @Test
    void s3_theValueHasOneToTwentyDigits() {
        try (Scene scene = withMaximum(Long.MAX_VALUE)) {
            hold(scene.alice(), """
                    C: MAIL FROM:<> SIZE=
                    S: 501 5.5.4 *
                    C: MAIL FROM:<> SIZE
                    S: 501 5.5.4 *
                    C: MAIL FROM:<> SIZE=-1
                    S: 501 5.5.4 *
                    C: MAIL FROM:<> SIZE=000000000000000000001
                    S: 501 5.5.4 *
                    C: MAIL FROM:<> SIZE=00000000000000000001
                    S: 250 2.1.0 Sender ok
                    """);
        }
    }

    @Test
    void s6_1_aDeclaredSizeOfTheMaximumIsTakenAndOneMoreIsRefused() {
        try (Scene scene = withMaximum(1000)) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> SIZE=1001
                    S: %s
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test> SIZE=00000000000000001001
                    S: %s
                    C: MAIL FROM:<alice@client.test> SIZE=1000
                    S: 250 2.1.0 Sender ok
                    C: RSET
                    S: 250 2.0.0 Reset
                    C: MAIL FROM:<alice@client.test> SIZE=00000000000000001000
                    S: 250 2.1.0 Sender ok
                    """.formatted(TOO_LARGE, TOO_LARGE));
        }
    }

    @Test
    void s5_stuffingAndTheFinalDotAreNotCountedAndCrlfIs() {
        try (Scene scene = withMaximum(MESSAGE.length())) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(MESSAGE).code()).isEqualTo(250);
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo(MESSAGE);
        }
    }

    @Test
    void s5_oneOctetMoreIsRefused() {
        try (Scene scene = withMaximum(MESSAGE.length() - 1)) {
            assertThat(scene.atRcpt(Access.CLEAR).data(MESSAGE)).hasToString(TOO_LARGE);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void s5_aLoneLfCountsAsTheCrlfThatItBecomes(int tooMuch) {
        String lone = MESSAGE + "a\nb\n\nc\r\n";
        int octets = lone.length() + 3;
        try (Scene scene = withMaximum(octets - tooMuch)) {
            assertThat(scene.atRcpt(Access.CLEAR).data(lone).code()).isEqualTo(tooMuch == 0 ? 250 : 523);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void s5_chunksCountTogether(int tooMuch) {
        try (Scene scene = withMaximum(MESSAGE.length() - tooMuch)) {
            byte[] octets = MESSAGE.getBytes(StandardCharsets.US_ASCII);
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.bdat(Arrays.copyOf(octets, 20), false).code()).isEqualTo(250);
            assertThat(probe.bdat(Arrays.copyOfRange(octets, 20, octets.length), true)
                            .code())
                    .isEqualTo(tooMuch == 0 ? 250 : 523);
        }
    }

    @Test
    void s6_3_theRestOfAMessageThatIsTooLargeIsNoCommand() {
        try (Scene scene = withMaximum(30)) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: QUIT
                    C: QUIT
                    C: RSET
                    C: .
                    S: %s
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """.formatted(TOO_LARGE));
        }
    }

    @Test
    void s6_3_aMessageThatIsLargerThanDeclaredIsJudgedByWhatCame() {
        try (Scene scene = withMaximum(1000)) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> SIZE=1
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    S: 250 2.0.0 *
                    """);
        }
    }

    @Test
    void s3_afterTheLoginTheIdentitysOwnMaximumIsAnnouncedAndKept() {
        Authenticator users = Authenticator.inMemory()
                .user(
                        Identity.of("less@client.test")
                                .withLimits(IdentityLimits.none().withMessageSize(50)),
                        "less")
                .user(
                        Identity.of("more@client.test")
                                .withLimits(IdentityLimits.none().withMessageSize(150)),
                        "more")
                .build();
        try (Scene scene = Scene.bare(b -> b.messages(MessageRules.defaults().withMaxSize(100))
                .auth(AuthSettings.passwords(users).withPlaintext()))) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).contains("SIZE 100");
            for (int max : new int[] {50, 150}) {
                String user = max == 50 ? "less@client.test" : "more@client.test";
                SmtpProbe probe = scene.loggedIn(Access.CLEAR, user);
                assertThat(probe.ehlo().extensions()).contains("SIZE " + max);
                assertThat(probe.mail(user, "SIZE=" + (max + 1))).isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
                for (int size = max; size <= max + 1; size++) {
                    String head = "From: " + user + "\r\n\r\n";
                    String message = head + "x".repeat(size - head.length() - 2) + "\r\n";
                    assertThat(probe.mail(user)).hasCode(250);
                    assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
                    assertThat(probe.data(message)).hasCode(size == max ? 250 : 523);
                    assertThat(probe.mail(user)).hasCode(250);
                    assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
                    assertThat(probe.bdat(message.getBytes(StandardCharsets.US_ASCII), true))
                            .hasCode(size == max ? 250 : 523);
                    assertThat(probe.send("RSET")).hasCode(250);
                }
            }
        }
    }

    @Test
    void s4_theUpstreamIsToldTheSizeOfWhatItGets() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> SIZE=999
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: ..
                    C: .
                    S: 250 2.0.0 *
                    """);
            ReceivedMessage message = scene.upstream.awaitMessage();
            assertThat(message.mailParameters()).containsExactly("SIZE=" + message.content().length);
        }
    }
}
