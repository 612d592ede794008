package dev.postern.spring;

import dev.postern.RelayHealth;
import dev.postern.SmtpRelay;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The relay's health in Boot's terms: a relay that is degraded still does its work and is up, one that is paused wants no
 * traffic.
 */
record HealthReport(String status, Map<String, Object> details) {

    static HealthReport of(PosternRelay life) {
        if (!life.isRunning()) {
            return new HealthReport("DOWN", Map.of("relay", "stopped"));
        }
        SmtpRelay relay = life.relay();
        RelayHealth health = relay.health();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("relay", health.status().name().toLowerCase(Locale.ROOT));
        details.put("connections", relay.connections());
        List<String> reasons =
                health.reasons().stream().map(RelayHealth.Reason::toString).toList();
        if (!reasons.isEmpty()) {
            details.put("reasons", reasons);
        }
        return new HealthReport(
                switch (health.status()) {
                    case UP, DEGRADED -> "UP";
                    case PAUSED -> "OUT_OF_SERVICE";
                    case DOWN -> "DOWN";
                },
                details);
    }
}
