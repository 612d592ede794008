package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.MessageRules;
import dev.postern.testkit.Access;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.testkit.upstream.ReceivedRecipient;
import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 3461, SMTP Service Extension for Delivery Status Notifications: kept for the upstream, when the host says so. */
@OnAnyJdk
class Rfc3461Test {

    private static Scene withDsn() {
        return Scene.open(b -> b.messages(MessageRules.defaults().withDsn()));
    }

    @Test
    void s4_offeredOnlyWhenTheHostSaysSo() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).doesNotContain("DSN");
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> RET=FULL
                    S: 555 5.5.4 * RET
                    C: MAIL FROM:<alice@client.test> ENVID=x
                    S: 555 5.5.4 * ENVID
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test> NOTIFY=NEVER
                    S: 555 5.5.4 * NOTIFY
                    C: RCPT TO:<bob@dest.test> ORCPT=rfc822;bob@dest.test
                    S: 555 5.5.4 * ORCPT
                    """);
        }
        try (Scene scene = withDsn()) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).contains("DSN");
        }
    }

    @Test
    void s5_2_theParametersArePassedOnAsTheyStand() {
        try (Scene scene = withDsn()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> RET=HDRS ENVID=QQ314159+2B
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<one@dest.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;One+2Bx@dest.test
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<two@dest.test> NOTIFY=NEVER
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<three@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            ReceivedMessage message = scene.upstream.awaitMessage();
            assertThat(message.mailParameters()).contains("RET=HDRS", "ENVID=QQ314159+2B");
            assertThat(message.recipients())
                    .extracting(ReceivedRecipient::parameters)
                    .extracting(Object::toString)
                    .containsExactly("[NOTIFY=SUCCESS,DELAY, ORCPT=rfc822;One+2Bx@dest.test]", "[NOTIFY=NEVER]", "[]");
        }
    }

    @Test
    void s5_2_2_anUpstreamWithoutDsnIsNotGivenTheParameters() {
        try (Scene scene = withDsn()) {
            scene.upstream.withoutExtension("DSN");
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> RET=HDRS
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<one@dest.test> NOTIFY=FAILURE
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            assertThat(scene.upstream.commands()).noneMatch(line -> line.contains("RET=") || line.contains("NOTIFY="));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOTIFY=",
                "NOTIFY=NEVER,SUCCESS",
                "NOTIFY=SUCCESS,NEVER",
                "NOTIFY=SUCCESS,",
                "NOTIFY=SOMETIMES",
                "NOTIFY=NEVER NOTIFY=NEVER"
            })
    void s4_1_aMalformedNotifyIs501(String parameter) {
        assertRecipientRefused(parameter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"NOTIFY=never", "notify=Success,Failure,Delay", "ORCPT=RFC822;bob@dest.test", "ORCPT=x-400;a"})
    void s4_keywordsAndTheirValuesAreTakenInAnyCase(String parameter) {
        try (Scene scene = withDsn()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> ret=full envid=A
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test> %s
                    S: 250 2.1.5 Recipient ok
                    """.formatted(parameter));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ORCPT=bob@dest.test",
                "ORCPT=rfc822;",
                "ORCPT=;bob@dest.test",
                "ORCPT=rfc822;a+b@dest.test",
                "ORCPT=rfc822;a+2b@dest.test",
                "ORCPT=rfc822;a=b@dest.test",
                "ORCPT=rfc822;a+0D+0Ab@dest.test",
                "ORCPT=rfc822;a+00b@dest.test",
                "ORCPT=rfc822;a+7Fb@dest.test",
                "ORCPT=rfc822;a ORCPT=rfc822;b"
            })
    void s4_2_aMalformedOrcptIs501(String parameter) {
        assertRecipientRefused(parameter);
    }

    @Test
    void s4_2_orcptHas500CharactersAtMost() {
        try (Scene scene = withDsn()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test> ORCPT=rfc822;%s
                    S: 501 5.5.4 *
                    C: RCPT TO:<bob@dest.test> ORCPT=rfc822;%s
                    S: 250 2.1.5 Recipient ok
                    """.formatted("x".repeat(501), "x".repeat(493)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RET=", "RET=BODY", "RET=FULL RET=FULL"})
    void s4_3_aMalformedRetIs501(String parameter) {
        assertSenderRefused(parameter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENVID=", "ENVID=a+b", "ENVID=a+0Ab", "ENVID=a+1Bb", "ENVID=a ENVID=b"})
    void s4_4_aMalformedEnvidIs501(String parameter) {
        assertSenderRefused(parameter);
    }

    @Test
    void s4_4_envidHas100CharactersAtMost() {
        try (Scene scene = withDsn()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> ENVID=%sx
                    S: 501 5.5.4 *
                    C: MAIL FROM:<alice@client.test> ENVID=%s
                    S: 250 2.1.0 Sender ok
                    """.formatted("x".repeat(100), "x".repeat(100)));
        }
    }

    private static void assertSenderRefused(String parameter) {
        try (Scene scene = withDsn()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> %s
                    S: 501 5.5.4 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """.formatted(parameter));
        }
    }

    private static void assertRecipientRefused(String parameter) {
        try (Scene scene = withDsn()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test> %s
                    S: 501 5.5.4 *
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """.formatted(parameter));
        }
    }

    private static String content() {
        return """
                C: DATA
                S: 354 *
                C: From: alice@client.test
                C:
                C: .
                S: 250 2.0.0 Ok: relayed as *
                """;
    }
}
