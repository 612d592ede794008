package dev.postern.spi;

import java.time.Duration;

/**
 * Counts failed logins by client address and blocks an address with too many. An attempt is counted before its credentials
 * are looked at and given back when they were right, so that attempts at the same time are never more than the rule
 * allows. Called on the session's thread or one of the relay's, concurrently; may block. One that throws or takes longer
 * than the relay's plug-in time-out refuses the login temporarily.
 *
 * <p>Rules: an address is compared octet for octet, and what is tried from one changes nothing for another. The window
 * slides: a failure counts as long as it is not older. A block lasts as long as the rule says, whatever is tried
 * meanwhile; after it the count begins anew. Each call goes by the rule that it brings along. What lasts is not measured by a
 * wall clock, which may be set. A throttle that is closed throws, so that logins are refused and not uncounted.
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

    /** What a throttle says to somebody who wants to try a login. */
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
     * A login that is being tried. It counts as a failure from its beginning on, so one that nobody ends stays one. Only the
     * first call of its two methods does something, and only as long as the attempt is remembered. Safe for use by several
     * threads. May throw when that cannot be told to others; then it stays as it was.
     */
    interface Attempt {

        /** The credentials were wrong: it stays counted, and the block begins if it was the last that the rule waited for. */
        void failed();

        /** The credentials were right, or nobody could say: it is not counted any more. */
        void withdraw();

        /** {@return an attempt whose end changes nothing, for a rule that never blocks} */
        static Attempt uncounted() {
            return UncountedAttempt.INSTANCE;
        }
    }

    private static void requireBounded(String parameter, Duration time) {
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
