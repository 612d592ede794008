package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6531, SMTP Extension for Internationalized Email. */
class Rfc6531Test {

    @Test
    void s3_1_smtputf8IsOfferedWithoutParametersAndWith8bitmime() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).contains("SMTPUTF8", "8BITMIME");
        }
    }

    @Test
    void s3_3_anInternationalizedAddressNeedsTheParameter() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<j\u00f6rg@client.test>
                    S: 501 5.5.4 Bad sender address syntax
                    C: MAIL FROM:<alice@b\u00fccher.example>
                    S: 501 5.5.4 Bad sender address syntax
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<j\u00f6rg@dest.test>
                    S: 501 5.5.4 Recipient rejected: bad recipient address syntax
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "j\u00f6rg@dest.test",
                "bob@b\u00fccher.example",
                "\u7530\u4e2d@\u4f8b\u3048.\u30c6\u30b9\u30c8",
                "\"j\u00f6rg x\"@dest.test",
                "\ud83d\ude00@dest.test",
                // whose low octets are CR and LF (CVE-2025-7962)
                "\u760d\u760a@dest.test"
            })
    void s3_3_anInternationalizedAddressIsPassedOnOctetForOctet(String address) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<%s> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s>
                    S: 250 2.1.5 Recipient ok
                    """.formatted(address, address) + content("Hello", "250 2.0.0 *"));
            ReceivedMessage message = scene.upstream.awaitMessage();
            assertThat(message.reversePath()).isEqualTo(address);
            assertThat(message.recipientAddresses()).containsExactly(address);
            assertThat(message.mailParameters()).contains("SMTPUTF8");
            assertThat(scene.upstream.bareLineEndings()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\u0085b@dest.test",
                "a\u00a0b@dest.test",
                "a\u2028b@dest.test",
                "a\u2029b@dest.test",
                "a\u3000b@dest.test",
                "a@b\u3002test",
                "a@b\uff0etest"
            })
    void s3_3_whatEndsALineOrALabelForSomebodyIsNoPartOfAnAddress(String address) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s>
                    S: 501 5.5.4 Recipient rejected: bad recipient address syntax
                    """.formatted(address));
        }
    }

    static byte[][] malformed() {
        return new byte[][] {
            {(byte) 0xff},
            {(byte) 0xc3},
            {(byte) 0xf6},
            {(byte) 0xc0, (byte) 0x8d},
            {(byte) 0xe0, (byte) 0x80, (byte) 0x8a},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}
        };
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void s3_3_whatIsNoUtf8IsNoAddress(byte[] octets) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            hold(probe, """
                    C: MAIL FROM:<> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    """);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            line.writeBytes("RCPT TO:<a".getBytes(StandardCharsets.US_ASCII));
            line.writeBytes(octets);
            line.writeBytes("@dest.test>\r\n".getBytes(StandardCharsets.US_ASCII));
            probe.write(line.toByteArray());
            hold(probe, """
                    S: 500 5.5.2 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
        }
    }

    @Test
    void s3_3_lengthsAreThoseOfTheOctets() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<%sx@dest.test>
                    S: 501 5.5.4 *
                    """.formatted("\u00f6".repeat(32), "\u00f6".repeat(32)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SMTPUTF8=", "SMTPUTF8=yes", "SMTPUTF8 SMTPUTF8"})
    void s3_4_theParameterHasNoValueAndStandsOnce(String parameter) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> %s
                    S: 501 5.5.4 *
                    C: MAIL FROM:<alice@client.test> smtputf8
                    S: 250 2.1.0 Sender ok
                    """.formatted(parameter));
        }
    }

    @Test
    void s3_2_aMessageThatIsNotInternationalizedNeedsNoSmtputf8Upstream() {
        try (Scene scene = Scene.open()) {
            scene.upstream.withoutExtension("SMTPUTF8");
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content("Hello", "250 2.0.0 *"));
            assertThat(scene.upstream.awaitMessage().mailParameters()).doesNotContain("SMTPUTF8");
        }
    }

    private static final String PARTS =
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"message\"\r\n\r\n";

    private static final String LAST_PART = "\r\n--message--\r\n";

    static Stream<String> internationalized() {
        return Stream.of(
                "Subject: J\u00f6rg\r\n\r\n",
                "X-Long:" + " x".repeat(600) + "\r\n J\u00f6rg\r\n\r\n",
                PARTS + "--message\r\nContent-Description: J\u00f6rg\r\n\r\nhello" + LAST_PART,
                PARTS + "--message\r\nContent-Type:\r\n message/global\r\n\r\nSubject: J\u00f6rg\r\n\r\n" + LAST_PART);
    }

    @ParameterizedTest
    @MethodSource("internationalized")
    void s3_2_aMessageWithAnInternationalizedHeaderDoes(String content) {
        try (Scene scene = Scene.open()) {
            scene.upstream.withoutExtension("SMTPUTF8");
            assertThat(sendDeclared(scene, content).standardReply()).contains(StandardReply.ADDRESS_UNSUPPORTED);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    static Stream<String> eightBitTextAlone() {
        return Stream.of(
                "\r\nJ\u00f6rg\r\n-- \r\nTel: J\u00f6rg\r\n",
                PARTS + "--message\r\n\r\nJ\u00f6rg\r\n-- \r\nJ\u00f6rg\r\n--message\r\n"
                        + "Content-Type: text/plain; name=message.txt\r\n\r\nJ\u00f6rg" + LAST_PART);
    }

    /** As Go's net/smtp and others do, which say SMTPUTF8 to each server that offers it. */
    @ParameterizedTest
    @MethodSource("eightBitTextAlone")
    void s3_2_aDeclaredMessageWithEightBitTextAloneNeedsNoSmtputf8Upstream(String content) {
        try (Scene scene = Scene.open()) {
            scene.upstream.withoutExtension("SMTPUTF8");
            assertThat(sendDeclared(scene, content).code()).isEqualTo(250);
            assertThat(scene.upstream.awaitMessage().mailParameters())
                    .contains("BODY=8BITMIME")
                    .doesNotContain("SMTPUTF8");
        }
    }

    private static ProbeReply sendDeclared(Scene scene, String content) {
        SmtpProbe probe = scene.alice();
        assertThat(probe.send("MAIL FROM:<alice@client.test> BODY=8BITMIME SMTPUTF8")
                        .code())
                .isEqualTo(250);
        assertThat(probe.send("RCPT TO:<bob@dest.test>").code()).isEqualTo(250);
        return probe.data("From: alice@client.test\r\n" + content);
    }

    @Test
    void s3_6_aReplyIsUsAsciiAlsoAboutInternationalizedAddresses() {
        try (Scene scene = Scene.open()) {
            scene.upstream.scriptRecipient("j\u00f6rg@dest.test", Fault.reply("550 5.1.1 J\u00f6rg is gone"));
            hold(scene.alice(), """
                    C: MAIL FROM:<> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<j\u00f6rg@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    S: 550-5.1.1 <j?rg@dest.test>: *J??rg is gone
                    S: 550 5.1.1 Message not relayed: 1 of 2 recipients refused
                    """);
        }
    }

    @Test
    void s3_7_4_2_vrfyMayAskForUtf8() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: VRFY j\u00f6rg@dest.test SMTPUTF8
                    S: 252 2.5.2 *
                    """);
        }
    }

    @ParameterizedTest
    @CsvSource({"CLEAR, UTF8SMTPA", "STARTTLS, UTF8SMTPSA"})
    void s4_3_theReceivedFieldHasTheProtocolsOwnName(Access access, String protocol) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(access), """
                    C: MAIL FROM:<> SMTPUTF8
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<j\u00f6rg@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content("Hello", "250 2.0.0 *"));
            assertThat(scene.upstream.awaitMessage().contentText())
                    .contains(" with " + protocol + " id ")
                    .contains("\r\n for <j\u00f6rg@dest.test>;\r\n");
        }
    }

    private static String content(String body, String reply) {
        return """
                C: DATA
                S: 354 *
                C: From: alice@client.test
                C:
                C: %s
                C: .
                S: %s
                """.formatted(body, reply);
    }
}
