package dev.postern.examples.servers;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestAccounts;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.upstream.FakeUpstream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The relay that the servers send to: with TLS and login, and low limits of its own. */
final class RelayOfSenders implements AutoCloseable {

    static final QuotaPlan QUOTA = QuotaPlan.perMonth(1_000_000);

    private final TestAccounts accounts = new TestAccounts().user(Letter.FROM, "secret");
    private final List<Reply> replies = new CopyOnWriteArrayList<>();
    private final SmtpRelay relay;

    RelayOfSenders(FakeUpstream behind) {
        this.relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .tls(TlsSettings.of(TestCertificates.serverContext()))
                .auth(AuthSettings.passwords(accounts))
                .policies(Policies.defaults().withSenderDomains(accounts))
                .quota(QUOTA)
                .messages(MessageRules.defaults().withMaxRecipients(40).withMaxSize(100 * 1024))
                .sessions(SessionLimits.defaults().withPerUser(10))
                .upstream(Upstream.smtp("127.0.0.1", behind.port()))
                .listener(RelayListener.of(this::keep))
                .start();
    }

    private void keep(RelayEvent event) {
        if (event instanceof RelayEvent.Refused refused) {
            replies.add(refused.reply());
        } else if (event instanceof RelayEvent.NotRelayed not) {
            replies.add(not.reply());
        }
    }

    int port() {
        return relay.port();
    }

    /** Counts recipients as used, or gives them back; sessions that are open notice it too. */
    void use(long recipients) {
        String account = Identity.of(Letter.FROM).account();
        relay.adjustUsage(new QuotaAdjustment(account, QUOTA, QuotaAdjustment.Kind.ADD, recipients, "the tests"));
    }

    boolean awaitReply(StandardReply row, Duration time) {
        return Patience.until(time, () -> replies.stream().anyMatch(row.reply()::equals));
    }

    @Override
    public void close() {
        relay.close();
    }
}
