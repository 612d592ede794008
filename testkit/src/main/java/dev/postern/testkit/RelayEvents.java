package dev.postern.testkit;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Records a relay's events, in the order in which the listener gets them. Thread-safe. */
public final class RelayEvents implements RelayListener {

    private final List<RelayEvent> events = new ArrayList<>();

    /** Creates an empty record. */
    public RelayEvents() {}

    @Override
    public synchronized void on(RelayEvent event) {
        events.add(event);
        notifyAll();
    }

    /** Forgets all events, including the still missing ends of sessions: first waits until only this many are open. */
    synchronized void forget(int open, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            for (long left = patience.toNanos(); left > 0 && begun() > open; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        events.clear();
    }

    private int begun() {
        return of(RelayEvent.SessionOpened.class).size()
                - of(RelayEvent.SessionClosed.class).size();
    }

    /** {@return the events of the test so far, in order} */
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
