package dev.postern.benchmarks;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends a load and prints what came of it. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description =
                "Sends messages and prints their number, rate and percentiles as JSON. Fails when one is refused.")
final class LoadCommand implements Callable<Integer> {

    @Option(names = "--port", required = true, description = "Of the relay.")
    private int port;

    @Option(names = "--tls", description = "${COMPLETION-CANDIDATES}. Each connection does a whole handshake.")
    private TlsMode tls = TlsMode.NONE;

    @Option(names = "--user", description = "Logs in and sends.")
    private String user = "ann@example.org";

    @Option(names = "--secret", description = "Of the user; without it nobody logs in.")
    private String secret = "";

    @Option(names = "--sessions", description = "Clients at the same time.")
    private int sessions = 50;

    @Option(names = "--messages", description = "In all.")
    private int messages = 10_000;

    @Option(names = "--per-session", description = "Messages of a connection; 0 for all.")
    private int perSession;

    @Option(names = "--recipients", description = "Of each message.")
    private int recipients = 1;

    @Option(names = "--octets", description = "Of each message.")
    private int octets = 4096;

    @Option(names = "--bdat", description = "Sends by BDAT, not by DATA.")
    private boolean bdat;

    @Override
    public Integer call() throws InterruptedException {
        Target target = new Target(port, tls, Tls.trustingAnybody(), user, secret);
        Load load = new Load(target, sessions, messages, perSession, recipients, octets, bdat);
        LoadRun.Result result = new LoadRun(load, new Unobserved()).run();
        System.out.println(result.json());
        if (result.accepted() < messages) {
            System.err.println(
                    (messages - result.accepted()) + " messages not accepted, one for: " + result.complaint());
        }
        return result.accepted() == messages ? 0 : 1;
    }

    private static final class Unobserved implements LoadRun.Observer {
        @Override
        public void answered(int number, Answer answer) {}

        @Override
        public void lost(int number, IOException cause) {}
    }
}
