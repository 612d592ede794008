package dev.postern.spi;

/**
 * A change of what counts as used in an account's current period, by an operator's hand.
 *
 * @param account the account
 * @param plan the account's plan
 * @param kind how units change the count
 * @param units for {@link Kind#ADD} any number, negative to give back; for {@link Kind#SET} 0 or more
 * @param by who did it and why, for the audit; in plain words, without secrets
 */
public record QuotaAdjustment(String account, QuotaPlan plan, Kind kind, long units, String by) {

    /** How units change the count. */
    public enum Kind {
        /** They are added to what is used, which never falls under 0. */
        ADD,
        /** They are what is used from now on; 0 begins anew. */
        SET
    }

    /**
     * Checks the units.
     *
     * @param account as {@link #account()}
     * @param plan as {@link #plan()}
     * @param kind as {@link #kind()}
     * @param units as {@link #units()}
     * @param by as {@link #by()}
     * @throws IllegalArgumentException when a count is set to less than 0, or nobody is named
     */
    public QuotaAdjustment {
        if (kind == Kind.SET && units < 0) {
            throw new IllegalArgumentException("units must be 0 or more, not " + units);
        }
        if (by.isBlank()) {
            throw new IllegalArgumentException("by must say who adjusts and why");
        }
    }

    /**
     * Returns what is used afterwards.
     *
     * @param used what is used before, 0 or more
     * @return 0 or more
     */
    public long applyTo(long used) {
        if (kind == Kind.SET) {
            return units;
        }
        return units > Long.MAX_VALUE - used ? Long.MAX_VALUE : Math.max(0, used + units);
    }
}
