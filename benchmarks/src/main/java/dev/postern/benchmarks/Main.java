package dev.postern.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command. With {@code -} as the only argument it takes command lines from standard input, one after the other. */
@Command(
        name = "postern-benchmarks",
        mixinStandardHelpOptions = true,
        header = "Loads for an SMTP relay, and servers for them. Everything is on 127.0.0.1.",
        footer = {
            "",
            "With - as the only argument: takes command lines from standard input, and runs them in one JVM.",
            "JMH's benchmarks: java -cp postern-benchmarks.jar org.openjdk.jmh.Main"
        },
        subcommands = {
            LoadCommand.class,
            SinkCommand.class,
            DelayCommand.class,
            FloorCommand.class,
            FaultCommand.class,
            ReservationsCommand.class,
            RelayCommand.class,
            QueueCommand.class
        })
public final class Main {

    private Main() {}

    /**
     * Runs the command.
     *
     * @param arguments see --help
     * @throws IOException when standard input cannot be read
     */
    public static void main(String... arguments) throws IOException {
        if (arguments.length != 1 || !arguments[0].equals("-")) {
            System.exit(commandLine().execute(arguments));
        }
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int code = commandLine().execute(line.strip().split(" +"));
            if (code != 0) {
                System.exit(code);
            }
        }
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    }
}
