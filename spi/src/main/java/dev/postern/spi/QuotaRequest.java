package dev.postern.spi;

/**
 * Asks for units of an account's quota. Made by {@link #of} and read by its accessors, of which there may be more later.
 * Immutable.
 */
public sealed interface QuotaRequest permits Records.QuotaRequest {

    /**
     * Makes a request.
     *
     * @param reservationId the reservation to add the units to, unique for each message; it begins with the first request
     * @param account the account, in its canonical form
     * @param plan the account's plan
     * @param units how many more of {@link QuotaPlan#unit()}
     * @return the request
     * @throws IllegalArgumentException when units is under 1
     */
    static QuotaRequest of(String reservationId, String account, QuotaPlan plan, long units) {
        return new Records.QuotaRequest(reservationId, account, plan, units);
    }

    /** {@return the reservation to add the units to, unique for each message; it begins with the first request} */
    String reservationId();

    /** {@return the account, in its canonical form} */
    String account();

    /** {@return the account's plan} */
    QuotaPlan plan();

    /** {@return how many more of {@link QuotaPlan#unit()}, 1 or more} */
    long units();
}
