package dev.postern.redis;

import dev.postern.stores.StoreContracts;
import dev.postern.stores.StoreServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("tools") // with the machine's Redis
class RedisContractsTest extends StoreContracts {

    private final StoreServer server = new RedisStoreServer(new RedisServer());

    @Override
    protected StoreServer server() {
        return server;
    }

    @AfterAll
    void stopServer() {
        server.close();
    }
}
