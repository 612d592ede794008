package dev.postern.redis;

import dev.postern.stores.NodesTests;
import dev.postern.stores.StoreServer;

class RedisNodesTest extends NodesTests {
    @Override
    protected StoreServer server() {
        return new RedisStoreServer(new RedisServer());
    }

    @Override
    protected Class<?> nodeMain() {
        return RedisNode.class;
    }
}
