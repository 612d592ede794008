package dev.postern.redis;

import dev.postern.stores.Holdings;
import dev.postern.stores.SharedSessionRegistry;

/** Sessions in Redis. Safe for use by several threads. */
public final class RedisSessionRegistry extends SharedSessionRegistry {

    RedisSessionRegistry(Holdings holdings) {
        super(holdings);
    }
}
