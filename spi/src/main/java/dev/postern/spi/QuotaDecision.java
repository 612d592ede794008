package dev.postern.spi;

/** What a quota store says to a request. */
public sealed interface QuotaDecision {

    /**
     * The units are held.
     *
     * @param reservation the whole reservation, with the units of earlier requests
     */
    record Granted(Reservation reservation) implements QuotaDecision {}

    /**
     * The units would exceed the quota; nothing was added.
     *
     * @param usage how much is used
     */
    record Exceeded(QuotaUsage usage) implements QuotaDecision {}
}
