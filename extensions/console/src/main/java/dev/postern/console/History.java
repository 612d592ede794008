package dev.postern.console;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * How many messages were accepted and how many commands refused in each of the last seconds. What passes without events costs
 * nothing. Safe for use by several threads, which wait for each other no longer than an addition takes.
 */
final class History {

    static final int SECONDS = 300;

    private static final int SLOTS = SECONDS + 1; // with the second that has not ended
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final RelayClock clock;
    private final long begun;
    private final int[] accepted = new int[SLOTS]; // guarded by this, as all below
    private final int[] refused = new int[SLOTS];
    private long second; // that has not ended, since the beginning

    /** By second, the oldest first; as many as have passed, {@link #SECONDS} at most. */
    record Seconds(List<Integer> accepted, List<Integer> refused) {}

    History(RelayClock clock) {
        this.clock = clock;
        begun = clock.nanoTime();
    }

    synchronized void accepted() {
        accepted[slot(now())]++;
    }

    synchronized void refused() {
        refused[slot(now())]++;
    }

    private static int slot(long second) {
        return (int) (second % SLOTS);
    }

    /** The second that it is; in those since the last one nothing has happened. */
    private long now() {
        long now = (clock.nanoTime() - begun) / SECOND;
        for (long passed = Math.max(second + 1, now - SECONDS); passed <= now; passed++) {
            accepted[slot(passed)] = 0;
            refused[slot(passed)] = 0;
        }
        second = Math.max(second, now);
        return second;
    }

    synchronized Seconds seconds() {
        long now = now();
        return new Seconds(last(accepted, now), last(refused, now));
    }

    private static List<Integer> last(int[] counts, long now) {
        return LongStream.range(Math.max(0, now - SECONDS), now)
                .mapToObj(second -> counts[slot(second)])
                .toList();
    }
}
