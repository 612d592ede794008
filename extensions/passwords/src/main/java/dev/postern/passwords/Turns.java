package dev.postern.passwords;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Who may compute now. What is computed takes a processor, so that only a few are computed at a time; others wait their turn,
 * those who were right lately before all others, for a flood of guesses must not keep them out; of the others comes one after
 * each four of them. Safe for use by several threads.
 */
final class Turns {

    /** Whoever was right lately is remembered so, up to a number that needs some MiB. */
    private static final int MOST_REMEMBERED = 10_000;

    private static final long LONGEST_WAIT_MILLIS = 1500; // which is within a plug-in's time

    /** Whoever was right lately and comes again and again must not keep out who comes for the first time today. */
    private static final int MOST_IN_A_ROW = 4;

    private final int mostWaiting;
    private int knownInARow; // while others wait; guarded by this
    private int free; // guarded by this, as all that follows
    private final Deque<Turn> known = new ArrayDeque<>();
    private final Deque<Turn> others = new ArrayDeque<>();
    private final Map<String, Boolean> rightLately = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    /** Of one who waits. */
    private record Turn(String who, CountDownLatch come) {}

    /**
     * Makes turns.
     *
     * @param atATime how many may compute at a time
     * @param mostWaiting how many may wait of those who were right lately, and as many of the others
     */
    Turns(int atATime, int mostWaiting) {
        this.free = atATime;
        this.mostWaiting = mostWaiting;
    }

    /**
     * Waits for a turn.
     *
     * @param who the same for the same user from the same place; empty for somebody unknown
     * @return false when there is none in time, or too many wait already
     */
    boolean take(String who) throws InterruptedException {
        Turn turn = new Turn(who, new CountDownLatch(1));
        synchronized (this) {
            if (free > 0) {
                free--;
                return true;
            }
            Deque<Turn> queue = rightLately.get(who) == null ? others : known;
            if (queue.size() >= mostWaiting) {
                return false;
            }
            queue.add(turn);
        }
        try {
            return turn.come.await(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS) || !withdraw(turn);
        } catch (InterruptedException e) {
            if (!withdraw(turn)) {
                giveBack();
            }
            throw e;
        }
    }

    /** Whether it was still waiting; otherwise its turn came just now. */
    private synchronized boolean withdraw(Turn turn) {
        return known.remove(turn) || others.remove(turn);
    }

    /** Ends a turn. */
    synchronized void giveBack() {
        boolean ofOthers = known.isEmpty() || knownInARow >= MOST_IN_A_ROW && !others.isEmpty();
        knownInARow = ofOthers || others.isEmpty() ? 0 : knownInARow + 1;
        Turn next = ofOthers ? others.poll() : known.poll();
        if (next == null) {
            free++;
        } else {
            next.come.countDown();
        }
    }

    /**
     * Remembers that somebody was right. What waits of the same one is no stranger's any more: behind strangers it would also
     * let pass each later login of its own.
     */
    synchronized void wasRight(String who) {
        if (!who.isEmpty() && rightLately.put(who, true) == null) {
            others.removeIf(turn -> turn.who.equals(who) && known.add(turn));
        }
    }
}
