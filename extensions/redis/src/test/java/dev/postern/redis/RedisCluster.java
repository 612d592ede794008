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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** Gives each master a replica, which the others make the master when its own is dead for a second. */
    RedisCluster withReplicas() {
        RedisClient client = RedisClient.create();
        try {
            for (RedisServer master : List.copyOf(servers)) {
                RedisServer replica = new RedisServer("cluster-enabled yes", "cluster-node-timeout 1000");
                servers.add(replica);
                RedisCommands<String, String> commands =
                        client.connect(RedisURI.create(replica.uri())).sync();
                RedisCommands<String, String> masters =
                        client.connect(RedisURI.create(master.uri())).sync();
                String id = masters.clusterMyId();
                commands.clusterMeet("127.0.0.1", master.port());
                while (!commands.clusterNodes().contains(id)) {
                    Pause.brief();
                }
                commands.clusterReplicate(id);
                masters.configSet("cluster-node-timeout", "1000");
                while (!masters.info("replication").contains("state=online")) {
                    Pause.brief();
                }
                while (!commands.clusterInfo().contains("cluster_state:ok")) {
                    Pause.brief();
                }
            }
        } finally {
            client.shutdown();
        }
        return this;
    }

    /** The master that has a key whose name has this text. */
    RedisServer masterWith(String text) {
        RedisClient client = RedisClient.create();
        try {
            for (RedisServer master : servers.subList(0, MASTERS)) {
                RedisCommands<String, String> commands =
                        client.connect(RedisURI.create(master.uri())).sync();
                if (!commands.keys("*" + text + "*").isEmpty()) {
                    return master;
                }
            }
            throw new IllegalStateException("no key has " + text);
        } finally {
            client.shutdown();
        }
    }

    /** The names of all keys that a master has. */
    List<String> names(RedisServer master) {
        RedisClient client = RedisClient.create();
        try {
            return client.connect(RedisURI.create(master.uri())).sync().keys("*");
        } finally {
            client.shutdown();
        }
    }

    RedisServer replicaOf(RedisServer master) {
        return servers.get(MASTERS + servers.indexOf(master));
    }

    /** Waits until a master's replica has all that it has. */
    void awaitCopied(RedisServer master) {
        RedisClient client = RedisClient.create();
        try {
            RedisCommands<String, String> commands =
                    client.connect(RedisURI.create(master.uri())).sync();
            while (commands.waitForReplication(1, 1000) < 1 || !isCopied(commands.info("replication"))) {
                Pause.brief();
            }
        } finally {
            client.shutdown();
        }
    }

    /** Waits until a replica has become the master of its slots. */
    void awaitPromoted(RedisServer replica) {
        RedisClient client = RedisClient.create();
        try {
            RedisCommands<String, String> commands =
                    client.connect(RedisURI.create(replica.uri())).sync();
            while (!commands.info("replication").contains("role:master")) {
                Pause.brief();
            }
        } finally {
            client.shutdown();
        }
    }

    private static boolean isCopied(String replication) {
        Matcher own = Pattern.compile("master_repl_offset:(\\d+)").matcher(replication);
        Matcher copied = Pattern.compile("slave0:.*offset=(\\d+)").matcher(replication);
        return own.find() && copied.find() && own.group(1).equals(copied.group(1));
    }

    @Override
    public String address() {
        return servers.get(0).uri();
    }

    @Override
    public SharedStores node(StoreSettings settings) {
        return RedisStoreServer.start(RedisStores.builder(address()).cluster(), settings);
    }

    /** One for which nothing counts that a replica has not. */
    SharedStores careful(StoreSettings settings) {
        return RedisStoreServer.start(RedisStores.builder(address()).cluster().replicas(1), settings);
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
