package dev.postern.redis;

import dev.postern.stores.NodeMain;

/** A node in a process of its own. */
final class RedisNode {

    private RedisNode() {}

    public static void main(String[] arguments) throws Exception {
        NodeMain.serve(RedisStoreServer.start(RedisStores.builder(arguments[0]), NodeMain.settings()), arguments);
    }
}
