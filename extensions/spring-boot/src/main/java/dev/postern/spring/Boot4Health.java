package dev.postern.spring;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The relay's health, for Boot 4. */
record Boot4Health(PosternRelay relay) implements HealthIndicator {

    @Override
    public Health health() {
        HealthReport report = HealthReport.of(relay);
        return Health.status(report.status()).withDetails(report.details()).build();
    }
}
