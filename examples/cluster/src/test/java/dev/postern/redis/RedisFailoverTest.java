package dev.postern.redis;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.stores.Pause;
import dev.postern.stores.RelayScene;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreServer;
import dev.postern.stores.StoreSettings;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.sentinel.api.sync.RedisSentinelCommands;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server, its replica, and a sentinel that promotes the replica when the server is dead. */
@Tag("tools") // with the machine's Redis
class RedisFailoverTest {

    /** The two, by way of the sentinel. */
    private record Replicated(RedisServer process, RedisServer sentinel) implements StoreServer {
        @Override
        public String address() {
            return "redis-sentinel://127.0.0.1:" + sentinel.port() + "/0#postern";
        }

        @Override
        public SharedStores node(StoreSettings settings) {
            return RedisStoreServer.start(RedisStores.builder(address()).replicas(1), settings);
        }

        @Override
        public void stopHeart(SharedStores node) {
            ((RedisStores) node).stopHeart();
        }

        @Override
        public StoreServer behind(int port) {
            throw new UnsupportedOperationException("the sentinel tells where it is");
        }

        @Override
        public void close() {
            sentinel.close();
        }
    }

    @Test
    @Timeout(180) // a sentinel waits some ten seconds before it makes the first server a replica
    void nothingIsForgottenWhenAReplicaTakesOver() {
        try (RedisServer first = new RedisServer();
                RedisServer replica = new RedisServer("replicaof 127.0.0.1 " + first.port())) {
            awaitReplica(first);
            try (StoreServer server = new Replicated(first, RedisServer.sentinelOf(first));
                    RelayScene scene = new RelayScene(server, "failover", StoreFailure.REFUSE)) {
                // it asks its server for them
                awaitSentinel(
                        (Replicated) server,
                        sentinel -> !sentinel.replicas("postern").isEmpty());
                scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED); // its connections are made first
                assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                first.kill();
                for (int i = 0; i < 3; i++) {
                    assertThat(scene.send()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
                }
                assertThat(scene.events()).contains(RelayEvent.StoreLost.of("QuotaStore", StoreFailure.REFUSE));
                assertThat(scene.sent()).isEqualTo(2);
                // the promoted one counts nothing without a replica of its own, until the first is back as such
                await(replica, told -> told.contains("role:master"));
                // back any sooner, it may be taken for the master that it was, and is told of no other
                awaitSentinel(
                        (Replicated) server,
                        sentinel -> port(sentinel.getMasterAddrByName("postern")) == replica.port());
                first.start();
                follow(first, replica);
                awaitReplica(replica);
                scene.awaitNothingReserved();
                scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
                assertThat(scene.used()).isEqualTo(3);
                // the sentinel makes the first server a replica too, which breaks its link for a moment
                scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
                scene.awaitNothingReserved();
                scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
                scene.awaitAnswer(StandardReply.QUOTA_EXCEEDED);
                assertThat(scene.sent()).isEqualTo(5);
            }
        }
    }

    /** Without a replica a reservation is not sure, so it is not granted. */
    @Test
    void refusesWhileTooFewReplicasHaveWhatItCounts() {
        try (RedisServer first = new RedisServer();
                RedisServer replica = new RedisServer("replicaof 127.0.0.1 " + first.port())) {
            awaitReplica(first);
            try (StoreServer server = new Replicated(first, RedisServer.sentinelOf(first));
                    RelayScene scene = new RelayScene(server, "replicas", StoreFailure.REFUSE)) {
                scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
                replica.pause();
                assertThat(scene.send()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
                replica.resume();
                scene.awaitNothingReserved();
                scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
                assertThat(scene.used()).isEqualTo(2);
            }
        }
    }

    /** What the sentinel says to it as well, when it has seen both alive for some time, which a busy machine can draw out. */
    private static void follow(RedisServer server, RedisServer master) {
        RedisClient client = RedisClient.create(server.uri());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            connection.sync().replicaof("127.0.0.1", master.port());
        } finally {
            client.shutdown();
        }
    }

    private static void awaitReplica(RedisServer server) {
        await(server, told -> told.contains("state=online"));
    }

    private static void awaitSentinel(Replicated server, Predicate<RedisSentinelCommands<String, String>> condition) {
        RedisClient client = RedisClient.create("redis://127.0.0.1:" + server.sentinel.port());
        try (var connection = client.connectSentinel()) {
            while (!condition.test(connection.sync())) {
                Pause.brief();
            }
        } finally {
            client.shutdown();
        }
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    private static void await(RedisServer server, Predicate<String> replication) {
        RedisClient client = RedisClient.create(server.uri());
        try {
            while (!replication.test(replication(client))) {
                Pause.brief();
            }
        } finally {
            client.shutdown();
        }
    }

    /** What a server tells of its part; nothing while it changes it, for then it closes connections. */
    private static String replication(RedisClient client) {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().info("replication");
        } catch (RedisException e) {
            return "";
        }
    }
}
