package dev.postern.benchmarks;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a floor. */
@Command(
        name = "floor",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description =
                "The system calls of a relay, and no more: what no relay in Java can beat. Prints its port when it listens.")
final class FloorCommand implements Callable<Integer> {

    @Option(names = "--upstream", required = true, description = "The sink's port.")
    private int upstream;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (Floor floor = new Floor(upstream)) {
            System.out.println("listening on 127.0.0.1:" + floor.port());
            new CountDownLatch(1).await();
        }
        return 0;
    }
}
