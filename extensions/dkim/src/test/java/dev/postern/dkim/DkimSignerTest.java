package dev.postern.dkim;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures that the relay makes, and those that it passes on, by the judgement of dkimpy. */
class DkimSignerTest {

    private static final DkimKey RSA_KEY = new DkimKey("example.org", "rsa", TestKeys.RSA.getPrivate());
    private static final DkimKey ED_KEY = new DkimKey("example.org", "ed", TestKeys.ED25519.getPrivate());
    private static final String RSA_GOOD = "example.org rsa True";
    private static final String ED_GOOD = "example.org ed True";

    private static final String PLAIN =
            "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: hello\r\n\r\nHello.\r\n";

    @TempDir
    private Path directory;

    private DkimPy dkimPy() {
        return new DkimPy(directory).with(RSA_KEY, TestKeys.RSA.getPublic()).with(ED_KEY, TestKeys.ED25519.getPublic());
    }

    /** Sends through a relay, and returns what the upstream got. */
    private static byte[] relayed(UnaryOperator<SmtpRelayBuilder> settings, byte[] message) {
        try (FakeUpstream upstream = FakeUpstream.start()) {
            assertThat(reply(upstream, settings, message)).hasCode(250);
            return upstream.awaitMessage().content();
        }
    }

    private static ProbeReply reply(FakeUpstream upstream, UnaryOperator<SmtpRelayBuilder> settings, byte[] message) {
        Identity ann = Identity.of("ann").withDomains("example.org", "*.example.org", "b\u00fccher.example");
        try (SmtpRelay relay = settings.apply(SmtpRelay.builder()
                                .listen("127.0.0.1", 0)
                                .hostName("relay.example")
                                .auth(AuthSettings.defaults().withTrusted("127.0.0.1/32", ann))
                                .upstream(Upstream.smtp("127.0.0.1", upstream.port())))
                        .start();
                SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            assertThat(probe.mail("ann@example.org", "BODY=8BITMIME", "SMTPUTF8"))
                    .hasCode(250);
            assertThat(probe.rcpt("bob@example.net")).hasCode(250);
            return probe.bdat(message, true);
        }
    }

    private static UnaryOperator<SmtpRelayBuilder> signing(DkimKey... keys) {
        return builder -> builder.messages(signed(keys));
    }

