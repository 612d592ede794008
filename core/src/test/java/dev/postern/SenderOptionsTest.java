package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Choices about senders: envelope sender, sub-domains, display names, signing, and what a listener learns of refusals. */
@OnAnyJdk
class SenderOptionsTest {

    private static final String BODY = "\r\nDate: Thu, 15 Jan 2026 12:00:00 +0000\r\n\r\nhello\r\n";

    @ParameterizedTest
    @CsvSource({
        "true,alice@client.test,true",
        "true,'',true",
        "false,'',false",
        "true,alice@sub.client.test,false",
        "true,alice@CLIENT.test,true",
        "true,eve@foreign.test,false",
        "true,eve@[192.0.2.1],false"
    })
    void alignsEnvelopeSenderByChoice(boolean nullAllowed, String sender, boolean allowed) {
        try (Scene scene = Scene.open(builder -> builder.policies(
                Policies.defaults().withEnvelope(EnvelopePolicy.senderInIdentityDomains(nullAllowed))))) {
            assertThat(scene.alice().mail(sender))
                    .isStandardReply(allowed ? StandardReply.SENDER_OK : StandardReply.SENDER_NOT_ALLOWED);
        }
        try (Scene scene = Scene.open()) {
            assertThat(scene.alice().mail(sender)).isStandardReply(StandardReply.SENDER_OK);
        }
    }

    @Test
    void asksTheHostsPolicyBehindTheAlignment() {
        EnvelopePolicy noRecipients = new EnvelopePolicy() {
            @Override
            public Verdict sender(dev.postern.spi.Envelope envelope, Identity identity, ClientInfo client) {
                return Verdict.proceed();
            }

            @Override
            public Verdict recipient(dev.postern.spi.Envelope envelope, Recipient recipient, Identity identity) {
                return Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS, 0);
            }
        };
        try (Scene scene = Scene.open(builder -> builder.policies(Policies.defaults()
                .withEnvelope(EnvelopePolicy.senderInIdentityDomains(true).and(noRecipients))))) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("eve@foreign.test")).isStandardReply(StandardReply.SENDER_NOT_ALLOWED);
            assertThat(probe.mail("alice@client.test")).isStandardReply(StandardReply.SENDER_OK);
            assertThat(probe.rcpt("bob@dest.test")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "alice@a.client.test,250 2.0.0 Ok: relayed as",
        "alice@b.a.client.test,250 2.0.0 Ok: relayed as",
        "alice@client.test,250 2.0.0 Ok: relayed as",
        "alice@unready.client.test,The domain is not correctly authenticated",
        "alice@notclient.test,does not match authenticated user domain"
    })
    void takesSubDomainsByChoiceOfTheIdentity(String from, String expected) {
        Identity identity = Identity.of("alice@client.test").withDomains("client.test", "*.client.test");
        try (Scene scene = Scene.bare(builder -> builder.auth(AuthSettings.passwords(
                                Authenticator.inMemory().user(identity, "alice").build())
                        .withPlaintext())
                .policies(Policies.defaults()
                        .withSenderDomains(SenderDomains.ofIdentityExcept(Set.of("unready.client.test")))))) {
            SmtpProbe probe = scene.alice();
            Scene.envelope(probe);
            assertThat(probe.data("From: " + from + BODY).toString()).contains(expected);
        }
    }

    @Test
    void refusesImitatedAuthorsByChoice() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().with(Check.IMITATED_AUTHOR)))) {
            SmtpProbe probe = scene.alice();
            Scene.envelope(probe);
            assertThat(probe.data("From: =?utf-8?Q?ceo=40bank=2Etest?= <alice@client.test>" + BODY))
                    .isStandardReply(StandardReply.FROM_DOMAIN_MISMATCH);
            Scene.send(probe);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MAILER-DAEMON <>,true",
        "Mail Delivery System:;,true",
        "Mail Delivery System <MAILER-DAEMON@web1.client.test>,true",
        "Mail Delivery System <MAILER-DAEMON@web1>,true",
        "Mail Delivery System <MAILER-DAEMON@bank.test>,false",
        "ceo@bank.test <>,false"
    })
    void takesNotificationsOfMailSystems(String from, boolean taken) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("")).isStandardReply(StandardReply.SENDER_OK);
            assertThat(probe.rcpt("alice@client.test")).hasCode(250);
            assertThat(probe.data("From: " + from + BODY)).hasCode(taken ? 250 : 554);
            Scene.envelope(probe);
            assertThat(probe.data("From: " + from + BODY)).hasCode(554);
            assertThat(scene.upstream.messages()).hasSize(taken ? 1 : 0);
        }
    }

    /** No mailbox (RFC 5321 section 4.1.2), and nothing that an upstream would take. */
    @Test
    void theDoubleBounceOfQmailAndCourierHasNoSender() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.alice().mail("#@[]")).isStandardReply(StandardReply.SENDER_SYNTAX);
        }
    }

    @Test
    void tellsTheListenerWhatTheReplyDoesNotSay() {
        List<RelayEvent.Refused> told = new CopyOnWriteArrayList<>();
        try (Scene scene = Scene.open(builder -> builder.listener(RelayListener.of(event -> {
            if (event instanceof RelayEvent.Refused refused) {
                told.add(refused);
            }
        })))) {
            SmtpProbe probe = scene.alice();
            for (String message : List.of(
                    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Disposition:"
                            + " attachment; filename=\"bill.pdf\"\r\n\r\nno PDF\r\n--b--\r\n",
                    "Content-Transfer-Encoding: base64\r\n\r\n*\r\n",
                    "\r\nhello\r\n")) {
                Scene.envelope(probe);
                assertThat(probe.data("From: eve@foreign.test\r\n" + message).toString())
                        .startsWith("55");
            }
            assertThat(probe.send("EXPN x")).hasCode(502);
        }
        assertThat(told)
                .extracting(RelayEvent.Refused::detail)
                .startsWith( // at the end, the relay's own stop
                        "part 2 \"bill.pdf\": name says PDF, content is text",
                        "undecodable base64, nothing of it is any (RFC 2045 section 6.8)",
                        "foreign.test",
                        "");
    }

    @Test
    void putsTheSignersFieldsOnTop() {
        String fields = "X-Signed: d=client.test;\r\n\tb=abc\r\nX-More: 1\r\n";
        try (Scene scene =
                Scene.open(builder -> builder.messages(MessageRules.defaults().withSigner(submission -> {
                    assertThat(submission.author().orElseThrow()).hasToString("alice@client.test");
                    return fields;
                })))) {
            Scene.send(scene.alice());
            assertThat(scene.upstream.awaitMessage().contentText())
                    .startsWith(fields + "Received: from ")
                    .endsWith(Scene.MESSAGE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: y",
                "X: y\n",
                "X: y\r\n\r\n",
                "\r\n",
                " X: y\r\n",
                "X y\r\n",
                ": y\r\n",
                "X : y\r\n",
                "X: y\r\n \r\nZ: z\r\n",
                "X: \u00e4\r\n",
                "X: \u0000\r\n",
                "X: y\rz\r\n",
                "throws"
            })
    void sendsNothingUnsignedWhenTheSignerFailsWith421(String fields) {
        try (Scene scene =
                Scene.open(builder -> builder.messages(MessageRules.defaults().withSigner(submission -> {
                    if (fields.equals("throws")) {
                        throw new IllegalStateException("no key");
                    }
                    return fields;
                })))) {
            SmtpProbe probe = scene.alice();
            Scene.envelope(probe);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            assertThat(scene.upstream.messages()).isEmpty();
        }
    }
}
