package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.testkit.Access;
import dev.postern.tools.OnAnyJdk;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6409, Message Submission for Mail. */
@OnAnyJdk
class Rfc6409Test {

    // 4. Mandatory actions

    @Test
    void s4_1_aRejectedMessageLeavesTheSessionUsable() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: From: somebody@elsewhere.test
                    C:
                    C: .
                    S: 554 5.6.0 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """);
        }
    }

    @ParameterizedTest
    @EnumSource
    void s4_3_nothingIsSubmittedWithoutALogin(Access access) {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(access), """
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<bob@dest.test>
                    C: DATA
                    S: 530 5.7.0 Authentication required
                    S: 530 5.7.0 Authentication required
                    S: 530 5.7.0 Authentication required
                    """);
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    // 6. Optional actions

    @ParameterizedTest
    @ValueSource(strings = {"alice", "alice@", "@client.test", "alice@client..test", "alice @client.test"})
    void s6_1_theSyntaxOfAddressesIsEnforced(String address) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<%s>
                    S: 501 5.5.4 Bad sender address syntax
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s>
                    S: 501 5.5.4 Recipient rejected: bad recipient address syntax
                    """.formatted(address, address));
        }
    }

    @Test
    void s6_3_theRightToAnEnvelopeSenderIsEnforcedWhereTheHostSaysSo() {
        try (Scene scene = Scene.open(
                b -> b.policies(Policies.defaults().withEnvelope(EnvelopePolicy.senderInIdentityDomains())))) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@elsewhere.test>
                    S: 553 5.7.1 Sender address not allowed for authenticated user
                    C: MAIL FROM:<alice@sub.client.test>
                    S: 553 5.7.1 Sender address not allowed for authenticated user
                    C: MAIL FROM:<>
                    S: 250 2.1.0 Sender ok
                    """);
        }
    }

    // 7. Interaction with SMTP extensions

    @Test
    void s7_whatASubmissionServerMustAndShouldOfferIsOffered() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withDsn()))) {
            assertThat(keywords(scene.ready(Access.STARTTLS)
                            .send("EHLO client.test")
                            .extensions()))
                    .contains(
                            "PIPELINING",
                            "ENHANCEDSTATUSCODES",
                            "SIZE",
                            "8BITMIME",
                            "SMTPUTF8",
                            "CHUNKING",
                            "DSN",
                            "AUTH")
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void s7_etrnIsNeitherOfferedNorDone() {
        try (Scene scene = Scene.open()) {
            assertThat(keywords(scene.ready(Access.CLEAR).ehlo().extensions())).doesNotContain("ETRN", "ATRN");
            hold(scene.alice(), """
                    C: ETRN client.test
                    S: 502 5.5.1 Command not implemented
                    """);
        }
    }

    // 8. Message modifications

    @Test
    void s8_2_and8_3_dateAndMessageIdAreAddedWhereMissing() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: Hello
                    C: .
                    S: 250 2.0.0 *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText())
                    .matches("(?s)Received: .*;\r\n Thu, 15 Jan 2026 12:00:00 \\+0000\r\n"
                            + "Date: Thu, 15 Jan 2026 12:00:00 \\+0000\r\n"
                            + "Message-ID: <[0-9A-Za-z.-]+@relay\\.test>\r\n"
                            + "From: alice@client\\.test\r\n\r\nHello\r\n");
        }
    }

    @Test
    void s8_2_and8_3_dateAndMessageIdThatAreThereStayAsTheyAre() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().without(FixUp.RECEIVED)))) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: dAtE: not a date
                    C: message-id:
                    C:  <folded@client.test>
                    C: From: alice@client.test
                    C:
                    C: Hello
                    C: .
                    S: 250 2.0.0 *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText())
                    .isEqualTo("dAtE: not a date\r\nmessage-id:\r\n <folded@client.test>\r\n"
                            + "From: alice@client.test\r\n\r\nHello\r\n");
        }
    }

    @Test
    void s8_bccIsTakenOff() {
        try (Scene scene = Scene.open(
                b -> b.messages(MessageRules.defaults().without(FixUp.RECEIVED, FixUp.DATE, FixUp.MESSAGE_ID)))) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C: Bcc: secret@dest.test,
                    C:  other@dest.test
                    C: bCC:
                    C: Subject: Bcc: stays
                    C:
                    C: Bcc: stays
                    C: .
                    S: 250 2.0.0 *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText())
                    .isEqualTo("From: alice@client.test\r\nSubject: Bcc: stays\r\n\r\nBcc: stays\r\n");
        }
    }

    private static List<String> keywords(List<String> extensions) {
        return extensions.stream()
                .map(e -> e.split(" ", 2)[0].toUpperCase(Locale.ROOT))
                .toList();
    }
}
