package dev.postern.redis;

import dev.postern.stores.SharingTests;

class RedisClusterSharingTest extends SharingTests {
    RedisClusterSharingTest() {
        super(new RedisCluster());
    }
}
