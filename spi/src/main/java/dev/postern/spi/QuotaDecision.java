package dev.postern.spi;

/** A quota store's answer to a request. */
public sealed interface QuotaDecision {

    /**
     * The units are reserved.
     *
     * @param reservation the whole reservation, including the units of earlier requests
     */
    record Granted(Reservation reservation) implements QuotaDecision {}

    /**
     * The units would exceed the quota; nothing was reserved.
     *
     * @param usage how much is used
     */
    record Exceeded(QuotaUsage usage) implements QuotaDecision {}
}
