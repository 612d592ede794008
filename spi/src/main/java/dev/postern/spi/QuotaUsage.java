package dev.postern.spi;

import java.time.Instant;

/**
 * An account's quota usage in the current period.
 *
 * @param used units that were committed
 * @param reserved units that are held for messages in flight
 * @param limit the plan's limit
 * @param periodEnd when the next period begins
 */
public record QuotaUsage(long used, long reserved, long limit, Instant periodEnd) {

    /** {@return how many units are left, 0 or more} */
    public long remaining() {
        return Math.max(0, limit - used - reserved);
    }
}
