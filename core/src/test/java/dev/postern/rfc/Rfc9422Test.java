package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.SmtpRelayBuilder;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.testkit.Access;
import dev.postern.tools.OnAnyJdk;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** RFC 9422, The LIMITS SMTP Service Extension. */
@OnAnyJdk
class Rfc9422Test {

    @Test
    void s3_theConfiguredLimitsAreAnnounced() {
        assertThat(limits(b -> b)).containsExactly("LIMITS MAILMAX=20 RCPTMAX=50");
        assertThat(limits(b -> b.sessions(SessionLimits.defaults().withMessages(7))
                        .messages(MessageRules.defaults().withMaxRecipients(100))))
                .containsExactly("LIMITS MAILMAX=7 RCPTMAX=100");
    }

    @Test
    void s3_whatHasNoLimitIsLeftOut() {
        assertThat(limits(b -> b.sessions(SessionLimits.defaults().withMessages(Integer.MAX_VALUE))))
                .containsExactly("LIMITS RCPTMAX=50");
        assertThat(limits(b -> b.messages(MessageRules.defaults().withMaxRecipients(Integer.MAX_VALUE))))
                .containsExactly("LIMITS MAILMAX=20");
        assertThat(limits(b -> b.sessions(SessionLimits.defaults().withMessages(Integer.MAX_VALUE))
                        .messages(MessageRules.defaults().withMaxRecipients(Integer.MAX_VALUE))))
                .isEmpty();
    }

    @Test
    void s3_theLimitsAreTheSameInClearOverTlsAndLoggedIn() {
        try (Scene scene = Scene.open()) {
            for (Access access : Access.values()) {
                assertThat(scene.ready(access).ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=50");
                assertThat(scene.alice(access).ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=50");
            }
        }
    }

    @Test
    void s3_afterTheLoginTheIdentitysOwnLimitsAreAnnouncedAndKept() {
        IdentityLimits less = IdentityLimits.none().withMessagesPerSession(1).withRecipientsPerMessage(1);
        IdentityLimits more = IdentityLimits.none().withMessagesPerSession(30).withRecipientsPerMessage(60);
        Authenticator users = Authenticator.inMemory()
                .user(Identity.of("less@client.test").withLimits(less), "less")
                .user(Identity.of("more@client.test").withLimits(more), "more")
                .user(
                        Identity.of("none@client.test")
                                .withLimits(IdentityLimits.none().withRecipientsPerMessage(Integer.MAX_VALUE)),
                        "none")
                .build();
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(users).withPlaintext()))) {
            for (Access access : Access.values()) {
                assertThat(scene.ready(access).ehlo().extensions()).contains("LIMITS MAILMAX=20 RCPTMAX=50");
                assertThat(scene.loggedIn(access, "none@client.test").ehlo().extensions())
                        .contains("LIMITS MAILMAX=20");
                assertThat(scene.loggedIn(access, "less@client.test").ehlo().extensions())
                        .contains("LIMITS MAILMAX=1 RCPTMAX=1");
                assertThat(scene.loggedIn(access, "more@client.test").ehlo().extensions())
                        .contains("LIMITS MAILMAX=30 RCPTMAX=60");
            }
            String recipients = "C: RCPT TO:<bob@dest.test>\nS: 250 *\n".repeat(60);
            hold(scene.loggedIn(Access.CLEAR, "more@client.test"), "C: MAIL FROM:<>\nS: 250 *\n" + recipients + """
                    C: RCPT TO:<bob@dest.test>
                    S: 452 4.5.3 Too many recipients (max 60 per message)
                    """);
        }
    }

    @Test
    void s4_1_asManyTransactionsAsAnnouncedAreAccepted() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withMessages(2)))) {
            hold(scene.alice(), transaction() + transaction() + """
                    C: MAIL FROM:<alice@client.test>
                    S: 421 4.7.0 Too many messages per session, closing connection
                    -- closed
                    """);
            assertThat(scene.upstream.messages()).hasSize(2);
        }
    }

    @Test
    void s4_2_asManyRecipientsAsAnnouncedAreAcceptedInEachTransaction() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxRecipients(2)))) {
            String recipients = """
                    C: MAIL FROM:<alice@client.test>
                    C: RCPT TO:<one@dest.test>
                    C: RCPT TO:<two@dest.test>
                    C: RCPT TO:<three@dest.test>
                    C: RSET
                    S: 250 2.1.0 Sender ok
                    S: 250 2.1.5 Recipient ok
                    S: 250 2.1.5 Recipient ok
                    S: 452 4.5.3 Too many recipients (max 2 per message)
                    S: 250 2.0.0 Reset
                    """;
            hold(scene.alice(), recipients + recipients);
        }
    }

    private static List<String> limits(UnaryOperator<SmtpRelayBuilder> change) {
        try (Scene scene = Scene.open(change)) {
            return scene.ready(Access.CLEAR).ehlo().extensions().stream()
                    .filter(extension -> extension.startsWith("LIMITS"))
                    .toList();
        }
    }

    private static String transaction() {
        return """
                C: MAIL FROM:<alice@client.test>
                C: RCPT TO:<bob@dest.test>
                C: DATA
                S: 250 2.1.0 Sender ok
                S: 250 2.1.5 Recipient ok
                S: 354 *
                C: From: alice@client.test
                C:
                C: .
                S: 250 2.0.0 Ok: relayed as *
                """;
    }
}
