package dev.postern.stores;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@link NodeMain} as its test sees it. */
final class NodeProcess implements AutoCloseable {

    private final Process process;
    private final Path file;
    private final Tally tally;
    private final BufferedReader answers;
    private final Writer commands;

    NodeProcess(Class<?> main, String address, long limit) {
        try {
            file = Files.createTempFile("postern-tally", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tally = new Tally(file);
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            main.getName(),
                            address,
                            Long.toString(limit),
                            file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    NodeProcess ready() {
        if (!"ready".equals(answer())) {
            throw new IllegalStateException("the node did not start; its error is above");
        }
        return this;
    }

    String ask(String command) {
        tell(command);
        return answer();
    }

    void tell(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its next line; the word "dead" when there is none. */
    String answer() {
        try {
            String line = answers.readLine();
            return line == null ? "dead" : line;
        } catch (IOException e) {
            return "dead"; // killed while it was read
        }
    }

    void kill() {
        try {
            if (!process.destroyForcibly().waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the node does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void signal(String signal) {
        try {
            // the shell's own: not every system has a program for it
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start();
            if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("kill -" + signal + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it counted, also after it was killed. */
    Tally tally() {
        return tally;
    }

    @Override
    public void close() {
        kill();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
