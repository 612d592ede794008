package dev.postern.stores;

import dev.postern.stores.Ledgers.Answer;
import dev.postern.stores.Ledgers.Standing;
import dev.postern.stores.Ledgers.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process holds of an engine's ledgers. What could not be settled, or may have been held by a request whose
 * answer was lost, is settled with the next heartbeats. Safe for use by several threads.
 */
public final class Holdings {

    private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);
    private static final int MAX_UNSETTLED = 100_000;

    /** What to settle later, so many times: a lost request may be done by the engine after it was given up. */
    private record Unsettled(Ledgers.Key key, String id, long units, int times) {}

    private final Ledgers ledgers;
    private final LinkedBlockingQueue<Unsettled> unsettled = new LinkedBlockingQueue<>(MAX_UNSETTLED);

    /** How many of the unsettled are of an id: what it takes now would go when they are settled. */
    private final Map<String, Integer> inDoubt = new ConcurrentHashMap<>();

    /**
     * Makes the holdings.
     *
     * @param ledgers the engine's
     */
    public Holdings(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    /**
     * The engine's ledgers, for what holds nothing.
     *
     * @return as given
     */
    Ledgers ledgers() {
        return ledgers;
    }

    /**
     * See {@link Ledgers#hold}; a hold that nobody knows of is given back later, with all that the id holds. Until then the
     * id gets nothing: a message that had it would be sent, and not counted.
     */
    Answer hold(Terms terms, String id, long units) {
        if (inDoubt.containsKey(id)) {
            throw new StoreException(
                    "what is held is not known: a request was lost, and is settled with the next beats");
        }
        try {
            return ledgers.hold(terms, id, units);
        } catch (StoreException e) {
            later(new Unsettled(terms.key(), id, 0, 2));
            throw e;
        }
    }

    /** See {@link Ledgers#settle}; what is not done now is done later. */
    Standing settle(Ledgers.Key key, String id, long units) {
        try {
            return ledgers.settle(key, id, units);
        } catch (StoreException e) {
            later(new Unsettled(key, id, units, 1));
            throw e;
        }
    }

    /** See {@link Ledgers#holds}; of what is to be given back, nothing is held. */
    boolean holds(Ledgers.Key key, String id) {
        return !inDoubt.containsKey(id) && ledgers.holds(key, id);
    }

    private void later(Unsettled entry) {
        inDoubt.merge(entry.id, 1, Integer::sum);
        again(entry);
    }

    private void again(Unsettled entry) {
        if (!unsettled.offer(entry)) {
            done(entry);
            LOG.error("{} not settled: {} others wait for the store", entry, MAX_UNSETTLED);
        }
    }

    private void done(Unsettled entry) {
        inDoubt.computeIfPresent(entry.id, (id, count) -> count == 1 ? null : count - 1);
    }

    /** Settles what was left over; for the engine's heartbeat, after it has seen that the engine answers. */
    public void settleLeftovers() {
        List<Unsettled> now = new ArrayList<>();
        unsettled.drainTo(now);
        for (Unsettled entry : now) {
            try {
                ledgers.settle(entry.key, entry.id, entry.units);
                if (entry.times > 1) {
                    again(new Unsettled(entry.key, entry.id, entry.units, entry.times - 1));
                } else {
                    done(entry);
                }
            } catch (StoreException e) {
                again(entry);
                LOG.warn("{} not settled; it is tried again", entry, e);
            }
        }
    }
}
