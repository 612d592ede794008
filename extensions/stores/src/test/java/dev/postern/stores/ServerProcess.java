package dev.postern.stores;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server of this machine's own, on a free port, with files that go when the tests do. */
public abstract class ServerProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(50);
    private static final int LOWEST_PORT = 10_000;
    private static final int HIGHEST_PORT = 20_000;

    protected final Path directory;
    protected final int port;
    private @Nullable Process process;

    protected ServerProcess(String name) {
        port = freePort();
        try {
            directory = Files.createTempDirectory("postern-" + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    /** The server's own command, in the foreground. */
    protected abstract List<String> command();

    public final void start() {
        try {
            process = new ProcessBuilder(command())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ready()) {
            if (endsSoon(process) || System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(command() + " did not start:\n" + log());
            }
        }
    }

    private static boolean endsSoon(Process process) {
        try {
            return process.waitFor(50, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    protected boolean ready() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(1000);
            return answers(socket);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the server, which has taken this connection, is ready; for one that may listen before. */
    protected boolean answers(Socket socket) throws IOException {
        return true;
    }

    public final int port() {
        return port;
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a crash of the machine does. */
    public final void kill() {
        signal("KILL");
        Process killed = process;
        process = null;
        if (killed != null) {
            awaitEnd(killed);
        }
    }

    /** Neither answers nor closes connections, until {@link #resume}. */
    public final void pause() {
        signal("STOP");
    }

    public final void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        if (process != null) {
            String processes = Stream.concat(
                            Stream.of(process.toHandle()), process.toHandle().descendants())
                    .map(handle -> " " + handle.pid())
                    .collect(Collectors.joining());
            // the shell's own: not every system has a program for it
            run(List.of("sh", "-c", "kill -" + signal + processes), false);
        }
    }

    protected final void run(List<String> command, boolean mustSucceed) {
        try {
            Process tool = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("log").toFile()))
                    .start();
            awaitEnd(tool);
            if (mustSucceed && tool.exitValue() != 0) {
                throw new IllegalStateException(command + " failed:\n" + log());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    /**
     * A port that nobody listens at now, and that nobody gets who leaves the choice to the system: it is below what Linux
     * gives out, so that it is still free when the server has started. So is the one that is 10,000 higher, which is no
     * other server's either.
     */
    public static int freePort() {
        int port = 0;
        while (!isFree(port)) {
            port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
        }
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return port == socket.getLocalPort();
        } catch (BindException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the tests run as root, which a database server should not. */
    protected static boolean root() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public final void close() {
        kill();
        delete(directory);
    }

    /** Deletes a folder with all that is in it. */
    public static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult.CONTINUE; // gone already
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