    private static MessageRules signed(DkimKey... keys) {
        return MessageRules.defaults().withSigner(DkimSigner.of(DkimKeys.of(keys)));
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Stream<String> messages() {
        return Stream.of(
                PLAIN,
                "From: ann@example.org\r\n\r\n",
                "From: ann@example.org\r\n",
                "From: ann@example.org\r\n\r\n\r\n\r\n\r\n",
                "From: ann@example.org\r\n\r\n \t \r\n\r\na  b\t\tc \t\r\n\r\n\r\nend\r\n \r\n\r\n",
                "From: ann@example.org\r\n\r\n.\r\n..\r\n leading\r\nno line end",
                "fRoM:\r\n \t Ann\r\n\t<ann@example.org> \r\nSUBJECT:\r\nTo:bob@example.net,\r\n  carol@example.net\r\n\r\nx\r\n",
                "Received: from a\r\nFrom: ann@example.org\r\nResent-To: a@example.net\r\nResent-To: b@example.net\r\n"
                        + "Resent-To: c@example.net\r\nSubject: one\r\nSubject: two\r\n\r\nx\r\n",
                "From: \u00c4nn <ann@example.org>\r\nSubject: gr\u00fc\u00dfe \u65e5\u672c\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Transfer-Encoding: 8bit\r\n\r\nsch\u00f6n \u00a0 \u65e5\r\n",
                "From: ann@example.org\r\nTo: " + "someone@example.net,\r\n ".repeat(3000) + "x@example.net\r\n"
                        + "X-Long: " + "y".repeat(100_000) + "\r\nSubject: kept\r\n\r\nx\r\n",
                "From: ann@example.org\r\nList-Unsubscribe: <https://example.org/u>\r\nList-Unsubscribe-Post:"
                        + " List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                        + "--b\r\n\r\n" + "long ".repeat(5000) + "\r\n--b--\r\n",
                "From: ann@sub.example.org\r\n\r\nsigned by the domain above\r\n");
    }

    @ParameterizedTest
    @MethodSource("messages")
    @Needs(Tool.DKIMPY)
    void bothSignaturesAreGood(String message) throws Exception {
        byte[] signed = relayed(signing(RSA_KEY, ED_KEY), octets(message));
        assertThat(dkimPy().verify(signed)).containsExactly(RSA_GOOD, ED_GOOD);
        String header = new String(signed, StandardCharsets.ISO_8859_1).split("\r\n\r\n")[0];
        assertThat(header.lines().filter(line -> line.length() > 78 && !line.startsWith("X-Long")))
                .as("lines of the signatures are short")
                .noneMatch(line -> line.contains("DKIM") || line.startsWith(" h="));
    }

    @Test
    @Needs(Tool.DKIMPY)
    void signsAMessageThatIsHeldInAFile() throws Exception {
        byte[] large = new byte[20 << 20];
        Arrays.fill(large, (byte) 'x');
        byte[] begin = octets(PLAIN);
        System.arraycopy(begin, 0, large, 0, begin.length);
        for (int i = begin.length + 70; i < large.length; i += 72) {
            large[i] = '\r';
            if (i + 1 < large.length) {
                large[i + 1] = '\n';
            }
        }
        large[large.length - 2] = '\r';
        large[large.length - 1] = '\n';
        byte[] signed = relayed(
                builder -> signing(RSA_KEY, ED_KEY)
                        .apply(builder)
                        .storage(ContentStorage.defaults()
                                .withMemoryPerMessage(0)
                                .withMemory(0)),
                large);
        assertThat(dkimPy().verify(signed)).containsExactly(RSA_GOOD, ED_GOOD);
        assertThat(Arrays.equals(signed, signed.length - large.length, signed.length, large, 0, large.length))
                .isTrue();
    }

    @Test
    @Needs(Tool.DKIMPY)
    void aChangeOfWhatIsSignedBreaksTheSignature() throws Exception {
        String signed = new String(relayed(signing(RSA_KEY, ED_KEY), octets(PLAIN)), StandardCharsets.ISO_8859_1);
        for (String changed : List.of(
                signed.replace("Hello.", "Hullo."),
                signed.replace("Subject: hello", "Subject: hullo"),
                signed.replace("Ann <ann@", "Eve <ann@"),
                "From: eve@foreign.example\r\n" + signed,
                "Subject: another\r\n" + signed)) {
            assertThat(changed).isNotEqualTo(signed);
            assertThat(dkimPy().verify(changed.getBytes(StandardCharsets.ISO_8859_1)))
                    .hasSize(2)
                    .doesNotContain(RSA_GOOD, ED_GOOD);
        }
        assertThat(dkimPy().verify(octets("X-Added: on the way\r\n" + signed))).containsExactly(RSA_GOOD, ED_GOOD);
    }

    @Test
    @Needs(Tool.DKIMPY)
    void clientsSignatureSurvivesTheFixUpsAndOurs() throws Exception {
        String withoutDate = PLAIN.replace("To: bob", "Bcc: carol@example.net\r\nTo: bob");
        // signed by the client for itself: a relay without fix-ups makes it, one with all of them passes it on
        byte[] byClient =
                relayed(builder -> builder.messages(signed(ED_KEY).without(FixUp.values())), octets(withoutDate));
        assertThat(new String(byClient, StandardCharsets.ISO_8859_1))
                .startsWith("DKIM-Signature")
                .contains("Bcc:");
        assertThat(dkimPy().verify(byClient)).containsExactly(ED_GOOD);
        byte[] passedOn = relayed(builder -> builder, byClient);
        assertThat(new String(passedOn, StandardCharsets.ISO_8859_1))
                .startsWith("Received:")
                .contains("\r\nDate: ", "\r\nMessage-ID: ")
                .doesNotContain("Bcc:");
        assertThat(dkimPy().verify(passedOn)).containsExactly(ED_GOOD);
        assertThat(dkimPy().verify(relayed(signing(RSA_KEY), byClient))).containsExactly(RSA_GOOD, ED_GOOD);
    }

    /** A name is signed or not, so that of very many fields nothing grows beyond what verifiers read. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x"})
    @Needs(Tool.DKIMPY)
    void ofVeryManyFieldsOfANameNoneIsSigned(String value) throws Exception {
        String message =
                "From: ann@example.org\r\nSubject: kept\r\n" + ("Cc:" + value + "\r\n").repeat(60_000) + "\r\nx\r\n";
        String field = DkimSigner.of(DkimKeys.of(RSA_KEY))
                .sign(TestMessage.of(message).submission().withAuthor(MailAddress.parse("ann@example.org")));
        assertThat(field).contains("h=from:from:subject:subject;").hasSizeLessThan(1000);
        assertThat(dkimPy().verify(octets(field + message))).containsExactly(RSA_GOOD);
    }

    @Test
    @Needs(Tool.DKIMPY)
    void signsAsManyFieldsOfANameAsFit() throws Exception {
        String message = "From: ann@example.org\r\n" + "Resent-To: a@example.net\r\n".repeat(500) + "\r\nx\r\n";
        assertThat(dkimPy().verify(relayed(signing(RSA_KEY), octets(message)))).containsExactly(RSA_GOOD);
    }

    static Stream<String> fixUps() {
        return IntStream.range(0, 16)
                .mapToObj(bits -> IntStream.range(0, 4)
                        .mapToObj(bit -> String.valueOf((bits >> bit & 1) == 1))
                        .collect(Collectors.joining(" ")));
    }

    @ParameterizedTest
    @MethodSource("fixUps")
    @Needs(Tool.DKIMPY)
    void signsBehindEveryChoiceOfFixUps(String choice) throws Exception {
        boolean[] on = new boolean[4];
        List<FixUp> inOrder = List.of(FixUp.RECEIVED, FixUp.DATE, FixUp.MESSAGE_ID, FixUp.REMOVE_BCC);
        MessageRules rules = signed(RSA_KEY).without(FixUp.values());
        for (int i = 0; i < 4; i++) {
            on[i] = Boolean.parseBoolean(choice.split(" ")[i]);
            rules = on[i] ? rules.with(inOrder.get(i)) : rules;
        }
        MessageRules chosen = rules;
        byte[] signed = relayed(builder -> builder.messages(chosen), octets("Bcc: carol@example.net\r\n" + PLAIN));
        assertThat(dkimPy().verify(signed)).containsExactly(RSA_GOOD);
        String text = new String(signed, StandardCharsets.ISO_8859_1);
        assertThat(text.contains("\r\nReceived:")).isEqualTo(on[0]);
        assertThat(text.contains("\r\nDate:")).isEqualTo(on[1]);
        assertThat(text.contains("\r\nMessage-ID:")).isEqualTo(on[2]);
        assertThat(text.contains("\r\nBcc:")).isEqualTo(!on[3]);
    }

    @Test
    @Needs(Tool.DKIMPY)
    void signsInternationalDomainsByTheirALabel() throws Exception {
        DkimKey key = new DkimKey("B\u00fccher.example", "s1", TestKeys.RSA.getPrivate());
        byte[] signed = relayed(signing(key, RSA_KEY), octets("From: ann@b\u00fccher.example\r\n\r\nx\r\n"));
        assertThat(new DkimPy(directory).with(key, TestKeys.RSA.getPublic()).verify(signed))
                .containsExactly("xn--bcher-kva.example s1 True");
    }

    @Test
    void sendsUnsignedWhereThereIsNoKey() throws Exception {
        DkimKey other = new DkimKey("example.com", "rsa", TestKeys.RSA.getPrivate());
        byte[] sent = relayed(signing(other), octets(PLAIN));
        assertThat(new String(sent, StandardCharsets.ISO_8859_1))
                .startsWith("Received:")
                .endsWith(PLAIN);
    }

    @Test
    void sendsNothingWhenTheKeysFailWith421() {
        try (FakeUpstream upstream = FakeUpstream.start()) {
            assertThat(reply(
                            upstream,
                            builder -> builder.messages(
                                    MessageRules.defaults().withSigner(DkimSigner.of((identity, domain) -> {
                                        throw new IllegalStateException("key store is down");
                                    }))),
                            octets(PLAIN)))
                    .isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            assertThat(upstream.messages()).isEmpty();
        }
    }

    @Test
    void readsKeysOfPemAndTellsNothingOfThem() {
        for (KeyPair pair : List.of(TestKeys.RSA, TestKeys.ED25519)) {
            String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(pair.getPrivate().getEncoded());
            DkimKey key = DkimKey.fromPem(
                    "Example.org", "s1", "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n");
            assertThat(key.privateKey()).isEqualTo(pair.getPrivate());
            assertThat(key).hasToString("s1._domainkey.example.org");
        }
    }

    @Test
    void refusesWhatCannotSign() {
        assertThatThrownBy(() -> new DkimKey("no domain", "s", TestKeys.RSA.getPrivate()))
                .hasMessageContaining("domain");
        assertThatThrownBy(() -> new DkimKey("example.org", "", TestKeys.RSA.getPrivate()))
                .hasMessageContaining("selector");
        assertThatThrownBy(() -> new DkimKey("example.org", "a;b", TestKeys.RSA.getPrivate()))
                .hasMessageContaining("selector");
        assertThatThrownBy(() -> new DkimKey(
                        "example.org", "s", TestKeys.pair("RSA", 1024).getPrivate()))
                .hasMessageContaining("privateKey");
        assertThatThrownBy(() ->
                        new DkimKey("example.org", "s", TestKeys.pair("EC", 256).getPrivate()))
                .hasMessageContaining("privateKey");
        assertThatThrownBy(() -> new DkimKey(
                        "example.org", "s", TestKeys.pair("Ed448", 448).getPrivate()))
                .hasMessageContaining("privateKey");
        for (String pem : List.of(
                "",
                "-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nsecret!\n-----END PRIVATE KEY-----")) {
            assertThatThrownBy(() -> DkimKey.fromPem("example.org", "s", pem))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("pem")
                    .hasMessageNotContaining("secret");
        }
    }
}
