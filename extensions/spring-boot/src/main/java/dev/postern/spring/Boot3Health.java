package dev.postern.spring;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** The relay's health, for Boot 3.5. */
record Boot3Health(PosternRelay relay) implements HealthIndicator {

    @Override
    public Health health() {
        HealthReport report = HealthReport.of(relay);
        return Health.status(report.status()).withDetails(report.details()).build();
    }
}
