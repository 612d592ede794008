package dev.postern.guide;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.spi.IdentityLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each row of the contract, really provoked: the examples of docs/errors. */
@OnAnyJdk
class ErrorExamplesTest {

    @RegisterExtension
    final RelayExtension relay = GuideRelay.extension();

    @Test
    void authCredentialsInvalid() {
        // DOC AUTH_CREDENTIALS_INVALID
        SmtpProbe probe = relay.readyToLogIn();
        assertThat(probe.authPlain("ann@example.org", "wrong")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        // end
    }

    @Test
    void authRequiresTls() {
        // DOC AUTH_REQUIRES_TLS
        SmtpProbe inClear = relay.afterEhlo();
        assertThat(inClear.authPlain("ann@example.org", "secret")).isStandardReply(StandardReply.AUTH_REQUIRES_TLS);
        // end
    }

    @Test
    void authRequired() {
        // DOC AUTH_REQUIRED
        SmtpProbe probe = relay.readyToLogIn();
        assertThat(probe.mail("ann@example.org")).isStandardReply(StandardReply.AUTH_REQUIRED);
        // end
    }

    @Test
    void authBlocked() {
        // DOC AUTH_BLOCKED
        SmtpProbe probe = relay.readyToLogIn();
        for (int i = 0; i < 10; i++) {
            probe.authPlain("ann@example.org", "wrong");
        }
        assertThat(probe.authPlain("ann@example.org", "secret")).isStandardReply(StandardReply.AUTH_BLOCKED);
        // end
    }

    @Test
    void authRelayDisabled() {
        // DOC AUTH_RELAY_DISABLED
        relay.accounts().disable("example.org");
        SmtpProbe probe = relay.readyToLogIn();
        assertThat(probe.authPlain("ann@example.org", "secret")).isStandardReply(StandardReply.AUTH_RELAY_DISABLED);
        // end
    }

    @Test
    void quotaExceeded() {
        // DOC QUOTA_EXCEEDED
        relay.accounts().quota("ann@example.org", QuotaPlan.perDay(1));
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.rcpt("carl@example.net")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        // end
    }

    @Test
    void tooManyRecipients() {
        // DOC TOO_MANY_RECIPIENTS
        relay.accounts().limits("ann@example.org", IdentityLimits.none().withRecipientsPerMessage(1));
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.rcpt("carl@example.net")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 1);
        // end
    }

    @Test
    void userSessionsExceeded() {
        // DOC USER_SESSIONS_EXCEEDED
        relay.accounts().limits("ann@example.org", IdentityLimits.none().withSessionsPerUser(1));
        relay.authenticated();
        SmtpProbe second = relay.readyToLogIn();
        ProbeReply reply = relay.clock() // it waits five seconds for a place
                .advanceUntil(Duration.ofMillis(200), () -> second.authPlain("ann@example.org", "secret"));
        assertThat(reply).isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
        // end
    }

    @Test
    void accountSessionsExceeded() {
        // DOC ACCOUNT_SESSIONS_EXCEEDED
        relay.accounts().limits("ann@example.org", IdentityLimits.none().withSessionsPerAccount(1));
        relay.authenticated();
        SmtpProbe second = relay.readyToLogIn();
        ProbeReply reply = relay.clock() // it waits five seconds for a place
                .advanceUntil(Duration.ofMillis(200), () -> second.authPlain("ann@example.org", "secret"));
        assertThat(reply).isStandardReply(StandardReply.ACCOUNT_SESSIONS_EXCEEDED);
        // end
    }

    @Test
    void ipSessionsExceeded() {
        // DOC IP_SESSIONS_EXCEEDED
        for (int i = 0; i < 50; i++) {
            relay.greeted();
        }
        assertThat(relay.connect().readReply()).isStandardReply(StandardReply.IP_SESSIONS_EXCEEDED);
        // end
    }

    @Test
    void senderSyntax() {
        // DOC SENDER_SYNTAX
        SmtpProbe probe = relay.authenticated();
        assertThat(probe.mail("ann@")).isStandardReply(StandardReply.SENDER_SYNTAX);
        // end
    }

    @Test
    void recipientSyntax() {
        // DOC RECIPIENT_SYNTAX
        SmtpProbe probe = relay.atRcpt("ann@example.org");
        assertThat(probe.rcpt("bob@")).isStandardReply(StandardReply.RECIPIENT_SYNTAX);
        // end
    }

    @Test
    void messageTooLarge() {
        // DOC MESSAGE_TOO_LARGE
        SmtpProbe probe = relay.authenticated();
        assertThat(probe.mail("ann@example.org", "SIZE=20971521")).isStandardReply(StandardReply.MESSAGE_TOO_LARGE);
        // end
    }

    @Test
    void mimeInvalid() {
        // DOC MIME_INVALID
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("no header at all\r\n")).isStandardReply(StandardReply.MIME_INVALID);
        // end
    }

    @Test
    void fromMultiple() {
        // DOC FROM_MULTIPLE
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("From: ann@example.org, amy@example.org\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.FROM_MULTIPLE);
        // end
    }

    @Test
    void fromDomainMismatch() {
        // DOC FROM_DOMAIN_MISMATCH
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("From: ann@example.com\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.FROM_DOMAIN_MISMATCH);
        // end
    }

    @Test
    void domainNotAuthenticated() {
        // DOC DOMAIN_NOT_AUTHENTICATED
        relay.accounts().unvalidate("example.org");
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("From: ann@example.org\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.DOMAIN_NOT_AUTHENTICATED);
        // end
    }

    @Test
    void upstreamRelayFailed() {
        // DOC UPSTREAM_RELAY_FAILED
        relay.upstream().at(Stage.END_OF_DATA).once(Fault.reply("451 4.3.0 Try again later"));
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("From: ann@example.org\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        // end
    }

    @Test
    void upstreamUnreachable() {
        // DOC UPSTREAM_UNREACHABLE
        relay.upstream().refuseConnections();
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("From: ann@example.org\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
        // end
    }

    @Test
    void inactivity() {
        // DOC INACTIVITY
        SmtpProbe probe = relay.authenticated();
        relay.clock().advance(Duration.ofMinutes(2)); // no waiting
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        // end
    }

    @Test
    void sessionLifetime() {
        // DOC SESSION_LIFETIME
        SmtpProbe probe = relay.authenticated();
        for (int minute = 1; minute < 30; minute++, probe.send("NOOP")) {
            relay.clock().advance(Duration.ofMinutes(1));
        }
        relay.clock().advance(Duration.ofMinutes(1));
        assertThat(probe.readReply()).isStandardReply(StandardReply.SESSION_LIFETIME);
        // end
    }

    @Test
    void tooManyMessages() {
        // DOC TOO_MANY_MESSAGES
        relay.accounts().limits("ann@example.org", IdentityLimits.none().withMessagesPerSession(1));
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        probe.data("From: ann@example.org\r\n\r\nhello\r\n");
        assertThat(probe.mail("ann@example.org")).isStandardReply(StandardReply.TOO_MANY_MESSAGES);
        assertThat(relay.upstream()).hasMessages(1);
        // end
    }
}
