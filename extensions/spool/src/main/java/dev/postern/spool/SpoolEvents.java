package dev.postern.spool;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayListener;
import dev.postern.spool.SpoolEvent.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens and tells it. Safe for use by several threads. */
final class SpoolEvents {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolEvents.class);

    /** The one kind of event. */
    record Told(Kind kind, SpooledMessage message, List<Recipient> recipients, Optional<DeliveryResult> result)
            implements SpoolEvent {}

    private final RelayListener listener;
    private final Map<Kind, LongAdder> counts = new EnumMap<>(Kind.class);

    SpoolEvents(RelayListener listener) {
        this.listener = listener;
        for (Kind kind : Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    void tell(Kind kind, Stored message, List<Integer> positions, Optional<DeliveryResult> result) {
        if (positions.isEmpty()) {
            return;
        }
        Objects.requireNonNull(counts.get(kind)).increment();
        List<Recipient> recipients = positions.stream()
                .map(i -> message.recipients().get(i).recipient())
                .toList();
        try {
            listener.on(new Told(kind, message, recipients, result));
        } catch (RuntimeException | Error e) { // what is durable stays so, whatever the host makes of it
            LOG.error("RelayListener failed at {} of message {}", kind, message.id(), e);
        }
    }

    Map<Kind, Long> counts() {
        Map<Kind, Long> read = new EnumMap<>(Kind.class);
        counts.forEach((kind, count) -> read.put(kind, count.sum()));
        return read;
    }
}
