package dev.postern.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * Counts failed logins by client address and blocks addresses with too many. An attempt counts before anyone looks at its
 * credentials, and is taken back when they are right, so that simultaneous attempts never exceed the rule. Called on the
 * session's thread or one of the relay's, concurrently. May block. When a throttle throws or takes longer than the relay's
 * plug-in time-out, the relay refuses the login temporarily.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>Addresses are compared octet for octet, and attempts from one change nothing for another.
 *   <li>The window slides: a failure counts until it is older than the window.
 *   <li>A block lasts as long as the rule says, whatever is tried meanwhile. After it the count starts at 0.
 *   <li>Each call is judged by its own rule.
 *   <li>Times are not measured by a wall clock, which somebody may set.
 *   <li>A call that takes too long is interrupted. Whatever comes of it, later calls are answered as if it had not been.
 *   <li>A closed throttle throws, so that logins are refused rather than uncounted.
 * </ul>
 */
public interface LoginThrottle {

    /**
     * When to block.
     *
     * @param failures so many failed logins, 1 or more; {@link Integer#MAX_VALUE} never blocks
     * @param window within this time, positive, 365 days at most
     * @param block block the address for this time, positive, 365 days at most; does not extend itself
     * @param undecided an attempt that nobody has ended after this time counts as failed, positive, 365 days at most
     */
    record Rule(int failures, Duration window, Duration block, Duration undecided) {
        /**
         * Checks the bounds.
         *
         * @param failures as {@link #failures()}
         * @param window as {@link #window()}
         * @param block as {@link #block()}
         * @param undecided as {@link #undecided()}
         * @throws IllegalArgumentException when failures is under 1 or a time is out of its bounds
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
         * Makes a rule by which attempts may be undecided for a minute.
         *
         * @param failures as above
         * @param window as above
         * @param block as above
         * @throws IllegalArgumentException when failures is under 1 or a time is out of its bounds
         */
        public Rule(int failures, Duration window, Duration block) {
            this(failures, window, block, Duration.ofMinutes(1));
        }
    }

    /** Whether a login may be tried. */
    sealed interface Decision {

        /**
         * The credentials may be looked at.
         *
         * @param attempt to be ended by what came of it
         */
        record Granted(Attempt attempt) implements Decision {}

        /** Attempts that are being decided fill the rule; ask again when one may have ended. Nothing was counted. */
        record Undecided() implements Decision {}

        /** The address is blocked; the credentials must not be looked at. Nothing was counted. */
        record Blocked() implements Decision {}
    }

    /**
     * A login that is being tried. It counts as a failure from the start, and stays one when nobody ends it. Only the first
     * call of its two methods has an effect, and only while the throttle remembers the attempt. Safe for use by several
     * threads. May throw when a shared store cannot be told; then the attempt stays as it was.
     */
    interface Attempt {

        /**
         * The credentials were wrong: it stays counted, and the block begins if it was the last that the rule waited
         * for.
         */
        void failed();

        /** The credentials were right, or nobody could say: it is not counted any more. */
        void withdraw();

        /** {@return an attempt whose end changes nothing, for a rule that never blocks} */
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
     * Tells whether logins from an address are blocked; changes nothing.
     *
     * @param address the client's address, or the prefix that its IPv6 address counts by
     * @param rule when to block
     * @return true while the block lasts
     * @throws NullPointerException when the address is null
     */
    boolean blocked(String address, Rule rule);

    /**
     * Begins an attempt when the rule has room for its failure; atomic, also between nodes. Attempts of the window, failed
     * ones and those that are not decided yet, are never more than the rule's failures together. When all of them have
     * failed, the block begins, at the latest with the next call of this method.
     *
     * @param address the client's address, or the prefix that its IPv6 address counts by
     * @param rule when to block
     * @return the attempt, or why there is none; never null
     * @throws NullPointerException when the address is null
     */
    Decision attempt(String address, Rule rule);
}
