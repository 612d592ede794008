package dev.postern.benchmarks;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reserves on a shared store as fast as it can. */
@Command(
        name = "reservations",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description =
                "Reserves one unit after the other, each for a message of its own; prints how many a second as JSON.")
final class ReservationsCommand implements Callable<Integer> {

    private static final QuotaPlan PLAN = QuotaPlan.perMonth(1L << 50);

    @Option(names = "--store", required = true, description = "jdbc:postgresql://... or redis://...")
    private String store = "";

    @Option(names = "--threads", description = "That reserve at the same time.")
    private int threads = 16;

    @Option(names = "--accounts", description = "Each reservation is for a random one of so many.")
    private int accounts = 1;

    @Option(names = "--seconds", description = "How long.")
    private int seconds = 5;

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        try (OpenStores open = OpenStores.at(store)) {
            long begun = System.nanoTime();
            long granted = reserve(
                    open.stores.quota(), begun + Duration.ofSeconds(seconds).toNanos());
            double took = (System.nanoTime() - begun) / 1e9;
            System.out.printf("{\"reservations\": %d, \"rate\": %.1f}%n", granted, granted / took);
        }
        return 0;
    }

    private long reserve(QuotaStore quota, long end) throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                counts.add(executor.submit(() -> reserveAlone(quota, end)));
            }
            long sum = 0;
            for (Future<Long> count : counts) {
                sum += count.get();
            }
            return sum;
        } finally {
            executor.shutdownNow();
        }
    }

    private long reserveAlone(QuotaStore quota, long end) {
        String prefix = UUID.randomUUID() + "-";
        long granted = 0;
        for (; System.nanoTime() - end < 0; granted++) {
            String account = "account-" + ThreadLocalRandom.current().nextInt(accounts);
            QuotaDecision decision = quota.reserve(QuotaRequest.of(prefix + granted, account, PLAN, 1));
            if (!(decision instanceof QuotaDecision.Granted)) {
                throw new IllegalStateException("not granted: " + decision);
            }
        }
        return granted;
    }
}
