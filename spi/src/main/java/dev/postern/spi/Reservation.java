package dev.postern.spi;

import java.time.Instant;

/**
 * Units of an account's quota that are held for a message until it is committed or released.
 *
 * @param id the reservation's id
 * @param account the account
 * @param plan the account's plan
 * @param units all the units held, 0 or more
 * @param periodStart the start of the period that the units count for, even if they are committed after its end
 */
public record Reservation(String id, String account, QuotaPlan plan, long units, Instant periodStart) {

    /**
     * Returns this reservation with other units.
     *
     * @param newUnits units, 0 or more
     * @return a copy
     */
    public Reservation withUnits(long newUnits) {
        return new Reservation(id, account, plan, newUnits, periodStart);
    }
}
