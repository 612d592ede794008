package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaPlan;
import java.time.Duration;

/** The limits that the command line can set, each at its default until then. For one thread. */
final class RelayLimits {

    SessionLimits sessions = SessionLimits.defaults();
    TimeLimits times = TimeLimits.defaults();
    MessageRules messages = MessageRules.defaults();
    ContentStorage storage = ContentStorage.defaults();
    LoginThrottle.Rule failures = new LoginThrottle.Rule(10, Duration.ofMinutes(10), Duration.ofMinutes(5));
    QuotaPlan quota = QuotaPlan.unlimited();

    void applyTo(SmtpRelay.Builder builder) {
        builder.sessions(sessions)
                .times(times)
                .messages(messages)
                .storage(storage)
                .authFailures(failures.failures(), failures.window(), failures.block())
                .quota(quota);
    }
}
