package dev.postern.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the faults. */
@Command(
        name = "faults",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = {
            "Sends messages through a relay while its upstreams fail, and looks where each message is in the end.",
            "Fails when the relay's word and the upstreams' differ."
        })
final class FaultCommand implements Callable<Integer> {

    @Option(names = "--scenario", split = ",", description = "${COMPLETION-CANDIDATES}")
    private List<Scenario> scenarios = List.of(Scenario.values());

    @Option(names = "--messages", description = "Of each scenario.")
    private int messages = 10_000;

    @Option(names = "--sessions", description = "Clients at the same time.")
    private int sessions = 20;

    @Option(names = "--json", description = "Prints JSON, an object a line.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean holds = true;
        for (Scenario scenario : scenarios) {
            FaultReport report = new FaultRun(scenario, messages, sessions).run();
            System.out.println(json ? report.json() : report.toString());
            holds &= report.holds();
        }
        return holds ? 0 : 1;
    }
}
