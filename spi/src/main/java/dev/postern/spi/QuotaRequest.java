package dev.postern.spi;

/**
 * Asks for units of an account's quota.
 *
 * @param reservationId the reservation to add the units to, unique for each message; it begins with the first request
 * @param account the account, in its canonical form
 * @param plan the account's plan
 * @param units how many more of {@link QuotaPlan#unit()}, 1 or more
 */
public record QuotaRequest(String reservationId, String account, QuotaPlan plan, long units) {

    /**
     * Checks the units.
     *
     * @param reservationId as {@link #reservationId()}
     * @param account as {@link #account()}
     * @param plan as {@link #plan()}
     * @param units as {@link #units()}
     * @throws IllegalArgumentException when units is under 1
     */
    public QuotaRequest {
        if (units < 1) {
            throw new IllegalArgumentException("units must be 1 or more, not " + units);
        }
    }
}
