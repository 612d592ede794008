package dev.postern.redis;

import dev.postern.stores.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A Redis of this machine's own on a free port: the machine's {@code redis-server}, else the one of embedded-redis. */
final class RedisServer extends ServerProcess {

    private static final String EMBEDDED = "/redis-server-6.2.6-v5-linux-amd64";

    private final List<String> command;

    /** With settings of its own, as lines of a settings file. */
    RedisServer(String... settings) {
        super("redis");
        // written before each answer, and not brought to the disk: tests kill the server, not the machine
        List<String> lines =
                new ArrayList<>(List.of("save \"\"", "appendonly yes", "appendfsync no", "repl-diskless-sync-delay 0"));
        lines.addAll(List.of(settings));
        command = List.of(program(), settingsFile(lines));
        start();
    }

    /** A sentinel that alone decides over a server and its replicas. */
    static RedisServer sentinelOf(RedisServer server) {
        return new RedisServer(server);
    }

    private RedisServer(RedisServer watched) {
        super("sentinel");
        String settings = settingsFile(List.of(
                "sentinel monitor postern 127.0.0.1 " + watched.port + " 1",
                "sentinel down-after-milliseconds postern 1000",
                "sentinel failover-timeout postern 5000"));
        command = List.of(program(), settings, "--sentinel");
        start();
    }

    /** All settings, for as arguments not every version takes one of two values in the same way. */
    private String settingsFile(List<String> settings) {
        List<String> lines = new ArrayList<>(List.of("port " + port, "bind 127.0.0.1", "dir " + directory));
        lines.addAll(settings);
        try {
            return Files.write(directory.resolve("settings.conf"), lines).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String program() {
        for (String place : System.getenv("PATH").split(":")) {
            Path program = Path.of(place).resolve("redis-server");
            if (Files.isExecutable(program)) {
                return program.toString();
            }
        }
        return Embedded.PROGRAM.toString();
    }

    /** Written once, before any server is started: a process that starts at this moment would keep the file from being run. */
    private static final class Embedded {

        static final Path PROGRAM = program();

        private static Path program() {
            try (InputStream content = RedisServer.class.getResourceAsStream(EMBEDDED)) {
                if (content == null) {
                    throw new IOException(EMBEDDED + " is not on the class path");
                }
                Path program = Files.createTempFile("postern-redis-server", "");
                program.toFile().deleteOnExit();
                Files.copy(content, program, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
                return program;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    protected List<String> command() {
        return command;
    }

    /** One that finds a port taken has listened at another before it ends. */
    @Override
    protected boolean answers(Socket socket) throws IOException {
        socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket.getInputStream().read() != -1;
    }

    String uri() {
        return "redis://127.0.0.1:" + port;
    }
}
