package dev.postern.redis;

import dev.postern.stores.TwoRelaysTests;

class RedisTwoRelaysTest extends TwoRelaysTests {
    RedisTwoRelaysTest() {
        super(new RedisStoreServer(new RedisServer()));
    }
}
