package dev.postern.redis;

import dev.postern.stores.SharingTests;

class RedisSharingTest extends SharingTests {
    RedisSharingTest() {
        super(new RedisStoreServer(new RedisServer()));
    }
}
