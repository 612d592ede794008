package dev.postern.stores;

import dev.postern.stores.Ledgers.Answer;
import dev.postern.stores.Ledgers.Standing;
import dev.postern.stores.Ledgers.Terms;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process holds in an engine's ledgers. Holds that could not be settled, or that a request with a lost answer
 * may have created, are settled with the next heartbeats. Thread-safe.
 */
public final class Holdings {

    private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);
    private static final int MAX_UNSETTLED = 100_000;

    /** A hold to settle later, several times: the engine may still execute a lost request after it was given up. */
    private record Unsettled(Ledgers.Key key, String id, long units, int times) {}

    private final Ledgers ledgers;
    private final LinkedBlockingQueue<Unsettled> unsettled = new LinkedBlockingQueue<>(MAX_UNSETTLED);

    /** The number of unsettled holds per id: a new hold of such an id would be lost when they are settled. */
    private final Map<String, Integer> inDoubt = new ConcurrentHashMap<>();

    /**
     * Creates the holdings.
     *
     * @param ledgers the engine's ledgers
     */
    public Holdings(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    /**
     * Returns the engine's ledgers, for operations that hold nothing.
     *
     * @return the ledgers as given
     */
    Ledgers ledgers() {
        return ledgers;
    }

    /**
     * See {@link Ledgers#hold}. A hold with an unknown result is given back later, with everything that the id holds.
     * Until then the id gets nothing, because its message would be sent but not counted.
     */
    Answer hold(Terms terms, String id, long units) {
        if (inDoubt.containsKey(id)) {
            throw new StoreException(
                    "what is held is not known: a request was lost, and is settled with the next beats");
        }
        try {
            return ledgers.hold(terms, id, units);
        } catch (RuntimeException | Error e) { // also without memory for the answer: the engine may have done it
            later(new Unsettled(terms.key(), id, 0, 2));
            throw e;
        }
    }

    /** See {@link Ledgers#settle}. If it fails now, it is done later. */
    Standing settle(Ledgers.Key key, String id, long units) {
        try {
            return ledgers.settle(key, id, units);
        } catch (RuntimeException | Error e) {
            later(new Unsettled(key, id, units, 1));
            throw e;
        }
    }

    /** See {@link Ledgers#holds}. Units that are to be given back are not held. */
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

    /** Settles leftover holds; called by the engine's heartbeat once the engine answers. */
    public void settleLeftovers() {
        // those of now alone, one by one: what an Error leaves behind is still there for the next beat
        for (int left = unsettled.size(); left > 0; left--) {
            Unsettled entry = unsettled.poll();
            if (entry == null
                    || !settle(entry)) { // each of the others could take the engine's whole time-out, and the lease
                return;
            }
        }
    }

    /** False when the engine did not answer. */
    private boolean settle(Unsettled entry) {
        @Nullable Unsettled next = entry;
        try {
            ledgers.settle(entry.key, entry.id, entry.units);
            next = entry.times > 1 ? new Unsettled(entry.key, entry.id, entry.units, entry.times - 1) : null;
            return true;
        } catch (StoreException e) {
            LOG.warn("{} and {} more not settled; they are tried again", entry, unsettled.size(), e);
            return false;
        } finally {
            if (next == null) {
                done(entry);
            } else {
                again(next);
            }
        }
    }
}
