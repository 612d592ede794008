package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.ContentGate.Origin;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.TlsInfo;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class FixUpsTest {

    private static final MessageRules ALL = MessageRules.defaults();
    private static final MessageRules ONLY_BCC =
            MessageRules.defaults().without(FixUp.RECEIVED, FixUp.DATE, FixUp.MESSAGE_ID);
    private static final MessageRules ONLY_RECEIVED =
            MessageRules.defaults().without(FixUp.DATE, FixUp.MESSAGE_ID, FixUp.REMOVE_BCC);
    private static final String RECEIVED = String.join(
            "\r\n",
            "Received: from client.example ([192.0.2.7])",
            " by relay.example with ESMTPA id m1",
            " for <bob@example.net>;",
            " Wed, 4 Mar 2026 12:00:05 +0000",
            "");
    private static final String FROM = "From: alice@example.org\r\n";

    @Test
    void addsWhatIsMissing() {
        String message = FROM + "Subject: x\r\n\r\nbody\r\n";
        assertThat(Fixture.send(ALL, message).content())
                .isEqualTo(RECEIVED + "Date: Wed, 4 Mar 2026 12:00:05 +0000\r\nMessage-ID: <m1@relay.example>\r\n"
                        + message);
    }

    @Test
    void keepsDateAndMessageIdThatAreThere() {
        String message = "MESSAGE-id: <1@x>\r\nDATE: yesterday\r\n" + FROM + "\r\nDate: in the body\r\n";
        assertThat(Fixture.send(ALL, message).content()).isEqualTo(RECEIVED + message);
    }

    @Test
    void addsToMessageWithoutEmptyLine() {
        assertThat(Fixture.send(ONLY_RECEIVED, FROM).content()).isEqualTo(RECEIVED + FROM);
    }

    @Test
    void leavesEveryOctetWhenSwitchedOff() {
        String message = "  \r\nBcc: x\r\nno header \u00e4\r\n\r\n\013\f\u0085\r\n";
        assertThat(Fixture.send(Fixture.PLAIN, message).content()).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{Bcc: eve@example.net\r\n}From: alice@example.org\r\n\r\nBcc: body\r\n",
                "From: alice@example.org\r\n{BCC:\r\n eve@example.net,\r\n\tmallory@example.net\r\n}Subject: x\r\n\r\nbody\r\n",
                "From: alice@example.org\r\n{Bcc: a\r\n}{Resent-Bcc: b\r\n}Bccx: c\r\nX-Bcc: d\r\n\r\nbody\r\n",
                "From: alice@example.org\r\n{Bcc: a\r\n}X: y\r\n{bcc: b\r\n}\r\nbody\r\n",
                "From: alice@example.org\r\n{Bcc: last\r\n}",
                "From: alice@example.org\r\n{Bcc: last\r\n folded\r\n}",
                "From: alice@example.org\r\nSubject: x\r\n Bcc: continuation\r\n\r\nbody\r\n"
            })
    void removesBccAndNothingElse(String marked) {
        String sent = marked.replace("{", "").replace("}", "");
        String left = marked.replaceAll("(?s)\\{.*?}", "");
        for (int block = 1; block < sent.length() + 1; block++) {
            assertThat(Fixture.send(ONLY_BCC, octets(sent), block, origin()).content())
                    .isEqualTo(left);
        }
        assertThat(Fixture.send(ONLY_RECEIVED, sent).content()).isEqualTo(RECEIVED + sent);
    }

    @Test
    void removesBccOverManyBlocksAndInTheFile() {
        ContentStorage memory = ContentStorage.defaults();
        String before = FROM + "X-Long: " + "x".repeat(100_000) + "\r\n";
        String bcc = "Bcc: " + "a@example.net,\r\n ".repeat(5_000) + "b@example.net\r\n";
        String after = "\r\n" + "body\r\n".repeat(20_000);
        for (ContentStorage storage : List.of(memory, memory.withMemoryPerMessage(0))) {
            assertThat(Fixture.send(Fixture.gate(ONLY_BCC, storage), octets(before + bcc + after), 10_000, origin())
                            .content())
                    .isEqualTo(before + after);
        }
    }

    @Test
    void tellsEightBitByWhatIsSent() {
        String message = FROM + "Bcc: \u00c3\u00a4@example.net\r\n\r\nbody";
        assertThat(Fixture.send(ONLY_BCC, message + "\r\n").eightBit()).isFalse();
        assertThat(Fixture.send(ONLY_BCC, message + "\u00e4\r\n").eightBit()).isTrue();
        assertThat(Fixture.send(ONLY_RECEIVED, message + "\r\n").eightBit()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "false,false,false,false,SMTP",
        "true,false,false,false,ESMTP",
        "true,true,false,false,ESMTPS",
        "true,false,true,false,ESMTPA",
        "true,true,true,false,ESMTPSA",
        "true,false,false,true,UTF8SMTP",
        "true,true,false,true,UTF8SMTPS",
        "true,false,true,true,UTF8SMTPA",
        "true,true,true,true,UTF8SMTPSA"
    })
    void namesTheProtocol(boolean extended, boolean tls, boolean auth, boolean utf8, String protocol) {
        ClientInfo client = ClientInfo.of("s1", Fixture.address("192.0.2.7"), Fixture.address("192.0.2.1"));
        client = (tls ? client.withTls(new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of())) : client)
                .withHelo("client.example");
        Envelope envelope = new Envelope(
                ReversePath.empty(),
                utf8 ? new EsmtpParameters(Map.of("SMTPUTF8", "")) : EsmtpParameters.none(),
                List.of(Recipient.of("bob@example.net")));
        Origin origin = new Origin("m1", client, Fixture.ALICE, auth, extended, envelope, Fixture.NOON);
        assertThat(Fixture.send(ONLY_RECEIVED, octets(FROM), 100, origin).content())
                .isEqualTo(RECEIVED.replace("ESMTPA", protocol) + FROM);
    }

    @ParameterizedTest
    @CsvSource({
        "client.example,192.0.2.7,client.example,[192.0.2.7]",
        "[192.0.2.9],192.0.2.7,[192.0.2.9],[192.0.2.7]",
        "[IPv6:2001:db8::9],2001:db8::7,[IPv6:2001:db8::9],[IPv6:2001:db8:0:0:0:0:0:7]",
        "'',fe80::1%0,unknown,[IPv6:fe80:0:0:0:0:0:0:1]",
        "'a) by evil (b;\r\nX: y',192.0.2.7,a__by_evil__b___X:_y,[192.0.2.7]"
    })
    void writesClientSoThatItCannotBeMisread(String helo, String ip, String writtenHelo, String writtenIp) {
        String content = Fixture.send(ONLY_RECEIVED, octets(FROM), 100, origin(helo, ip, "bob@example.net"))
                .content();
        assertThat(content)
                .isEqualTo(RECEIVED.replace("client.example", writtenHelo).replace("[192.0.2.7]", writtenIp) + FROM);
    }

    @Test
    void keepsLettersDigitsAndMarksOfNamesAndNothingBesideThem() {
        String content = Fixture.send(ALL, octets(FROM), 100, received("azAZ09-._`{@[/:", Fixture.NOON))
                .content();
        assertThat(content)
                .contains(" id azAZ09-._______\r\n")
                .contains("Message-ID: <azAZ09-._______@relay.example>\r\n");
    }

    @Test
    void cutsNamesThatNoHostCanHave() {
        for (int length : new int[] {254, 255, 256}) {
            String content = Fixture.send(
                            ONLY_RECEIVED, octets(FROM), 100, origin("h".repeat(length), "192.0.2.7", "b@example.net"))
                    .content();
            assertThat(content).startsWith("Received: from " + "h".repeat(Math.min(length, 255)) + " (");
        }
    }

    @Test
    void writesTheSecondInWhichEachMessageCame() {
        for (int seconds : new int[] {0, 1, 1, 86_400, 0}) {
            String content = Fixture.send(
                            ONLY_RECEIVED, octets(FROM), 100, received("m1", Fixture.NOON.plusSeconds(seconds)))
                    .content();
            String date = seconds < 86_400 ? "Wed, 4 Mar 2026 12:00:0" + (5 + seconds) : "Thu, 5 Mar 2026 12:00:05";
            assertThat(content).isEqualTo(RECEIVED.replace("Wed, 4 Mar 2026 12:00:05", date) + FROM);
        }
    }

    private static Origin received(String messageId, Instant moment) {
        Origin base = origin();
        return new Origin(messageId, base.client(), base.identity(), true, true, base.envelope(), moment);
    }

    @Test
    void namesTheRecipientOnlyWhenThereIsOne() {
        assertThat(Fixture.send(
                                ONLY_RECEIVED,
                                octets(FROM),
                                100,
                                origin("c", "192.0.2.7", "a@x.example", "b@x.example"))
                        .content())
                .doesNotContain(" for ")
                .contains("\r\n by relay.example with ESMTPA id m1;\r\n Wed");
    }

    @Test
    void namesInternationalizedRecipientOnlyWithSmtpUtf8() {
        Recipient recipient = new Recipient(MailAddress.parse("j\u00f6rg@example.net"), EsmtpParameters.none());
        for (boolean utf8 : new boolean[] {true, false}) {
            EsmtpParameters parameters = utf8 ? new EsmtpParameters(Map.of("SMTPUTF8", "")) : EsmtpParameters.none();
            Origin base = origin();
            Origin origin = new Origin(
                    "m1",
                    base.client(),
                    base.identity(),
                    true,
                    true,
                    new Envelope(ReversePath.empty(), parameters, List.of(recipient)),
                    Fixture.NOON);
            var result = Fixture.send(ONLY_RECEIVED, octets(FROM), 100, origin);
            String written = new String(octets(result.content()), StandardCharsets.UTF_8);
            assertThat(written.contains("for <j\u00f6rg@example.net>")).isEqualTo(utf8);
            assertThat(result.eightBit()).isEqualTo(utf8);
        }
    }
}
