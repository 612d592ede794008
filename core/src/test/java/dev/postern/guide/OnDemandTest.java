package dev.postern.guide;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Provocation;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every row of the catalogue on demand, before a real relay. */
@OnAnyJdk
class OnDemandTest {

    private static final String MESSAGE = "From: ann@example.org\r\n\r\nhello\r\n";

    @RegisterExtension
    final RelayExtension relay = GuideRelay.extension();

    @ParameterizedTest
    @EnumSource(StandardReply.class)
    void eachRowAtItsStage(StandardReply row) {
        relay.nextAnswers(row);
        assertThat(atStage(Provocation.stageOf(row))).isStandardReply(row);
        relay.upstream().messages(); // a provoked success is one: the relay has the message
    }

    private ProbeReply atStage(Stage stage) {
        return switch (stage) {
            case GREETING -> relay.connect().readReply();
            case EHLO -> relay.greeted().ehlo();
            case STARTTLS -> relay.afterEhlo().startTls(TestCertificates.clientContext());
            case AUTH -> relay.readyToLogIn().authPlain("ann@example.org", "secret");
            case MAIL -> relay.authenticated().mail("ann@example.org");
            case RCPT -> relay.atRcpt("ann@example.org").rcpt("bob@example.net");
            case DATA -> relay.atRcpt("ann@example.org", "bob@example.net").send("DATA");
            case END_OF_DATA ->
                relay.atRcpt("ann@example.org", "bob@example.net").data(MESSAGE);
            case RSET -> relay.authenticated().send("RSET");
            case OTHER -> relay.authenticated().send("NOOP");
            case QUIT -> relay.authenticated().send("QUIT");
            default -> throw new IllegalArgumentException(stage.toString());
        };
    }

    @Test
    void whatIsRefusedOnDemandIsNotRelayedAndTheSessionGoesOn() {
        relay.nextAnswers(StandardReply.MIME_INVALID);
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data(MESSAGE)).isStandardReply(StandardReply.MIME_INVALID);
        assertThat(relay.upstream()).hasSeenContents(0);

        assertThat(probe.mail("ann@example.org")).isOk();
        assertThat(probe.rcpt("bob@example.net")).isOk();
        assertThat(probe.data(MESSAGE)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        assertThat(relay.upstream().awaitMessage()).isFrom("ann@example.org").isTo("bob@example.net");
        assertThat(relay).hasRelayed(1).hasUsedQuota("example.org", 1);
    }

    @Test
    void forOneUserOrOneAddress() {
        relay.accounts().user("bert@example.com", "secret");
        relay.at(Stage.MAIL).forUser("bert@example.com").always(Fault.reply(StandardReply.QUOTA_EXCEEDED));
        relay.at(Stage.RCPT).forAddress("carl@example.net").always(Fault.reply(StandardReply.TOO_MANY_RECIPIENTS, 50));

        assertThat(relay.authenticated("bert@example.com", "secret").mail("bert@example.com"))
                .isStandardReply(StandardReply.QUOTA_EXCEEDED);
        SmtpProbe ann = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(ann.rcpt("carl@example.net")).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 50);
        assertThat(ann.data(MESSAGE)).isOk();
        assertThat(relay.upstream().awaitMessage()).isTo("bob@example.net");
    }

    @Test
    void theTranscriptOfASessionIsThere() {
        relay.authenticated().send("NOOP");
        assertThat(relay.lastSession())
                .isAuthenticatedAs("ann@example.org")
                .saysInOrder(
                        "S: 220",
                        "C: EHLO",
                        "C: STARTTLS",
                        "-- TLS handshake",
                        "C: AUTH PLAIN ***",
                        "S: 235",
                        "C: NOOP")
                .hasReply(StandardReply.AUTH_SUCCEEDED);
    }
}
