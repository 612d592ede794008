package dev.postern.testkit;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a relay tells its listener, in the order in which it is told. For any thread. */
public final class RelayEvents implements RelayListener {

    private final List<RelayEvent> events = new ArrayList<>();

    /** Makes an empty record. */
    public RelayEvents() {}

    @Override
    public synchronized void on(RelayEvent event) {
        events.add(event);
    }

    synchronized void forget() {
        events.clear();
    }

    /** {@return the events of the test until now, in order} */
    public synchronized List<RelayEvent> all() {
        return List.copyOf(events);
    }

    /**
     * Returns the events of one kind.
     *
     * @param kind the kind, for instance {@code RelayEvent.Relayed.class}
     * @param <T> the kind
     * @return the events in order
     */
    public <T extends RelayEvent> List<T> of(Class<T> kind) {
        return all().stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
