package dev.postern.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Redis of this machine's own on a free port: the machine's {@code redis-server}, else the one of embedded-redis. */
final class RedisServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(50);
    private static final String EMBEDDED = "/redis-server-6.2.6-v5-linux-amd64";

    final int port;
    private final Path directory;
    private final List<String> command = new ArrayList<>();
    private @Nullable Process process;

    RedisServer(String... options) {
        try {
            directory = Files.createTempDirectory("postern-redis");
            port = freePort();
            command.add(program());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", directory.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
        command.addAll(List.of(options));
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
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

    String uri() {
        return "redis://127.0.0.1:" + port;
    }

    void start() {
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("log").toFile()))
                    .start();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!listens()) {
                if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException(
                            command + " did not start:\n" + Files.readString(directory.resolve("log")));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** As a crash of the machine does. */
    void kill() {
        Process killed = process;
        process = null;
        if (killed != null) {
            killed.destroyForcibly();
            awaitEnd(killed);
        }
    }

    /** Neither answers nor closes connections, until {@link #resume}. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        Process paused = process;
        if (paused != null) {
            try {
                awaitEnd(new ProcessBuilder("kill", "-" + signal, Long.toString(paused.pid())).start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(process + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
