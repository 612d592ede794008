package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import dev.postern.spi.QuotaPlan;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.ObjLongConsumer;

/** A limit of the relay, as the command line has it. Immutable. */
record Limit(String name, Consumer<SmtpRelay.Builder> setting) {

    private static final int MEMORY_PER_MESSAGE = 256 << 10; // the builder's own default
    private static final String QUOTA_FORM = "write N/day, N/week or N/month, for instance 1000/day, or none";
    private static final String FAILURES_FORM = "write N/WINDOW/BLOCK, for instance 10/10m/5m, or none";

    private static final Map<String, Function<String, Consumer<SmtpRelay.Builder>>> READERS =
            new TreeMap<>(Map.ofEntries(
                    Map.entry("recipients", count(SmtpRelay.Builder::maxRecipients)),
                    Map.entry("message-size", octets(SmtpRelay.Builder::maxMessageSize)),
                    Map.entry("messages", count(SmtpRelay.Builder::maxMessagesPerSession)),
                    Map.entry("inactivity", duration(SmtpRelay.Builder::inactivityTimeout)),
                    Map.entry("lifetime", duration(SmtpRelay.Builder::sessionLifetime)),
                    Map.entry("sessions-user", count(SmtpRelay.Builder::maxSessionsPerUser)),
                    Map.entry("sessions-account", count(SmtpRelay.Builder::maxSessionsPerAccount)),
                    Map.entry("session-wait", Limit::sessionWait),
                    Map.entry("sessions-ip", count(SmtpRelay.Builder::maxSessionsPerAddress)),
                    Map.entry("connections", count(SmtpRelay.Builder::maxConnections)),
                    Map.entry("errors", count(SmtpRelay.Builder::maxErrors)),
                    Map.entry("auth-failures", Limit::authFailures),
                    Map.entry("quota", Limit::quota),
                    Map.entry("memory", octets((builder, all) -> builder.memory(MEMORY_PER_MESSAGE, all)))));

    static Limit parse(String text) {
        int equals = text.indexOf('=');
        Function<String, Consumer<SmtpRelay.Builder>> reader =
                equals < 0 ? null : READERS.get(text.substring(0, equals));
        if (reader == null) {
            throw new IllegalArgumentException("'" + text + "' is no NAME=VALUE with a NAME of: "
                    + String.join(", ", READERS.keySet()) + "; write for instance recipients=100");
        }
        String name = text.substring(0, equals);
        try {
            Consumer<SmtpRelay.Builder> setting = reader.apply(text.substring(equals + 1));
            // the builder knows the bounds: ask one that is thrown away, so that the error names this option
            setting.accept(SmtpRelay.builder());
            return new Limit(name, setting);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static Function<String, Consumer<SmtpRelay.Builder>> count(ObjIntConsumer<SmtpRelay.Builder> setter) {
        return value -> {
            int number = Values.count(value);
            return builder -> setter.accept(builder, number);
        };
    }

    private static Function<String, Consumer<SmtpRelay.Builder>> octets(ObjLongConsumer<SmtpRelay.Builder> setter) {
        return value -> {
            long number = Values.octets(value);
            return builder -> setter.accept(builder, number);
        };
    }

    private static Function<String, Consumer<SmtpRelay.Builder>> duration(
            BiConsumer<SmtpRelay.Builder, Optional<Duration>> setter) {
        return value -> {
            Optional<Duration> time =
                    Values.isUnlimited(value) ? Optional.empty() : Optional.of(Values.duration(value));
            return builder -> setter.accept(builder, time);
        };
    }

    /** Here 0 is no wait, and a wait has an end. */
    private static Consumer<SmtpRelay.Builder> sessionWait(String value) {
        Duration time = Values.isUnlimited(value) ? Duration.ZERO : Values.duration(value);
        return builder -> builder.sessionWait(time);
    }

    private static Consumer<SmtpRelay.Builder> authFailures(String value) {
        if (Values.isUnlimited(value)) {
            return builder -> builder.authFailures(Integer.MAX_VALUE, Duration.ofMinutes(10), Duration.ofMinutes(5));
        }
        String[] parts = value.split("/", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + value + "' has not three parts; " + FAILURES_FORM);
        }
        int failures = Values.count(parts[0]);
        Duration window = Values.duration(parts[1]);
        Duration block = Values.duration(parts[2]);
        return builder -> builder.authFailures(failures, window, block);
    }

    private static Consumer<SmtpRelay.Builder> quota(String value) {
        QuotaPlan plan = Values.isUnlimited(value) ? QuotaPlan.unlimited() : plan(value.split("/", -1));
        return builder -> builder.quota(plan);
    }

    private static QuotaPlan plan(String[] parts) {
        if (parts.length != 2) {
            throw new IllegalArgumentException(QUOTA_FORM);
        }
        int number = Values.count(parts[0]);
        return switch (parts[1]) {
            case "day" -> QuotaPlan.perDay(number);
            case "week" -> QuotaPlan.perWeek(number);
            case "month" -> QuotaPlan.perMonth(number);
            default -> throw new IllegalArgumentException(QUOTA_FORM);
        };
    }
}
