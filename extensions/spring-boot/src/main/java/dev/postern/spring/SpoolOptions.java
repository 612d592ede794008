package dev.postern.spring;

import dev.postern.spi.MailAddress;
import dev.postern.spool.SpoolSettings;
import java.time.Duration;

/** What properties say of a spool; loaded only where postern-spool is there. */
final class SpoolOptions {

    private SpoolOptions() {}

    static SpoolSettings settings(PosternProperties properties, Faults faults) {
        PosternProperties.Spool told = properties.spool();
        Group<SpoolSettings> group = Group.of(SpoolSettings.defaults(), faults);
        if (!told.retry().isEmpty()) {
            group.with(
                    "retry",
                    before -> before.withRetry(Group.elements(told.retry()).toArray(Duration[]::new)));
        }
        if (told.giveUp() != null) {
            group.with("giveUp", SpoolSettings::withGiveUp, told.giveUp());
        }
        if (properties.hostName() != null && MailAddress.isDomain(properties.hostName())) {
            group.with("", SpoolSettings::withHostName, properties.hostName());
        }
        return group.settings();
    }
}
