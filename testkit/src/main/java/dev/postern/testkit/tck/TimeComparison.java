package dev.postern.testkit.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Determines whether two calls take visibly different times, even on a busy machine. The calls alternate, so that
 * pauses and other processes affect both alike. They differ only if nearly every turn says so, and the medians differ
 * by half and by more than a network hides.
 */
final class TimeComparison {

    private static final int FEWEST_TURNS = 11;
    private static final int MOST_TURNS = 201;
    private static final Duration ENOUGH = Duration.ofSeconds(6);
    private static final double NEARLY_ALL = 0.95;
    private static final double HALF = 0.5;

    /** The smallest difference that is visible over a local network with many attempts. */
    private static final long HIDDEN_NANOS = 50_000;

    private final List<Long> ones = new ArrayList<>();
    private final List<Long> others = new ArrayList<>();

    /**
     * Measures both calls.
     *
     * @param one takes the turn's number, so as to ask something new each time
     * @param other the same
     */
    static TimeComparison of(IntConsumer one, IntConsumer other) {
        TimeComparison comparison = new TimeComparison();
        ContractDeadline.extendBy(ENOUGH.multipliedBy(3)); // a turn may be long, and is not broken off
        for (int warm = 0; warm < 3; warm++) {
            one.accept(-1 - warm);
            other.accept(-1 - warm);
        }
        long begin = System.nanoTime();
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            if (turn % 2 == 0) {
                comparison.ones.add(time(one, turn));
                comparison.others.add(time(other, turn));
            } else {
                comparison.others.add(time(other, turn));
                comparison.ones.add(time(one, turn));
            }
            if (turn + 1 >= FEWEST_TURNS && System.nanoTime() - begin > ENOUGH.toNanos()) {
                break;
            }
        }
        return comparison;
    }

    private static long time(IntConsumer call, int turn) {
        long begin = System.nanoTime();
        call.accept(turn);
        return System.nanoTime() - begin;
    }

    /** Returns whether the one takes visibly less time than the other. */
    boolean oneIsFaster() {
        return faster(ones, others);
    }

    /** Returns whether the other takes visibly less time than the one. */
    boolean otherIsFaster() {
        return faster(others, ones);
    }

    private static boolean faster(List<Long> these, List<Long> those) {
        long turns = 0;
        for (int i = 0; i < these.size(); i++) {
            turns += these.get(i) < those.get(i) ? 1 : 0;
        }
        long median = median(those) - median(these);
        return turns >= NEARLY_ALL * these.size() && median > HALF * median(those) && median > HIDDEN_NANOS;
    }

    private static long median(List<Long> times) {
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElse(0L);
    }

    /** Returns the medians, for failure messages. */
    @Override
    public String toString() {
        return median(ones) / 1_000 + " \u00b5s and " + median(others) / 1_000 + " \u00b5s in the middle of "
                + ones.size() + " turns";
    }
}
