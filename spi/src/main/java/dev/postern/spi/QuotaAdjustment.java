package dev.postern.spi;

/**
 * An operator's change to an account's used quota in its current period.
 *
 * @param account the account
 * @param plan the account's plan
 * @param kind how units change the count
 * @param units any number for {@link Kind#ADD}, negative to give units back; 0 or more for {@link Kind#SET}
 * @param by who changed it and why, for the audit; plain text without secrets
 */
public record QuotaAdjustment(String account, QuotaPlan plan, Kind kind, long units, String by) {

    /** How units change the count. */
    public enum Kind {
        /** Adds the units to the count, which never falls below 0. */
        ADD,
        /** Sets the count to the units; 0 starts over. */
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
     * @throws IllegalArgumentException when a count is set to less than 0, or {@code by} is empty
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
     * Applies the change to a count.
     *
     * @param used the count before, 0 or more
     * @return the count afterwards, 0 or more
     */
    public long applyTo(long used) {
        if (kind == Kind.SET) {
            return units;
        }
        return units > Long.MAX_VALUE - used ? Long.MAX_VALUE : Math.max(0, used + units);
    }
}
