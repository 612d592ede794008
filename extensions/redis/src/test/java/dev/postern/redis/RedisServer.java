package dev.postern.redis;

import dev.postern.stores.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A Redis of this machine's own on a free port: the machine's {@code redis-server}, else the one of embedded-redis. */
final class RedisServer extends ServerProcess {

    private static final String EMBEDDED = "/redis-server-6.2.6-v5-linux-amd64";

    private final List<String> command = new ArrayList<>();

    RedisServer(String... options) {
        this(freePort(), options);
    }

    RedisServer(int port, String... options) {
        super("redis", port);
        try {
            command.add(program());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", directory.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
        command.addAll(List.of(options));
        start();
    }

    /** A sentinel that alone decides over a server and its replicas. */
    static RedisServer sentinelOf(RedisServer server) {
        try {
            Path settings = Files.createTempFile("postern-sentinel", ".conf");
            settings.toFile().deleteOnExit();
            Files.write(
                    settings,
                    List.of(
                            "sentinel monitor postern 127.0.0.1 " + server.port + " 1",
                            "sentinel down-after-milliseconds postern 1000",
                            "sentinel failover-timeout postern 5000"));
            return new RedisServer(settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RedisServer(Path sentinel) throws IOException {
        super("sentinel");
        command.addAll(List.of(program(), sentinel.toString(), "--sentinel"));
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", directory.toString()));
        start();
    }

    private String program() throws IOException {
        for (String place : System.getenv("PATH").split(":")) {
            Path program = Path.of(place).resolve("redis-server");
            if (Files.isExecutable(program)) {
                return program.toString();
            }
        }
        Path program = directory.resolve("redis-server");
        try (InputStream content = RedisServer.class.getResourceAsStream(EMBEDDED)) {
            if (content == null) {
                throw new IOException(EMBEDDED + " is not on the class path");
            }
            Files.copy(content, program);
        }
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program.toString();
    }

    @Override
    protected List<String> command() {
        return command;
    }

    String uri() {
        return "redis://127.0.0.1:" + port;
    }
}
