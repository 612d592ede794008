package dev.postern.spi;

import java.time.Duration;

/**
 * Counts failed logins by client address and blocks an address with too many. Called on the session's thread or one of
 * the relay's, concurrently; may block. One that throws or takes longer than the relay's plug-in time-out refuses the
 * login temporarily.
 */
public interface LoginThrottle {

    /**
     * When to block.
     *
     * @param failures so many failed logins, 1 or more; {@link Integer#MAX_VALUE} never blocks
     * @param window within this time, positive, 365 days at most
     * @param block block the address for this time, positive, 365 days at most; does not extend itself
     */
    record Rule(int failures, Duration window, Duration block) {
        /**
         * Checks the bounds.
         *
         * @param failures as {@link #failures()}
         * @param window as {@link #window()}
         * @param block as {@link #block()}
         * @throws IllegalArgumentException when failures is under 1 or a time is out of its bounds
         */
        public Rule {
            if (failures < 1) {
                throw new IllegalArgumentException("failures must be 1 or more, not " + failures);
            }
            requireBounded("window", window);
            requireBounded("block", block);
        }
    }

    private static void requireBounded(String parameter, Duration time) {
        if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException(
                    parameter + " must be positive, and 365 days at most, not " + time.toSeconds() + " s");
        }
    }

    /**
     * Tells whether logins from an address are blocked.
     *
     * @param address the client's address, or the prefix that its IPv6 address counts by
     * @param rule when to block
     * @return true while the block lasts
     */
    boolean blocked(String address, Rule rule);

    /**
     * Counts a failed login, and begins the block with the one that fills the rule.
     *
     * @param address the client's address, or the prefix that its IPv6 address counts by
     * @param rule when to block
     */
    void failed(String address, Rule rule);
}
