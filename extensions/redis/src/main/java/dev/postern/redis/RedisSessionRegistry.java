package dev.postern.redis;

import dev.postern.stores.Holdings;
import dev.postern.stores.SharedSessionRegistry;

/** Counts sessions in Redis. Thread-safe. */
public final class RedisSessionRegistry extends SharedSessionRegistry {

    RedisSessionRegistry(Holdings holdings) {
        super(holdings);
    }
}
