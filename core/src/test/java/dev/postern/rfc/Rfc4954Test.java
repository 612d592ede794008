package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Verdict;
import dev.postern.testkit.Access;
import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 4954, SMTP Service Extension for Authentication, with PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login). */
class Rfc4954Test {

    /** Alice's name and password, as PLAIN has them. */
    private static final String ALICE = base64("\0alice@client.test\0alice");

    // 3. The extension

    @Test
    void s3_mechanismsAreOfferedOnlyWhereTheyMayBeUsed() {
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(Scene.users())))) {
            assertThat(auth(scene.ready(Access.CLEAR).ehlo())).isEmpty();
            assertThat(auth(scene.ready(Access.STARTTLS).ehlo())).containsExactly("AUTH PLAIN LOGIN");
            assertThat(auth(scene.ready(Access.IMPLICIT_TLS).ehlo())).containsExactly("AUTH PLAIN LOGIN");
        }
    }

    // 4. The AUTH command

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "plain", "PlAiN"})
    void s4_theMechanismIsTakenInAnyCase(String mechanism) {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: auth %s %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(mechanism, ALICE));
        }
    }

    @OnAnyJdk
    @Test
    void s4_aMechanismThatIsNotOfferedIs504() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH CRAM-MD5
                    S: 504 5.5.4 *
                    C: AUTH EXTERNAL =
                    S: 504 5.5.4 *
                    C: AUTH PLAIN %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(ALICE));
        }
    }

    @OnAnyJdk
    @Test
    void s4_authInATransactionIs503AndTheTransactionStands() {
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(Scene.users())
                .withPlaintext()
                .withTrusted("127.0.0.1", Identity.of("bert@beta.test"))))) {
            hold(scene.ready(Access.CLEAR), """
                    C: MAIL FROM:<bert@beta.test>
                    S: 250 2.1.0 Sender ok
                    C: AUTH PLAIN %s
                    S: 503 5.5.1 *
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """.formatted(ALICE));
        }
    }

    @OnAnyJdk
    @Test
    void s4_authAfterSuccessIs503AndTheLoginStands() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: AUTH PLAIN %s
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """.formatted(base64("\0bert@beta.test\0bert")));
        }
    }

    @OnAnyJdk
    @Test
    void s4_authBeforeEhloIs503() {
        try (Scene scene = Scene.open()) {
            hold(scene.connect(Access.CLEAR), """
                    S: 220 relay.test *
                    C: AUTH PLAIN %s
                    S: 503 5.5.1 *
                    """.formatted(ALICE));
        }
    }

    @OnAnyJdk
    @Test
    void s4_afterAFailureTheClientMayTryAgain() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN %s
                    S: 535 5.7.8 *
                    C: MAIL FROM:<alice@client.test>
                    S: 530 5.7.0 *
                    C: AUTH PLAIN %s
                    S: 235 2.7.0 Authentication succeeded
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """.formatted(base64("\0alice@client.test\0wrong"), ALICE));
        }
    }

    @OnAnyJdk
    @Test
    void s4_anEqualsSignIsAnEmptyInitialResponseAndNotAMissingOne() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN =
                    S: 501 5.5.2 *
                    C: AUTH LOGIN =
                    S: 334 UGFzc3dvcmQ6
                    C: *
                    S: 501 5.7.0 *
                    """);
        }
    }

    @OnAnyJdk
    @Test
    void s4_aChallengeIs334AndASpaceAlsoWhenItIsEmpty() {
        try (Scene scene = Scene.open()) {
            ProbeReply challenge = scene.ready(Access.CLEAR).send("AUTH PLAIN");
            assertThat(challenge.wire()).asString(StandardCharsets.US_ASCII).isEqualTo("334 \r\n");
        }
    }

    @OnAnyJdk
    @Test
    void s4_aStarCancelsAndTheSessionGoesOn() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN
                    S: 334 *
                    C: *
                    S: 501 5.7.0 Authentication cancelled
                    C: NOOP
                    S: 250 2.0.0 Ok
                    C: AUTH PLAIN %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(ALICE));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"!!!!", "AGE", "AG=E", "AGEAYg== ", "AGEA Yg==", "AGEAYg", "====", "A-_A", "NOOP", "QUIT "})
    void s4_whatIsNoBase64Is501AndEndsTheExchange(String response) {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN
                    S: 334 *
                    C| %s<CRLF>
                    S: 501 5.5.2 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """.formatted(response));
        }
    }

    /** Its octets must not be run as commands. */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"BDAT 6", "bdat 6 LAST", "BDAT 0", "BDAT\t6", " BDAT 6", "BDAT six", "BDAT6"})
    void s4_aChunkInAnExchangeEndsTheSession(String line) {
        try (Scene scene = Scene.open()) {
            for (String mechanism : List.of("PLAIN", "LOGIN")) {
                hold(scene.ready(Access.CLEAR), """
                        C: AUTH %s
                        S: 334 *
                        C: %s
                        C: QUIT
                        S: 501 5.5.2 Cannot decode authentication data
                        -- closed
                        """.formatted(mechanism, line));
            }
        }
    }

    @OnAnyJdk
    @Test
    void s4_base64ThatReadsLikeAChunkIsAnAnswer() {
        byte[] password = Base64.getDecoder().decode("BDATBDAT");
        Authenticator one = Authenticator.inMemory()
                .user(Identity.of("alice@client.test"), new String(password, StandardCharsets.US_ASCII))
                .build();
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(one).withPlaintext()))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH LOGIN
                    S: 334 *
                    C: %s
                    S: 334 *
                    C: BDATBDAT
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64("alice@client.test")));
        }
    }

    @OnAnyJdk
    @Test
    void s4_aLineOfAnExchangeEndsWithCrlfAlone() {
        try (Scene scene = Scene.open()) {
            for (String octets : List.of(ALICE + "<LF>", "<CR>" + ALICE + "<CRLF>", ALICE + "<CR><CRLF>", "*<LF>")) {
                hold(scene.ready(Access.CLEAR), """
                        C: AUTH PLAIN
                        S: 334 *
                        C| %s
                        C: NOOP
                        S: 500 5.5.2 Line must end with CRLF, closing connection
                        -- closed
                        """.formatted(octets));
            }
        }
    }

    @OnAnyJdk
    @Test
    void s4_anAnswerHas12288OctetsAtMostWithItsLineEnd() {
        try (Scene scene = Scene.open()) {
            String longest = "A".repeat(12_284); // what base64 can make of 12,286
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN
                    S: 334 *
                    C: %s
                    S: 501 5.5.2 *
                    C: AUTH PLAIN
                    S: 334 *
                    C: %sAAAA
                    S: 500 5.5.2 Line too long
                    C: AUTH PLAIN %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(longest, longest, ALICE));
        }
    }

    @OnAnyJdk
    @Test
    void s4_aPasswordThatFillsTheLineIsRead() {
        String password = "p".repeat(9_000);
        Authenticator one = Authenticator.inMemory()
                .user(Identity.of("alice@client.test"), password)
                .build();
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(one).withPlaintext()))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN
                    S: 334 *
                    C: %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64("\0alice@client.test\0" + password)));
        }
    }

    @OnAnyJdk
    @Test
    void s4_malformedAuthIs501() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH
                    S: 501 5.5.4 *
                    C: AUTH PLAIN AGEAYg== more
                    S: 501 5.5.4 *
                    """);
        }
    }

    // 5. AUTH= of MAIL

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"AUTH=<>", "AUTH=alice@client.test", "AUTH=e+3Dmc2@example.com", "auth=<>"})
    void s5_mailTakesAuth(String parameter) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> %s
                    S: 250 2.1.0 Sender ok
                    """.formatted(parameter));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {
                "AUTH",
                "AUTH=",
                "AUTH=e=mc2",
                "AUTH=e+3dmc2",
                "AUTH=a+0D+0Ab",
                "AUTH=<> AUTH=<>",
                "AUTH=mc2",
                "AUTH=mc2@",
                "AUTH=a b@c.test",
                "AUTH=a+20b@c.test",
                "AUTH=<a@c.test>",
                "AUTH=+C3+28@c.test"
            })
    void s5_aMalformedAuthOfMailIs501(String parameter) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> %s
                    S: 501 5.5.4 *
                    """.formatted(parameter));
        }
    }

    @OnAnyJdk
    @Test
    void s5_anUpstreamWithoutAuthIsNotGivenTheParameter() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> AUTH=<>
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
            assertThat(scene.upstream.awaitMessage().mailParameters()).noneMatch(p -> p.startsWith("AUTH"));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"AUTH=<>", "AUTH=ceo@bank.test", "AUTH=alice@client.test", "auth=c+65o@bank.test"})
    void s5_anUpstreamThatTheRelayHasLoggedInToIsToldThatNobodyKnowsTheSubmitter(String parameter) {
        try (Scene scene = Scene.open(builder -> builder, Scene::byStartTlsAndLogin)) {
            assertThat(submitted(scene, parameter)).containsExactly("AUTH=<>");
        }
    }

    @OnAnyJdk
    @Test
    void s5_whereTheClientNamesNobodyNorDoesTheRelay() {
        try (Scene scene = Scene.open(builder -> builder, Scene::byStartTlsAndLogin)) {
            assertThat(submitted(scene, "BODY=7BIT")).isEmpty();
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"AUTH=<>", "AUTH=ceo@bank.test"})
    void s5_anUpstreamThatTheRelayHasNotLoggedInToIsToldNothingOfTheSubmitter(String parameter) {
        try (Scene scene =
                Scene.open(builder -> builder.policies(Policies.defaults().withEnvelope(VOUCHING)))) {
            scene.upstream.withExtension("AUTH PLAIN");
            assertThat(submitted(scene, parameter)).isEmpty();
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @CsvSource({
        "AUTH=alice@client.test,AUTH=alice@client.test",
        "AUTH=a+6Cice@client.test,AUTH=a+6Cice@client.test",
        "AUTH=ceo@bank.test,AUTH=<>",
        "AUTH=throws@client.test,AUTH=<>",
        "AUTH=<>,AUTH=<>"
    })
    void s5_aMailboxThatThePolicyVouchesForIsNamed(String parameter, String named) {
        try (Scene scene = Scene.open(
                builder -> builder.policies(Policies.defaults()
                        .withEnvelope(
                                EnvelopePolicy.senderInIdentityDomains(true).and(VOUCHING))),
                Scene::byStartTlsAndLogin)) {
            assertThat(submitted(scene, parameter)).containsExactly(named);
        }
    }

    private static final EnvelopePolicy VOUCHING = new EnvelopePolicy() {
        @Override
        public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
            return Verdict.proceed();
        }

        @Override
        public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
            return Verdict.proceed();
        }

        @Override
        public boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
            if (submitter.localPart().equals("throws")) {
                throw new IllegalStateException("no directory");
            }
            return submitter.toString().equals(identity.user());
        }
    };

    /** What the upstream hears of the submitter. */
    private static List<String> submitted(Scene scene, String parameter) {
        SmtpProbe probe = scene.alice();
        SmtpAssertions.assertThat(probe.send("MAIL FROM:<alice@client.test> " + parameter))
                .hasCode(250);
        SmtpAssertions.assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
        SmtpAssertions.assertThat(probe.data(Scene.MESSAGE)).hasCode(250);
        return scene.upstream.awaitMessage().mailParameters().stream()
                .filter(each -> each.startsWith("AUTH"))
                .toList();
    }

    // 6. Without AUTH

    @OnAnyJdk
    @Test
    void s6_mailWithoutAuthIs530WhateverItSays() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: MAIL FROM:<alice@client.test>
                    S: 530 5.7.0 Authentication required
                    C: MAIL FROM:<>
                    S: 530 5.7.0 Authentication required
                    C: MAIL FROM:
                    S: 530 5.7.0 Authentication required
                    C: NOOP
                    S: 250 2.0.0 Ok
                    C: RSET
                    S: 250 2.0.0 Reset
                    """);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {
                "victim@dest.test",
                "victim%dest.test@relay.test",
                "dest.test!victim@relay.test",
                "@relay.test:victim@dest.test",
                "\"victim@dest.test\"@relay.test",
                "victim@[192.0.2.1]",
                "victim@relay.test"
            })
    void s6_noFormOfAnAddressIsRelayedWithoutAuth(String path) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            for (String sender : List.of("", "alice@client.test", "postmaster@relay.test", "a@[127.0.0.1]")) {
                hold(
                        probe,
                        "C: MAIL FROM:<" + sender + ">\nC: RCPT TO:<" + path + ">\nC: DATA\n"
                                + "S: 530 5.7.0 *\n".repeat(3));
            }
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    // RFC 4616, PLAIN

    @OnAnyJdk
    @Test
    void rfc4616_s2_anAuthorizationIdentityMayRepeatTheName() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64("alice@client.test\0alice@client.test\0alice")));
        }
    }

    @OnAnyJdk
    @Test
    void rfc4616_s2_anotherAuthorizationIdentityIsRefusedThoughThePasswordIsRight() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN %s
                    S: 535 5.7.8 Authentication credentials invalid
                    C: MAIL FROM:<alice@client.test>
                    S: 530 5.7.0 *
                    """.formatted(base64("bert@beta.test\0alice@client.test\0alice")));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice@client.test",
                "\0alice@client.test",
                "\0alice@client.test\0alice\0",
                "alice\0alice",
                "\0\0\0"
            })
    void rfc4616_s2_aMessageHasTwoNulOctetsAndNoMore(String message) {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN %s
                    S: 501 5.5.2 *
                    """.formatted(base64(message)));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"\0\0", "\0\0alice", "\0alice@client.test\0"})
    void rfc4616_s2_neitherNameNorPasswordMayBeEmpty(String message) {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN %s
                    S: 535 5.7.8 *
                    """.formatted(base64(message)));
        }
    }

    @Test
    void rfc4616_s2_namesAndPasswordsAreUtf8() {
        Authenticator one = Authenticator.inMemory()
                .user(Identity.of("j\u00f6rg@client.test"), "pa\u00df\u2028")
                .build();
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(one).withPlaintext()))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN %s
                    S: 501 5.5.2 *
                    C: AUTH PLAIN %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(
                            Base64.getEncoder()
                                    .encodeToString("\0j\u00f6rg@client.test\0x".getBytes(StandardCharsets.ISO_8859_1)),
                            base64("\0j\u00f6rg@client.test\0pa\u00df\u2028")));
        }
    }

    // LOGIN

    @OnAnyJdk
    @Test
    void login_asksForNameThenPassword() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH LOGIN
                    S: 334 VXNlcm5hbWU6
                    C: %s
                    S: 334 UGFzc3dvcmQ6
                    C: %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64("alice@client.test"), base64("alice")));
        }
    }

    @OnAnyJdk
    @Test
    void login_takesTheNameAsAnInitialResponse() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH LOGIN %s
                    S: 334 UGFzc3dvcmQ6
                    C: %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64("alice@client.test"), base64("alice")));
        }
    }

    @OnAnyJdk
    @Test
    void login_badBase64InEitherAnswerIs501() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH LOGIN
                    S: 334 VXNlcm5hbWU6
                    C: alice@client.test
                    S: 501 5.5.2 *
                    C: AUTH LOGIN
                    S: 334 VXNlcm5hbWU6
                    C: %s
                    S: 334 UGFzc3dvcmQ6
                    C: not base64
                    S: 501 5.5.2 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """.formatted(base64("alice@client.test")));
        }
    }

    @OnAnyJdk
    @Test
    void login_anUnknownNameIsAskedForItsPasswordAsWell() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH LOGIN %s
                    S: 334 UGFzc3dvcmQ6
                    C: %s
                    S: 535 5.7.8 Authentication credentials invalid
                    """.formatted(base64("nobody@client.test"), base64("alice")));
        }
    }

    private static List<String> auth(ProbeReply ehlo) {
        return ehlo.extensions().stream().filter(e -> e.startsWith("AUTH")).toList();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
