package dev.postern.testkit.tck;

import java.util.concurrent.TimeUnit;

/**
 * The gap in what ought to be atomic, for a fault that only shows when others come in between: whoever is in it waits for
 * them, so that the fault shows whatever the machine does.
 */
final class Gap {

    /** As many threads as the contracts' calls at once have. */
    private static final int ALL = 8;

    /** How long it waits for others where there are none, as in the calls before and after those at once. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final int size;
    private int waiting;
    private int gathered;

    /** Of all threads of a contract. */
    Gap() {
        this(ALL);
    }

    Gap(int size) {
        this.size = size;
    }

    synchronized void awaitOthers() {
        int mine = gathered;
        waiting++;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (waiting < size && mine == gathered && end - System.nanoTime() > 0) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
        if (mine == gathered) {
            gathered++;
            waiting = 0;
            notifyAll();
        }
    }
}
