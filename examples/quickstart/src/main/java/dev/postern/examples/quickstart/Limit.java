package dev.postern.examples.quickstart;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.ObjLongConsumer;

/** A limit of the relay, as the command line has it. Immutable. */
record Limit(String name, Consumer<RelayLimits> setting) {

    private static final String QUOTA_FORM = "write N/day, N/week or N/month, for instance 1000/day, or none";
    private static final String FAILURES_FORM = "write N/WINDOW/BLOCK, for instance 10/10m/5m, or none";

    private static final Map<String, Function<String, Consumer<RelayLimits>>> READERS = new TreeMap<>(Map.ofEntries(
            Map.entry("recipients", count((to, max) -> to.messages = to.messages.withMaxRecipients(max))),
            Map.entry("message-size", octets((to, max) -> to.messages = to.messages.withMaxSize(max))),
            Map.entry("messages", count((to, max) -> to.sessions = to.sessions.withMessages(max))),
            Map.entry("inactivity", duration((to, max) -> to.times = to.times.withInactivity(max))),
            Map.entry("lifetime", duration((to, max) -> to.sessions = to.sessions.withLifetime(max))),
            Map.entry("sessions-user", count((to, max) -> to.sessions = to.sessions.withPerUser(max))),
            Map.entry("sessions-account", count((to, max) -> to.sessions = to.sessions.withPerAccount(max))),
            Map.entry("session-wait", Limit::sessionWait),
            Map.entry("sessions-ip", count((to, max) -> to.sessions = to.sessions.withPerAddress(max))),
            Map.entry("connections", count((to, max) -> to.sessions = to.sessions.withConnections(max))),
            Map.entry("errors", count((to, max) -> to.sessions = to.sessions.withErrors(max))),
            Map.entry("auth-failures", Limit::authFailures),
            Map.entry("quota", Limit::quota),
            Map.entry("memory", octets((to, max) -> to.storage = to.storage.withMemory(max))),
            Map.entry("spool", count((to, max) -> to.spool = max)),
            Map.entry("spool-account", count((to, max) -> to.spoolAccount = max))));

    /** What the limits are unless they are given, in the order in which --help has them. */
    static final List<String> DEFAULTS = List.of(
            "recipients=50",
            "message-size=20m",
            "messages=20",
            "inactivity=120s",
            "lifetime=30m",
            "sessions-user=10",
            "sessions-account=50",
            "session-wait=5s",
            "sessions-ip=50",
            "connections=1000",
            "errors=20",
            "auth-failures=10/10m/5m",
            "quota=none",
            "memory=64m",
            "spool=100000",
            "spool-account=20000");

    /** Returns the NAME of what may be NAME=VALUE. */
    static String nameOf(String text) {
        int equals = text.indexOf('=');
        return equals < 0 ? text : text.substring(0, equals);
    }

    static Limit parse(String text) {
        int equals = text.indexOf('=');
        Function<String, Consumer<RelayLimits>> reader = equals < 0 ? null : READERS.get(text.substring(0, equals));
        if (reader == null) {
            throw new IllegalArgumentException("'" + text + "' is no NAME=VALUE with a NAME of: "
                    + String.join(", ", READERS.keySet()) + "; write for instance recipients=100");
        }
        String name = text.substring(0, equals);
        try {
            Consumer<RelayLimits> setting = reader.apply(text.substring(equals + 1));
            // the settings know their bounds: try it on some that are thrown away, so that the error names this option
            setting.accept(new RelayLimits());
            return new Limit(name, setting);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static Function<String, Consumer<RelayLimits>> count(ObjIntConsumer<RelayLimits> setter) {
        return value -> {
            int number = Values.count(value);
            return limits -> setter.accept(limits, number);
        };
    }

    private static Function<String, Consumer<RelayLimits>> octets(ObjLongConsumer<RelayLimits> setter) {
        return value -> {
            long number = Values.octets(value);
            return limits -> setter.accept(limits, number);
        };
    }

    private static Function<String, Consumer<RelayLimits>> duration(BiConsumer<RelayLimits, Duration> setter) {
        return value -> {
            Duration time = Values.isUnlimited(value) ? TimeLimits.UNLIMITED : Values.duration(value);
            return limits -> setter.accept(limits, time);
        };
    }

    /** Here 0 is no wait, and a wait has an end. */
    private static Consumer<RelayLimits> sessionWait(String value) {
        Duration time = Values.isUnlimited(value) ? Duration.ZERO : Values.duration(value);
        return limits -> limits.sessions = limits.sessions.withLoginWait(time);
    }

    private static Consumer<RelayLimits> authFailures(String value) {
        if (Values.isUnlimited(value)) {
            LoginThrottle.Rule rule = AuthSettings.defaults().failures();
            return limits -> limits.auth = limits.auth.withFailures(Integer.MAX_VALUE, rule.window(), rule.block());
        }
        String[] parts = value.split("/", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + value + "' has not three parts; " + FAILURES_FORM);
        }
        int failures = Values.count(parts[0]);
        Duration window = Values.duration(parts[1]);
        Duration block = Values.duration(parts[2]);
        return limits -> limits.auth = limits.auth.withFailures(failures, window, block);
    }

    private static Consumer<RelayLimits> quota(String value) {
        QuotaPlan plan = Values.isUnlimited(value) ? QuotaPlan.unlimited() : plan(value.split("/", -1));
        return limits -> limits.quota = plan;
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
