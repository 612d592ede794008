package dev.postern.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
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

    private final RedisScriptingAsyncCommands<String, String> commands;
    private final Duration timeout;
    private final AbstractRedisClient client;
    private final ClientResources resources;

    private Redis(
            RedisScriptingAsyncCommands<String, String> commands,
            Duration timeout,
            AbstractRedisClient client,
            ClientResources resources) {
        this.commands = commands;
        this.timeout = timeout;
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

    static Redis connect(RedisURI uri, boolean cluster, Duration timeout) {
        return cluster ? connectToCluster(uri, timeout) : connectToOne(uri, timeout);
    }

    private static Redis connectToOne(RedisURI uri, Duration timeout) {
        ClientResources resources = resources();
        RedisClient client = RedisClient.create(resources, uri);
        client.setOptions(options(ClientOptions.builder(), timeout).build());
        return connected(client, resources, timeout, () -> client.connect().async());
    }

    private static Redis connectToCluster(RedisURI uri, Duration timeout) {
        ClientResources resources = resources();
        RedisClusterClient client = RedisClusterClient.create(resources, uri);
        ClusterClientOptions.Builder builder = ClusterClientOptions.builder();
        options(builder, timeout);
        client.setOptions(builder.build());
        return connected(client, resources, timeout, () -> client.connect().async());
    }

    private static Redis connected(
            AbstractRedisClient client,
            ClientResources resources,
            Duration timeout,
            Supplier<RedisScriptingAsyncCommands<String, String>> connection) {
        try {
            return new Redis(connection.get(), timeout, client, resources);
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
        return await(begin(script, keys, arguments));
    }

    /** Sends a script before it returns, so that those of one thread arrive in their order. */
    CompletableFuture<List<Long>> begin(Script script, List<String> keys, String... arguments) {
        String[] names = keys.toArray(String[]::new);
        CompletionStage<List<Long>> first = commands.evalsha(script.digest, ScriptOutputType.MULTI, names, arguments);
        return first.<CompletionStage<List<Long>>>handle((answer, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    // a server that was just started, or took over, has not seen the script
                    return cause instanceof RedisNoScriptException
                            ? commands.eval(script.text, ScriptOutputType.MULTI, names, arguments)
                            : first;
                })
                .thenCompose(stage -> stage)
                .toCompletableFuture();
    }

    List<Long> await(CompletableFuture<List<Long>> answer) {
        try {
            return answer.get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new StoreException("Redis failed", e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new StoreException("Redis did not answer within " + timeout, e);
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
