package dev.postern.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * Counts failed logins by client address and blocks addresses with too many. An attempt is counted before its
 * credentials are checked, and uncounted when they are right, so that simultaneous attempts never exceed the rule.
 * Called on the session's thread or a relay thread, concurrently. May block. When a throttle throws or takes longer
 * than the relay's plug-in time-out, the relay refuses the login temporarily.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>Addresses are compared octet for octet. Attempts from one address do not affect another.
 *   <li>The window slides: a failure counts until it is older than the window.
 *   <li>A block lasts as long as the rule says, regardless of attempts meanwhile. Afterwards the count starts at 0.
 *   <li>Each call is judged by its own rule.
 *   <li>Times are not measured by a wall clock, which can be set.
 *   <li>A call that takes too long is interrupted. That must not affect the answers to later calls.
 *   <li>A closed throttle throws, so that logins are refused rather than uncounted.
 * </ul>
 */
public interface LoginThrottle {

    /**
     * When to block.
     *
     * @param failures how many failed logins cause a block, 1 or more; {@link Integer#MAX_VALUE} never blocks
     * @param window the time within which they count, positive, at most 365 days
     * @param block how long the address is blocked, positive, at most 365 days; attempts do not extend it
     * @param undecided how long an attempt may stay undecided before it counts as failed, positive, at most 365 days
     */
    record Rule(int failures, Duration window, Duration block, Duration undecided) {
        /**
         * Checks the bounds.
         *
         * @param failures as {@link #failures()}
         * @param window as {@link #window()}
         * @param block as {@link #block()}
         * @param undecided as {@link #undecided()}
         * @throws IllegalArgumentException when failures is under 1 or a time is out of bounds
         */
        public Rule {
            if (failures < 1) {
                throw new IllegalArgumentException("failures must be 1 or more, not " + failures);
            }
            requireBounded("window", window);
            requireBounded("block", block);
            requireBounded("undecided", undecided);
        }

        /**
         * Creates a rule under which attempts may stay undecided for a minute.
         *
         * @param failures as above
         * @param window as above
         * @param block as above
         * @throws IllegalArgumentException when failures is under 1 or a time is out of bounds
         */
        public Rule(int failures, Duration window, Duration block) {
            this(failures, window, block, Duration.ofMinutes(1));
        }
    }

    /** Whether a login may be attempted. */
    sealed interface Decision {

        /**
         * The credentials may be checked.
         *
         * @param attempt to be ended with the outcome
         */
        record Granted(Attempt attempt) implements Decision {}

        /** Undecided attempts already use up the rule; ask again when one may have ended. Nothing was counted. */
        record Undecided() implements Decision {}

        /** The address is blocked; the credentials must not be checked. Nothing was counted. */
        record Blocked() implements Decision {}
    }

    /**
     * A login attempt in progress. It counts as a failure from the start, and remains one if it is never ended. Only
     * the first call of either method has an effect, and only while the throttle remembers the attempt. Thread-safe.
     * May throw when a shared store cannot be reached; the attempt then stays as it was.
     */
    interface Attempt {

        /**
         * The credentials were wrong: the attempt stays counted, and the block begins if it completes the rule's
         * failures.
         */
        void failed();

        /** The credentials were right, or could not be checked: the attempt is no longer counted. */
        void withdraw();

        /** {@return an attempt whose outcome changes nothing, for a rule that never blocks} */
        static Attempt uncounted() {
            return UncountedAttempt.INSTANCE;
        }
    }

    private static void requireBounded(String parameter, Duration time) {
        Objects.requireNonNull(time, parameter);
        if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException(
                    parameter + " must be positive, and 365 days at most, not " + time.toSeconds() + " s");
        }
    }

    /**
     * Returns whether logins from an address are blocked; changes nothing.
     *
     * @param address the client's address, or the counted prefix of its IPv6 address
     * @param rule when to block
     * @return true while the block lasts
     * @throws NullPointerException when the address is null
     */
    boolean blocked(String address, Rule rule);

    /**
     * Begins an attempt if the rule has room for another failure; atomic, even across nodes. The window's failed and
     * undecided attempts together never exceed the rule's failures. When all of them have failed, the block begins, at
     * the latest with the next call of this method.
     *
     * @param address the client's address, or the counted prefix of its IPv6 address
     * @param rule when to block
     * @return the attempt, or why it was not granted; never null
     * @throws NullPointerException when the address is null
     */
    Decision attempt(String address, Rule rule);
}
