package dev.postern.spi;

/** A request for units of an account's quota. Created by {@link #of}; later versions may add accessors. Immutable. */
public sealed interface QuotaRequest permits Records.QuotaRequest {

    /**
     * Creates a request.
     *
     * @param reservationId the reservation to add the units to, unique for each message; the first request creates it
     * @param account the account, in its canonical form
     * @param plan the account's plan
     * @param units how many units to add, in {@link QuotaPlan#unit()}
     * @return the request
     * @throws IllegalArgumentException when units is under 1
     */
    static QuotaRequest of(String reservationId, String account, QuotaPlan plan, long units) {
        return new Records.QuotaRequest(reservationId, account, plan, units);
    }

    /** {@return the reservation to add the units to, unique for each message; the first request creates it} */
    String reservationId();

    /** {@return the account, in its canonical form} */
    String account();

    /** {@return the account's plan} */
    QuotaPlan plan();

    /** {@return how many units to add, in {@link QuotaPlan#unit()}, 1 or more} */
    long units();
}
