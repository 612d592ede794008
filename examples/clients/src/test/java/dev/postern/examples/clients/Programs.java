package dev.postern.examples.clients;

import dev.postern.examples.clients.Client.Outcome;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs that send: the scripts of this module, run as they are. */
final class Programs {

    private static final int PATIENCE_SECONDS = 50; // within the time that a test may take

    private Programs() {}

    /** What a command prints. */
    static String output(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed: " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    /** A script that sends one message; a process for each. */
    record OneMessage(Path script, Map<String, String> environment) implements Client {

        @Override
        public Result send(Mail mail) throws IOException, InterruptedException {
            Path message = Files.createTempFile("postern-clients-", ".eml");
            Path output = Files.createTempFile("postern-clients-", ".out");
            try {
                Files.writeString(message, text(mail));
                List<String> command = new ArrayList<>(List.of(script.toString(), message.toString(), mail.from()));
                command.addAll(mail.to());
                ProcessBuilder builder =
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IOException(script + " does not end: " + Files.readString(output));
                }
                int code = process.exitValue();
                Outcome outcome = code == 0 ? Outcome.SENT : Outcome.REFUSED;
                return new Result(outcome, "exit code " + code, Files.readString(output), Optional.empty());
            } finally {
                Files.delete(message);
                Files.delete(output);
            }
        }

        private static String text(Mail mail) {
            return "From: " + mail.from() + "\nTo: " + String.join(", ", mail.to()) + "\nSubject: " + mail.subject()
                    + "\n\n" + mail.text();
        }

        @Override
        public void close() {} // every message has its own process
    }

    /** A program that keeps its connection, by a driver that takes a message in JSON a line, and answers likewise. */
    static final class Driver implements Client {

        private final Process process;
        private final BufferedWriter input;
        private final BufferedReader output;

        Driver(List<String> command) throws IOException {
            this.process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            this.input = process.outputWriter(StandardCharsets.UTF_8);
            this.output = process.inputReader(StandardCharsets.UTF_8);
        }

        @Override
        public Result send(Mail mail) throws IOException {
            JsonObject message = new JsonObject()
                    .put("from", mail.from())
                    .put("to", new JsonArray(mail.to()))
                    .put("subject", mail.subject())
                    .put("text", mail.text());
            input.write(message.encode());
            input.newLine();
            input.flush();
            String answer = output.readLine();
            if (answer == null) {
                throw new IOException("the driver has ended; what it said is above");
            }
            JsonObject result = new JsonObject(answer);
            String what = result.getString("what");
            Outcome outcome = what.isEmpty() ? Outcome.SENT : Outcome.REFUSED;
            return new Result(outcome, what, result.getString("shown"), Optional.empty());
        }

        @Override
        public void close() throws IOException {
            input.close();
            try {
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("the driver does not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the driver ends", e);
            } finally {
                process.destroyForcibly(); // nothing happens when it has ended
            }
        }
    }
}
