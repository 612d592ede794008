package dev.postern.redis;

import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreServer;
import dev.postern.stores.StoreSettings;

/** A Redis as the common tests see it. */
record RedisStoreServer(String address, RedisServer process) implements StoreServer {

    RedisStoreServer(RedisServer process) {
        this(process.uri(), process);
    }

    static SharedStores start(RedisStores.Builder builder, StoreSettings settings) {
        return builder.lease(settings.lease())
                .timeout(settings.timeout())
                .clock(settings.clock())
                .start();
    }

    @Override
    public SharedStores node(StoreSettings settings) {
        return start(RedisStores.builder(address), settings);
    }

    @Override
    public void stopHeart(SharedStores node) {
        ((RedisStores) node).stopHeart();
    }

    @Override
    public StoreServer behind(int port) {
        return new RedisStoreServer("redis://127.0.0.1:" + port, process);
    }

    @Override
    public RedisServer process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
