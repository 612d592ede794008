package dev.postern.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a delaying proxy. */
@Command(
        name = "delay",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Makes a server look far away; prints its own port when it listens.")
final class DelayCommand implements Callable<Integer> {

    @Option(names = "--to", required = true, description = "The server's port.")
    private int to;

    @Option(names = "--round-trip", description = "In ms.")
    private int roundTrip = 20;

    @Option(
            names = "--follow",
            description = "Reads further round trips from standard input, one a line; answers each by it.")
    private boolean follow;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (DelayProxy proxy = new DelayProxy(to, Duration.ofMillis(roundTrip))) {
            System.out.println("listening on 127.0.0.1:" + proxy.port());
            if (follow) {
                follow(proxy);
            } else {
                new CountDownLatch(1).await();
            }
        }
        return 0;
    }

    private static void follow(DelayProxy proxy) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            proxy.setRoundTrip(Duration.ofMillis(Integer.parseInt(line)));
            System.out.println(line);
        }
    }
}
