package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The quickstart in a JVM of its own, of the class path of the tests. For one thread. */
final class RelayProcess implements AutoCloseable {

    private static final long DEADLINE_SECONDS = 40;
    private static final Pattern READY =
            Pattern.compile("postern: listening on (.+):([0-9]+) \\((starttls|tls|plain)\\)");

    private static final String END = "(end of standard output)";

    private final Process process;
    private final CountDownLatch errorsEnded = new CountDownLatch(1);
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> errors = new LinkedBlockingQueue<>();

    private RelayProcess(Process process) {
        this.process = process;
        collect(process.getInputStream(), output, () -> output.add(END));
        collect(process.getErrorStream(), errors, errorsEnded::countDown);
    }

    static RelayProcess start(String... arguments) {
        return startWith(List.of(), arguments);
    }

    static RelayProcess startWith(List<String> jvmOptions, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1"); // a run so short is over before better code pays
        command.add("-XX:+UseSerialGC");
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Quickstart.class.getName()));
        command.addAll(List.of(arguments));
        try {
            return new RelayProcess(new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the ready line of the next listener. */
    InetSocketAddress awaitListener(String security) throws InterruptedException {
        String line = nextLine();
        Matcher ready = READY.matcher(line);
        assertThat(ready.matches()).as(line).isTrue();
        assertThat(ready.group(3)).isEqualTo(security);
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ready.group(2)));
    }

    /** Returns the next line of standard output, in time. */
    String nextLine() throws InterruptedException {
        String line = output.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(line)
                .as("a line in time; standard error: %s", errors)
                .isNotNull()
                .isNotEqualTo(END);
        return String.valueOf(line);
    }

    /** Returns lines of standard output up to and with the one that begins so. */
    List<String> linesUpTo(String beginning) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        do {
            lines.add(nextLine());
        } while (!lines.get(lines.size() - 1).startsWith(beginning));
        return lines;
    }

    /** What ps reads; the JDK's own information ends after a page. */
    String commandLine() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    /** Sends SIGTERM; unlike the process's own destroy, the handle's leaves its output open. */
    void terminate() {
        process.toHandle().destroy();
    }

    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS))
                .as("ended in time")
                .isTrue();
        assertThat(errorsEnded.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Runs a client to its end. */
    static Client run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("postern-client-", ".txt");
        try {
            Process client = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            client.getOutputStream().close();
            boolean ended = client.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
            client.destroyForcibly();
            return new Client(ended ? client.exitValue() : -1, Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }

    /** How a client ended; -1 when it did not. */
    record Client(int exit, String output) {
        void assertSucceeded() {
            assertThat(exit).as(output).isZero();
        }
    }

    private static void collect(InputStream stream, BlockingQueue<String> lines, Runnable ended) {
        Thread thread = new Thread(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                lines.add("unreadable: " + e);
            }
            ended.run();
        });
        thread.setDaemon(true);
        thread.start();
    }
}
