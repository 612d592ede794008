package dev.postern.robustness;

import java.util.SplittableRandom;

/**
 * Runs rounds of a fuzz test. Each round has a seed of its own, which is in the text of its failure: with it as {@code
 * postern.fuzz.seed} and 1 as {@code postern.fuzz.rounds}, the same round is the only one. Without a seed the rounds are
 * the same each time, so that a build does not fail by luck; a long run gives a seed of its own.
 */
final class Fuzz {

    /** The longest that a fuzz test may run: a bit less than the build lets a whole module's tests run. */
    static final int MINUTES = 14;

    private static final long DEFAULT_SEED = 20260304;

    private Fuzz() {}

    /** One round, given its own random numbers. */
    interface Round {
        void run(SplittableRandom random) throws Exception;
    }

    /** Returns how many rounds there were. */
    static int run(int defaultRounds, Round round) {
        long first = Long.getLong("postern.fuzz.seed", DEFAULT_SEED);
        int rounds = Integer.getInteger("postern.fuzz.rounds", defaultRounds);
        for (long seed = first; seed < first + rounds; seed++) {
            try {
                round.run(new SplittableRandom(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "fails with -Dpostern.fuzz.seed=" + seed + " -Dpostern.fuzz.rounds=1: " + e, e);
            }
        }
        return rounds;
    }
}
