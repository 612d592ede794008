package dev.postern.micrometer;

import dev.postern.spi.RelayEvent;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Tags;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One observation a message, on the thread of its session. */
final class MessageObservations {

    private record Open(String messageId, Observation observation, Observation.Scope scope) {
        void end() {
            scope.close();
            observation.stop();
        }
    }

    private final ObservationRegistry registry;
    private final boolean continuing;
    private final KeyValues relay;

    // one relay's listener lives as long as its JVM, and each message removes its own
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Open> open = new ThreadLocal<>();

    MessageObservations(ObservationRegistry registry, boolean continuing, Tags relay) {
        this.registry = registry;
        this.continuing = continuing;
        this.relay = KeyValues.of(relay.stream()
                .map(tag -> KeyValue.of(tag.getKey(), tag.getValue()))
                .toList());
    }

    void begin(RelayEvent.MessageReceived event) {
        if (registry.isNoop()) {
            return;
        }
        end(); // of a message whose end was not told
        Observation observation = Observation.createNotStarted("postern.message", () -> context(event), registry)
                .contextualName("postern message")
                .lowCardinalityKeyValues(relay)
                .highCardinalityKeyValue("session", event.sessionId())
                .highCardinalityKeyValue("message", event.messageId().orElse(""))
                .start();
        open.set(new Open(event.messageId().orElse(""), observation, observation.openScope()));
    }

    private Observation.Context context(RelayEvent.MessageReceived event) {
        Map<String, String> fields =
                continuing ? event.content().map(TraceFields::of).orElse(Map.of()) : Map.of();
        if (fields.isEmpty()) {
            return new Observation.Context();
        }
        ReceiverContext<Map<String, String>> context =
                new ReceiverContext<>((carrier, key) -> carrier.get(key.toLowerCase(Locale.ROOT)), Kind.CONSUMER);
        context.setCarrier(fields);
        return context;
    }

    void end(RelayEvent.MessageAnswered event) {
        Open message = open.get();
        if (message != null) {
            message.observation
                    .lowCardinalityKeyValue("outcome", event.outcome().name().toLowerCase(Locale.ROOT))
                    .lowCardinalityKeyValue(
                            "reply", event.reply().standard().map(Enum::name).orElse("other"));
            end();
        }
    }

    private void end() {
        Open message = open.get();
        if (message != null) {
            open.remove();
            message.end();
        }
    }
}
