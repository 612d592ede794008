package dev.postern.spool;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The messages that this node does something to, from the claim until the end is known here. The database may know of the
 * end before: when its answer was lost, a message is free there, may be due, and is in flight here. Safe for use by several
 * threads.
 */
final class InFlight {

    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final Set<String> claimedAgain = ConcurrentHashMap.newKeySet();

    /** For claims, from before the rows are owned until that is known here, and for steps that are done again. */
    private final ReentrantLock claims = new ReentrantLock();

    private final AtomicBoolean claimUnknown = new AtomicBoolean();

    /** Begins with a message that is not in the database yet. */
    void begin(String id) {
        ids.add(id);
    }

    void end(String id) {
        ids.remove(id);
        if (claimedAgain.remove(id)) {
            claimIsUnknown();
        }
    }

    /**
     * Has rows be owned by this node, and begins with their messages; {@link #end} is to be called for each. One is left
     * out when what was done to it before has not heard yet that it is done: at that one's end it is given back.
     */
    List<Stored> claimed(Supplier<List<Stored>> claim) {
        boolean done = false;
        claims.lock();
        try {
            List<Stored> claimed = claim.get();
            done = true;
            return claimed.stream()
                    .filter(message -> beginClaimed(message.id()))
                    .toList();
        } finally {
            claims.unlock();
            if (!done) {
                claimIsUnknown();
            }
        }
    }

    private boolean beginClaimed(String id) {
        if (ids.add(id)) {
            return true;
        }
        claimedAgain.add(id);
        if (ids.add(id)) { // that end was just now
            claimedAgain.remove(id);
            return true;
        }
        return false;
    }

    /**
     * Does a step once more of which nobody knows whether it was done. What is not ours any more was; what is ours once more was
     * too, and is not to be let go twice. Unless others took us for dead meanwhile: then it may be theirs to do.
     *
     * @param neverDead whether nobody has taken over what we owned when the step was done first
     * @return whether it is done, for all that we know
     */
    boolean again(String id, BooleanSupplier step, BooleanSupplier neverDead) {
        claims.lock();
        try {
            return !claimedAgain.contains(id) && step.getAsBoolean() || neverDead.getAsBoolean();
        } finally {
            claims.unlock();
        }
    }

    /** There may be rows that this node owns, and that nothing is done to. */
    void claimIsUnknown() {
        claimUnknown.set(true);
    }

    /** Whether there may be such rows; asked for once, and what comes just then is for the next time. */
    boolean takeUnknown() {
        return claimUnknown.getAndSet(false);
    }

    Set<String> ids() {
        return new HashSet<>(ids);
    }
}
