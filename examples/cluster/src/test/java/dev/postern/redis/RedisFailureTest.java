package dev.postern.redis;

import dev.postern.stores.FailureTests;
import dev.postern.stores.ServerProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;

/** Beside being killed, suspended and slow: out of memory, and demoted to a replica, which answers READONLY. */
@Tag("tools") // with the machine's Redis
class RedisFailureTest extends FailureTests {

    RedisFailureTest() {
        super(new RedisStoreServer(new RedisServer()));
    }

    @Override
    protected List<Fault> faults() {
        List<Fault> faults = new ArrayList<>(commonFaults());
        faults.add(new Fault("out-of-memory", server, () -> maxMemory("1"), () -> maxMemory("0"), false));
        faults.add(new Fault("demoted", server, this::demote, () -> tell(RedisCommands::replicaofNoOne), false));
        return faults;
    }

    private void maxMemory(String octets) {
        tell(redis -> redis.configSet("maxmemory", octets));
    }

    private void demote() {
        int nobody = ServerProcess.freePort();
        tell(redis -> redis.replicaof("127.0.0.1", nobody));
    }

    private void tell(Consumer<RedisCommands<String, String>> command) {
        RedisClient client = RedisClient.create(server.address());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            command.accept(connection.sync());
        } finally {
            client.shutdown();
        }
    }
}
