package dev.postern.internal.reply;

import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps sessions from waiting for a store that does not answer: after some failures in a row it is not called for a
 * pause, then by one call at a time until one of them succeeds. Safe for use by several threads.
 */
final class Breaker {

    static final int FAILURES = 3;
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    private enum State {
        CLOSED,
        OPEN,
        PROBING
    }

    private final String store;
    private final RelayClock clock;
    private final RelayListener listener;
    private final StoreFailure then;
    private State state = State.CLOSED;
    private int failures;
    private long pauseEnd;

    Breaker(String store, RelayClock clock, RelayListener listener, StoreFailure then) {
        this.store = store;
        this.clock = clock;
        this.listener = listener;
        this.then = then;
    }

    /** Tells whether to call; the one that is told so in a pause's end must say how it went. */
    synchronized boolean admits() {
        if (state == State.OPEN && clock.nanoTime() - pauseEnd >= 0) {
            state = State.PROBING;
            return true;
        }
        return state == State.CLOSED;
    }

    void ended(boolean answered) {
        if (answered ? closes() : opens()) {
            tell(answered ? RelayEvent.StoreFound.of(store) : RelayEvent.StoreLost.of(store, then));
        }
    }

    private synchronized boolean closes() {
        boolean found = state == State.PROBING;
        if (found || state == State.CLOSED) { // an answer from before the pause says nothing of now
            state = State.CLOSED;
            failures = 0;
        }
        return found;
    }

    private synchronized boolean opens() {
        boolean lost = state == State.CLOSED && ++failures >= FAILURES;
        if (lost || state == State.PROBING) {
            state = State.OPEN;
            pauseEnd = clock.nanoTime() + PAUSE.toNanos();
        }
        return lost;
    }

    private void tell(RelayEvent event) {
        LOG.warn("{}", event);
        PluginGuard.tell(listener, event);
    }
}
