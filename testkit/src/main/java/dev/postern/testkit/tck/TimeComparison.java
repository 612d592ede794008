package dev.postern.testkit.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Tells whether one of two calls can be seen to take another time than the other, whatever else the machine does: they take
 * turns, so that a pause or another process meets both alike; and they differ only when nearly every turn says so, and the
 * medians by half and by more than a network hides.
 */
final class TimeComparison {

    private static final int FEWEST_TURNS = 11;
    private static final int MOST_TURNS = 201;
    private static final Duration ENOUGH = Duration.ofSeconds(6);
    private static final double NEARLY_ALL = 0.95;
    private static final double HALF = 0.5;

    /** What can be told apart over a local network with many tries. */
    private static final long HIDDEN_NANOS = 50_000;

    private final List<Long> ones = new ArrayList<>();
    private final List<Long> others = new ArrayList<>();

    /**
     * Measures.
     *
     * @param one takes the turn's number, to ask something new each time
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

    /** Tells whether the one takes less time than the other, so that it can be seen. */
    boolean oneIsFaster() {
        return faster(ones, others);
    }

    /** Tells whether the other takes less time than the one, so that it can be seen. */
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

    /** Returns the medians, for failure texts. */
    @Override
    public String toString() {
        return median(ones) / 1_000 + " \u00b5s and " + median(others) / 1_000 + " \u00b5s in the middle of "
                + ones.size() + " turns";
    }
}
