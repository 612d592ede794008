package dev.postern.redis;

import dev.postern.stores.Pause;
import dev.postern.stores.ServerProcess;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreServer;
import dev.postern.stores.StoreSettings;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A Redis Cluster of three masters, each with a third of the hash slots. */
final class RedisCluster implements StoreServer {

    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;

    private final List<RedisServer> servers = new ArrayList<>();

    RedisCluster() {
        while (servers.size() < MASTERS) {
            servers.add(new RedisServer("cluster-enabled yes")); // its own talk is at a port that is 10,000 higher
        }
        RedisClient client = RedisClient.create();
        try {
            join(servers.stream()
                    .map(server -> client.connect(RedisURI.create(server.uri())).sync())
                    .toList());
        } finally {
            client.shutdown();
        }
    }

    private void join(List<RedisCommands<String, String>> nodes) {
        for (int i = 0; i < MASTERS; i++) {
            nodes.get(i)
                    .clusterAddSlots(IntStream.range(i * SLOTS / MASTERS, (i + 1) * SLOTS / MASTERS)
                            .toArray());
            nodes.get(i).clusterMeet("127.0.0.1", servers.get(0).port());
        }
        for (RedisCommands<String, String> node : nodes) {
            while (!node.clusterInfo().contains("cluster_state:ok")
                    || node.clusterNodes()
                                    .lines()
                                    .filter(line -> line.contains(" connected"))
                                    .count()
                            < MASTERS) {
                Pause.brief();
            }
        }
    }

    @Override
    public String address() {
        return servers.get(0).uri();
    }

    @Override
    public SharedStores node(StoreSettings settings) {
        return RedisStoreServer.start(RedisStores.builder(address()).cluster(), settings);
    }

    @Override
    public void stopHeart(SharedStores node) {
        ((RedisStores) node).stopHeart();
    }

    @Override
    public StoreServer behind(int port) {
        throw new UnsupportedOperationException("its nodes name each other by their own ports");
    }

    @Override
    public ServerProcess process() {
        return servers.get(0);
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
    }
}
