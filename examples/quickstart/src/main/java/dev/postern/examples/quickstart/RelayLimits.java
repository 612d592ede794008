package dev.postern.examples.quickstart;

import dev.postern.SmtpRelayBuilder;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.QuotaPlan;

/** The limits that the command line can set, each at its default until then, and who may send. For one thread. */
final class RelayLimits {

    SessionLimits sessions = SessionLimits.defaults();
    TimeLimits times = TimeLimits.defaults();
    MessageRules messages = MessageRules.defaults();
    ContentStorage storage = ContentStorage.defaults();
    AuthSettings auth = AuthSettings.defaults();
    QuotaPlan quota = QuotaPlan.unlimited();
    int spool = 100_000;
    int spoolAccount = 20_000;

    void applyTo(SmtpRelayBuilder builder) {
        builder.auth(auth)
                .sessions(sessions)
                .times(times)
                .messages(messages)
                .storage(storage)
                .quota(quota);
    }
}
