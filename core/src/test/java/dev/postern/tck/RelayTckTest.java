package dev.postern.tck;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestAccounts;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.tck.RelayContract;
import dev.postern.testkit.tck.RelayProfile;
import dev.postern.testkit.tck.RelayProfile.Account;
import dev.postern.testkit.tck.RelayProfile.Limit;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** The relay itself, asked from outside; everything can be tried. */
class RelayTckTest extends RelayContract {

    private final TestAccounts accounts = new TestAccounts()
            .user("ann@client.test", "secret")
            .domains("ann@client.test", "client.test", "new.client.test")
            .unvalidate("new.client.test")
            .user("dora@dead.test", "secret")
            .disable("dead.test")
            .user("sue@spent.test", "secret")
            .quota("sue@spent.test", QuotaPlan.perDay(1));
    private final Scene scene = Scene.bare(builder -> builder.auth(
                    AuthSettings.passwords(accounts).withFailures(4, Duration.ofMinutes(10), Duration.ofMinutes(5)))
            .policies(Policies.defaults().withSenderDomains(accounts))
            .messages(MessageRules.defaults().withMaxRecipients(3))
            .sessions(SessionLimits.defaults().withMessages(2).withPerUser(3).withPerAddress(8)));

    @AfterEach
    void stop() {
        endSessions(); // a relay that stops waits for messages under way
        scene.close();
    }

    @Override
    protected RelayProfile profile() throws Exception {
        spend();
        return RelayProfile.of(
                        scene.relay.addresses().get(0),
                        Access.STARTTLS,
                        TestCertificates.clientContext(),
                        "ann@client.test",
                        "secret")
                .login(Account.DISABLED, "dora@dead.test", "secret")
                .login(Account.SPENT, "sue@spent.test", "secret")
                .limit(Limit.RECIPIENTS, 3)
                .limit(Limit.MESSAGES, 2)
                .limit(Limit.SESSIONS_OF_USER, 3)
                .limit(Limit.SESSIONS_OF_ADDRESS, 8)
                .limit(Limit.LOGIN_FAILURES, 4)
                .unvalidatedDomain("new.client.test");
    }

    /** From another address, whose sessions do not count for the tests. */
    private void spend() throws UnknownHostException {
        try (SmtpProbe probe = scene.connectFrom("127.0.0.2")) {
            probe.readReply();
            probe.ehlo();
            probe.startTls(TestCertificates.clientContext());
            probe.ehlo();
            SmtpAssertions.assertThat(probe.authPlain("sue@spent.test", "secret"))
                    .isOk();
            SmtpAssertions.assertThat(probe.mail("sue@spent.test")).isOk();
            SmtpAssertions.assertThat(probe.rcpt("bob@dest.test")).isOk();
            SmtpAssertions.assertThat(probe.data("From: sue@spent.test\r\n\r\nx\r\n"))
                    .isOk();
        }
    }

    @Override
    protected boolean set(Upstream state) {
        switch (state) {
            case REFUSES_FOR_NOW -> scene.upstream.script(Stage.END_OF_DATA, Fault.reply("451 4.3.0 later"));
            case UNREACHABLE -> {
                scene.upstream.refuseConnections();
                scene.upstream.dropConnections();
            }
        }
        return true;
    }

    @Override
    protected ProbeReply replyAfterSessionWait(SmtpProbe probe) {
        return scene.clock.advanceUntil(Duration.ofMillis(200), probe::readReply);
    }

    @Override
    protected boolean passInactivity() {
        scene.clock.advance(Duration.ofMinutes(2));
        return true;
    }

    @Override
    protected boolean passPartOfLifetime() {
        scene.clock.advance(Duration.ofMinutes(1));
        return true;
    }
}
