package dev.postern.redis;

import dev.postern.spi.RelayClock;
import dev.postern.stores.Holdings;
import dev.postern.stores.SharedQuotaStore;

/** Counts quota in Redis: a reservation is one script in one round trip. Thread-safe. */
public final class RedisQuotaStore extends SharedQuotaStore {

    RedisQuotaStore(Holdings holdings, RelayClock clock) {
        super(holdings, clock);
    }
}
