package dev.postern.redis;

import dev.postern.stores.StoreException;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * One connection for all threads, which pipelines what they ask. While there is none, requests fail at once. Safe for use
 * by several threads.
 */
final class Redis implements AutoCloseable {

    private static final int MAX_WAITING = 10_000;

    /** Whose effect must not be forgotten when a replica takes over. */
    private static final Set<Script> COUNTING = EnumSet.of(Script.HOLD, Script.SETTLE, Script.ADJUST, Script.REVOKE);

    /** The settings of a connection. */
    record Settings(RedisURI uri, boolean cluster, int replicas, Duration timeout) {}

    /** Finds the connection on which a key's server is asked; a server that is no cluster has the commands of one, too. */
    private interface Route {
        RedisClusterAsyncCommands<String, String> to(String key);

        /** Takes note that a key's server says that it is another one. */
        default void moved() {}
    }

    private final Route route;
    private final Settings settings;
    private final AbstractRedisClient client;
    private final ClientResources resources;

    private Redis(Route route, Settings settings, AbstractRedisClient client, ClientResources resources) {
        this.route = route;
        this.settings = settings;
        this.client = client;
        this.resources = resources;
    }

    /** A server that is back is found again within a second, however long it was away. */
    private static ClientResources resources() {
        return ClientResources.builder()
                .reconnectDelay(
                        Delay.exponential(Duration.ofMillis(10), Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS))
                .build();
    }

    private static void shutDown(AbstractRedisClient client, ClientResources resources) {
        client.shutdown();
        Future<Boolean> unused = resources.shutdown();
    }

    static Redis connect(Settings settings) {
        return settings.cluster ? connectToCluster(settings) : connectToOne(settings);
    }

    private static Redis connectToOne(Settings settings) {
        ClientResources resources = resources();
        RedisClient client = RedisClient.create(resources, settings.uri);
        client.setOptions(options(ClientOptions.builder(), settings.timeout).build());
        return connected(client, resources, settings, () -> {
            RedisClusterAsyncCommands<String, String> all = client.connect().async();
            return key -> all;
        });
    }

    /** Who serves which slots is asked again whenever a node is lost or sends us elsewhere. */
    private static Redis connectToCluster(Settings settings) {
        ClientResources resources = resources();
        RedisClusterClient client = RedisClusterClient.create(resources, settings.uri);
        ClusterClientOptions.Builder builder = ClusterClientOptions.builder()
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enableAllAdaptiveRefreshTriggers()
                        .adaptiveRefreshTriggersTimeout(Duration.ofSeconds(1))
                        .build());
        options(builder, settings.timeout);
        client.setOptions(builder.build());
        return connected(client, resources, settings, () -> {
            StatefulRedisClusterConnection<String, String> connection = client.connect();
            RedisClusterAsyncCommands<String, String> all = connection.async();
            return settings.replicas == 0 ? key -> all : new ToMaster(client, connection);
        });
    }

    /** To the master of a key itself: WAIT has no key that would take it there. */
    private record ToMaster(RedisClusterClient client, StatefulRedisClusterConnection<String, String> connection)
            implements Route {

        @Override
        public RedisClusterAsyncCommands<String, String> to(String key) {
            RedisURI master = connection
                    .getPartitions()
                    .getPartitionBySlot(SlotHash.getSlot(key))
                    .getUri();
            return connection.getConnection(master.getHost(), master.getPort()).async();
        }

        @Override
        public void moved() {
            CompletionStage<Void> unused = client.refreshPartitionsAsync();
        }
    }

    private static Redis connected(
            AbstractRedisClient client, ClientResources resources, Settings settings, Supplier<Route> connection) {
        try {
            return new Redis(connection.get(), settings, client, resources);
        } catch (RuntimeException e) {
            shutDown(client, resources);
            throw new StoreException("no connection to Redis: check the URI, and that it runs", e);
        }
    }

    private static ClientOptions.Builder options(ClientOptions.Builder builder, Duration timeout) {
        return builder.disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_WAITING)
                .timeoutOptions(TimeoutOptions.enabled(timeout))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(timeout)
                        .keepAlive(true)
                        .build());
    }

    List<Long> run(Script script, List<String> keys, String... arguments) {
        return await(this.<Long>begin(script, keys, arguments));
    }

    /** The same for a script whose answer is texts. */
    List<String> runForTexts(Script script, List<String> keys, String... arguments) {
        return await(this.<String>begin(script, keys, arguments));
    }

    /**
     * Sends a script, whose answer has the elements that the caller knows it to have, before it returns, so that those
     * of one thread arrive in their order.
     */
    <T> CompletableFuture<List<T>> begin(Script script, List<String> keys, String... arguments) {
        String[] names = keys.toArray(String[]::new);
        RedisClusterAsyncCommands<String, String> commands;
        try {
            commands = route.to(names[0]);
        } catch (RuntimeException e) { // there is no connection to that master, and none can be made
            return CompletableFuture.failedFuture(e);
        }
        CompletionStage<List<T>> first =
                kept(commands, script, commands.evalsha(script.digest, ScriptOutputType.MULTI, names, arguments));
        return first.<CompletionStage<List<T>>>handle((answer, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (cause instanceof RedisCommandExecutionException said
                            && String.valueOf(said.getMessage()).startsWith("MOVED ")) {
                        route.moved();
                    }
                    // a server that was just started, or took over, has not seen the script
                    return cause instanceof RedisNoScriptException
                            ? kept(
                                    commands,
                                    script,
                                    commands.eval(script.text, ScriptOutputType.MULTI, names, arguments))
                            : first;
                })
                .thenCompose(stage -> stage)
                .toCompletableFuture();
    }

    /** WAIT, sent right behind a script, answers when replicas have what this connection has written. */
    private <T> CompletionStage<List<T>> kept(
            RedisClusterAsyncCommands<String, String> commands, Script script, CompletionStage<List<T>> sent) {
        if (settings.replicas == 0 || !COUNTING.contains(script)) {
            return sent;
        }
        long patience = settings.timeout.toMillis() / 2;
        return sent.thenCombine(commands.waitForReplication(settings.replicas, patience), (answer, copies) -> {
            if (copies < settings.replicas) {
                throw new StoreException(copies + " replicas have it, of " + settings.replicas);
            }
            return answer;
        });
    }

    <T> List<T> await(CompletableFuture<List<T>> answer) {
        try {
            return answer.get(2 * settings.timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new StoreException("Redis failed", e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new StoreException("Redis did not answer within " + settings.timeout, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while Redis was asked", e);
        }
    }

    @Override
    public void close() {
        shutDown(client, resources);
    }
}
