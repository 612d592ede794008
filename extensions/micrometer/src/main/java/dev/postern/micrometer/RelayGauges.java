package dev.postern.micrometer;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayFigures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** What is read off a running relay when somebody looks. */
final class RelayGauges implements AutoCloseable {

    private final MeterRegistry registry;
    private final Tags relay;
    private final RelayEvent.RelayStarted source; // held here, for function meters hold what they ask only weakly
    private final List<Meter> meters = new ArrayList<>();

    RelayGauges(MeterRegistry registry, Tags relay, RelayEvent.RelayStarted source) {
        this.registry = registry;
        this.relay = relay;
        this.source = source;
        connections();
        content();
        RelayFigures now = source.figures();
        now.upstreams().forEach(upstream -> upstream(upstream.name()));
        now.plugIns().forEach(plugIn -> plugIn(plugIn.name()));
        reservations();
    }

    private void connections() {
        String name = "postern.connections";
        String description = "Connections of clients";
        gauge(name, description, Tags.of("state", "anonymous"), f -> f.connections() - f.authenticated());
        gauge(name, description, Tags.of("state", "authenticated"), RelayFigures::authenticated);
        gauge(
                "postern.connections.limit",
                "Connections that there may be",
                Tags.empty(),
                RelayFigures::connectionLimit);
    }

    private void content() {
        octets("postern.content.memory", "Content that is held in memory", RelayFigures::contentMemory);
        octets("postern.content.memory.limit", "Content that may be held in memory", RelayFigures::contentMemoryLimit);
        gauge("postern.content.files", "Messages that are held in files", Tags.empty(), RelayFigures::contentFiles);
    }

    private void upstream(String name) {
        String connections = "postern.upstream.connections";
        String description = "Connections to an upstream, and messages that wait for one";
        Tags tags = Tags.of("upstream", name);
        gauge(connections, description, tags.and("state", "busy"), f -> of(f, name, RelayFigures.Upstream::busy));
        gauge(connections, description, tags.and("state", "idle"), f -> of(f, name, RelayFigures.Upstream::idle));
        gauge(connections, description, tags.and("state", "waiting"), f -> of(f, name, RelayFigures.Upstream::waiting));
        gauge(
                "postern.upstream.circuit",
                "Whether no message is given to an upstream before a pause is over",
                tags,
                f -> of(f, name, upstream -> upstream.circuitOpen() ? 1 : 0));
    }

    /** Two upstreams may have one name: they are shown together. */
    private static double of(RelayFigures figures, String name, ToDoubleFunction<RelayFigures.Upstream> value) {
        return figures.upstreams().stream()
                .filter(upstream -> upstream.name().equals(name))
                .mapToDouble(value)
                .sum();
    }

    private void plugIn(String name) {
        calls(
                name,
                "answered",
                plugIn -> plugIn.answered(),
                plugIn -> plugIn.answeredTook().toNanos());
        calls(
                name,
                "failed",
                plugIn -> plugIn.failed(),
                plugIn -> plugIn.failedTook().toNanos());
    }

    private void calls(
            String name,
            String outcome,
            ToLongFunction<RelayFigures.PlugIn> count,
            ToLongFunction<RelayFigures.PlugIn> nanos) {
        meters.add(FunctionTimer.builder(
                        "postern.plugin",
                        source,
                        started -> sum(started, name, count),
                        started -> sum(started, name, nanos),
                        TimeUnit.NANOSECONDS)
                .description("Calls of a plug-in of the host's")
                .tags(relay)
                .tag("plugin", name)
                .tag("outcome", outcome)
                .register(registry));
    }

    private static long sum(RelayEvent.RelayStarted started, String name, ToLongFunction<RelayFigures.PlugIn> value) {
        return started.figures().plugIns().stream()
                .filter(plugIn -> plugIn.name().equals(name))
                .mapToLong(value)
                .sum();
    }

    private void reservations() {
        reservations("granted", RelayFigures.Reservations::granted);
        reservations("exceeded", RelayFigures.Reservations::exceeded);
        reservations("failed", RelayFigures.Reservations::failed);
    }

    private void reservations(String outcome, ToLongFunction<RelayFigures.Reservations> count) {
        meters.add(FunctionCounter.builder(
                        "postern.quota.reservations",
                        source,
                        started -> count.applyAsLong(started.figures().reservations()))
                .description("Wishes to reserve quota")
                .tags(relay)
                .tag("outcome", outcome)
                .register(registry));
    }

    private void octets(String name, String description, ToDoubleFunction<RelayFigures> value) {
        meters.add(gauge(name, description, value).baseUnit("bytes").register(registry));
    }

    private void gauge(String name, String description, Tags tags, ToDoubleFunction<RelayFigures> value) {
        meters.add(gauge(name, description, value).tags(tags).register(registry));
    }

    private Gauge.Builder<?> gauge(String name, String description, ToDoubleFunction<RelayFigures> value) {
        return Gauge.builder(name, () -> value.applyAsDouble(source.figures()))
                .description(description)
                .tags(relay);
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
