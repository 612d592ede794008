package dev.postern.examples.servers;

import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that runs as if it were installed, by the script {@code world}. It ends when its input does, so with this JVM. */
final class World implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(30);
    private static final int PATIENCE_SECONDS = 30;
    private static final int LOWEST_PORT = 20_000;
    private static final int HIGHEST_PORT = 32_000;

    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(10);

    // states of a connection, as Linux has them in its tables
    private static final String LISTENS = "0A";
    private static final String TIME_WAIT = "06";

    private final Server server;
    private final int port;
    private final Path log;
    private final Process process;

    private World(Server server, int port, Path log, Process process) {
        this.server = server;
        this.port = port;
        this.log = log;
        this.process = process;
    }

    /** As a server for the relay; what it accepts goes on to another port. */
    static World upstream(Server server, int next) throws IOException {
        return start(server, "upstream", Map.of("NEXT", String.valueOf(next)));
    }

    /** As one that gives everything to the relay. */
    static World sender(Server server, int relay) throws IOException {
        return start(server, "sender", Map.of("RELAY", String.valueOf(relay), "CA", TestCertificates.authorityPem()));
    }

    private static World start(Server server, String role, Map<String, String> environment) throws IOException {
        int port = freePort();
        Path log = Server.MODULE.resolve("target").resolve(server.folder() + "-" + role + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(server.folder(), script(server), role))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("PORT", String.valueOf(port));
        World world = new World(server, port, log, builder.start());
        try {
            world.awaitStart();
        } catch (AssertionError | RuntimeException e) {
            world.close();
            throw e;
        }
        return world;
    }

    private void awaitStart() {
        boolean started = Patience.until(START, () -> !process.isAlive() || isUp());
        if (!started || !process.isAlive()) {
            throw new AssertionError(server.title() + " does not start:\n" + log());
        }
    }

    private boolean isUp() {
        if (!server.listens()) {
            return run("", script(server), "queue").succeeded();
        }
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", port)) {
            return probe.readReply().code() == 220;
        } catch (UncheckedIOException | AssertionError e) {
            return false; // not yet
        }
    }

    int port() {
        return port;
    }

    /** Waits until the server has nobody of before, who would count among the connections that it allows. */
    void awaitNobody() {
        Patience.until(LONGEST_FAREWELL, () -> connections() == 0 && (server != Server.SENDMAIL || processes() == 0));
    }

    /** How many the server itself has started: sendmail counts a connection until it has seen the end of its process. */
    private long processes() {
        return process.children()
                .flatMap(ProcessHandle::children)
                .flatMap(ProcessHandle::children)
                .count();
    }

    private long connections() {
        String local = String.format(":%04X", port);
        return Stream.of("tcp", "tcp6")
                .map(table -> Path.of("/proc/net", table))
                .filter(Files::exists)
                .flatMap(table -> lines(table).stream().skip(1))
                .map(line -> line.strip().split("\\s+"))
                .filter(fields ->
                        fields[1].endsWith(local) && !fields[3].equals(LISTENS) && !fields[3].equals(TIME_WAIT))
                .count();
    }

    private static List<String> lines(Path table) {
        try {
            return Files.readAllLines(table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a message to the server's own {@code sendmail} command. */
    void send(String message, List<String> recipients) {
        List<String> command = new ArrayList<>(List.of(script(server), "send"));
        command.addAll(recipients);
        mustRun(message, command);
    }

    /** The same, so many times; the word NUMBER in the message is a number then. */
    void sendMany(String message, int times, String recipient) {
        mustRun(
                message,
                List.of(
                        "/bin/bash",
                        "-ec",
                        "message=$(cat); for i in $(seq \"$1\"); do printf '%s\\n' \"${message/NUMBER/$i}\" | \"$2\" send \"$3\"; done",
                        "send",
                        String.valueOf(times),
                        script(server),
                        recipient));
    }

    /** How many messages wait for their turn. */
    int queued() {
        return Integer.parseInt(mustRun("", List.of(script(server), "queue")).strip());
    }

    /** Lets those that wait be tried now. */
    void flush() {
        mustRun("", List.of(script(server), "flush"));
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Ran(int code, String output) {
        boolean succeeded() {
            return code == 0;
        }
    }

    private String mustRun(String input, List<String> command) {
        Ran ran = run(input, command.toArray(String[]::new));
        if (!ran.succeeded()) {
            throw new AssertionError(server.title() + ": " + String.join(" ", command) + " ends with " + ran.code()
                    + "\n" + ran.output() + log());
        }
        return ran.output();
    }

    private Ran run(String input, String... command) {
        long first = process.children().findFirst().map(ProcessHandle::pid).orElse(0L);
        if (first == 0) {
            return new Ran(1, "not yet");
        }
        List<String> whole = new ArrayList<>(command("--enter", String.valueOf(first)));
        whole.addAll(List.of(command));
        try {
            Path output = Files.createTempFile("postern-servers-", ".out");
            try {
                Process entered = new ProcessBuilder(whole)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                try (OutputStream in = entered.getOutputStream()) {
                    in.write(input.getBytes(StandardCharsets.UTF_8));
                }
                if (!entered.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    entered.destroyForcibly();
                    throw new AssertionError(String.join(" ", whole) + " does not end: " + Files.readString(output));
                }
                return new Ran(entered.exitValue(), Files.readString(output));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command[0] + " runs", e);
        }
    }

    private static List<String> command(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Server.MODULE.resolve("world").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String script(Server server) {
        return "/servers/" + server.folder();
    }

    /** One below those that the system gives to clients, which could take it before the server does. */
    private static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // in use
            }
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(server.title() + " does not end:\n" + log());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + server.title() + " ends", e);
        } finally {
            process.destroyForcibly(); // nothing happens when it has ended
        }
    }
}
