package dev.postern.micrometer;

import dev.postern.spool.Spool;
import dev.postern.spool.SpoolFigures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * A spool's meters, whose names begin with {@code postern.spool}. Gauges cover the whole database, as of a second ago;
 * counters cover this node. Thread-safe.
 */
public final class SpoolMetrics implements MeterBinder {

    private final Spool spool;
    private final Tags relay;

    private SpoolMetrics(Spool spool, Tags relay) {
        this.spool = spool;
        this.relay = relay;
    }

    /**
     * Creates a spool's meters.
     *
     * @param spool the spool, referenced as long as the registry exists
     * @return the meters, to be bound to a registry; each has the tag {@code relay="postern"}
     */
    public static SpoolMetrics of(Spool spool) {
        return new SpoolMetrics(Objects.requireNonNull(spool, "spool"), Tags.of("relay", "postern"));
    }

    /**
     * Sets the relay's name in each meter, for several relays in one JVM. Default: {@code postern}.
     *
     * @param name the value of the tag {@code relay}, as for {@link PosternMetrics#withRelay}
     * @return a copy
     * @throws IllegalArgumentException when the name is blank
     */
    public SpoolMetrics withRelay(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name must not be blank");
        }
        return new SpoolMetrics(spool, Tags.of("relay", name));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        String messages = "postern.spool.messages";
        String waiting = "Messages that are not settled, by what they wait for";
        gauge(registry, messages, waiting, "ready", f -> f.waiting() - f.unreachable() - f.held());
        gauge(registry, messages, waiting, "unreachable", SpoolFigures::unreachable);
        gauge(registry, messages, waiting, "held", SpoolFigures::held);
        Gauge.builder("postern.spool.octets", () -> spool.figures().waitingOctets())
                .description("Content of the messages that are not settled")
                .baseUnit("bytes")
                .tags(relay)
                .register(registry);
        Gauge.builder("postern.spool.oldest", () -> age(spool.figures()))
                .description("How long the oldest message has waited; 0 when none waits")
                .baseUnit("seconds")
                .tags(relay)
                .register(registry);
        Gauge.builder("postern.spool.sending", () -> spool.figures().sending())
                .description("Attempts that are under way")
                .tags(relay)
                .register(registry);
        counts(registry);
    }

    private void counts(MeterRegistry registry) {
        count(registry, "postern.spool.accepted", "Messages that were taken", Tags.empty(), SpoolFigures::spooled);
        count(
                registry,
                "postern.spool.failures",
                "Messages that were not taken, for the database or the disk failed",
                Tags.empty(),
                SpoolFigures::notStored);
        String attempts = "postern.spool.attempts";
        String tried = "What became of messages, each for one or several recipients";
        count(registry, attempts, tried, Tags.of("outcome", "relayed"), SpoolFigures::relayed);
        count(registry, attempts, tried, Tags.of("outcome", "deferred"), SpoolFigures::deferred);
        count(registry, attempts, tried, Tags.of("outcome", "failed"), SpoolFigures::failed);
        count(
                registry,
                "postern.spool.bounces",
                "Notices that told senders of a failure",
                Tags.empty(),
                SpoolFigures::bounced);
        count(
                registry,
                "postern.spool.doubled",
                "Messages that may arrive twice",
                Tags.empty(),
                SpoolFigures::possiblyDoubled);
    }

    private static double age(SpoolFigures figures) {
        return figures.oldest()
                .map(oldest ->
                        Math.max(0, Duration.between(oldest, Instant.now()).toMillis() / 1000.0))
                .orElse(0.0);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String description,
            String state,
            ToDoubleFunction<SpoolFigures> value) {
        Gauge.builder(name, () -> value.applyAsDouble(spool.figures()))
                .description(description)
                .tags(relay)
                .tag("state", state)
                .register(registry);
    }

    private void count(
            MeterRegistry registry, String name, String description, Tags tags, ToDoubleFunction<SpoolFigures> value) {
        FunctionCounter.builder(name, spool, one -> value.applyAsDouble(one.figures()))
                .description(description)
                .tags(relay.and(tags))
                .register(registry);
    }
}
