package dev.postern.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Puts work into a database, has it picked and done, by the spool and by db-scheduler in turn. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = {
            "Puts jobs of some octets into a database, has each one picked and done, and waits until none is left: by the",
            "spool and by db-scheduler in turn, in one JVM. A job is durable when its put returns, and again when it is",
            "done. Prints the jobs a second of each round as JSON."
        })
final class QueueCommand implements Callable<Integer> {

    private static final Duration LONGEST = Duration.ofMinutes(2); // of a round

    @Option(names = "--store", required = true, description = "A directory for SQLite, or jdbc:postgresql://...")
    private String store = "";

    @Option(names = "--jobs", description = "Of a round.")
    private int jobs = 5000;

    @Option(names = "--octets", description = "Of a job.")
    private int octets = 4096;

    @Option(names = "--putters", description = "Threads that put at the same time.")
    private int putters = 20;

    @Option(names = "--threads", description = "Threads that do them.")
    private int threads = 16;

    @Option(names = "--rounds", description = "Each of both, after one that does not count.")
    private int rounds = 5;

    /** One of both. */
    interface Queue extends AutoCloseable {

        /** Returns when the job is durable. */
        void put(String id, byte[] job);

        /** How many are done so far, each durably. */
        long done();

        @Override
        void close();
    }

    @Override
    public Integer call() throws Exception {
        List<Double> spool = new ArrayList<>();
        List<Double> scheduler = new ArrayList<>();
        try (Queue ours = SpoolQueue.open(place("spool"), threads);
                Queue theirs = SchedulerQueue.open(place("scheduler"), threads)) {
            for (int round = 0; round <= rounds; round++) {
                double our = rate(ours, round);
                double their = rate(theirs, round);
                if (round > 0) {
                    spool.add(our);
                    scheduler.add(their);
                }
            }
        }
        System.out.printf(
                "{\"spool\": %s, \"db_scheduler\": %s, \"ratio\": %.2f}%n",
                spool.stream().map(Math::round).toList(),
                scheduler.stream().map(Math::round).toList(),
                median(spool) / median(scheduler));
        return 0;
    }

    private String place(String name) {
        return store.startsWith("jdbc:") ? store : Path.of(store, name).toString();
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(each -> each).sorted().toArray();
        return sorted.length == 0
                ? Double.NaN
                : Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
    }

    private double rate(Queue queue, int round) throws InterruptedException, ExecutionException {
        byte[] job = new byte[octets];
        Arrays.fill(job, (byte) 'x');
        long target = queue.done() + jobs;
        AtomicInteger next = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(putters);
        long begun = System.nanoTime();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < putters; i++) {
                all.add(executor.submit(() -> {
                    for (int number = next.getAndIncrement(); number < jobs; number = next.getAndIncrement()) {
                        queue.put(round + "-" + number, job);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            while (queue.done() < target) {
                if (System.nanoTime() - begun > LONGEST.toNanos()) {
                    throw new IllegalStateException(queue.done() + " jobs of " + target + " are done");
                }
                Thread.sleep(1);
            }
            return jobs / ((System.nanoTime() - begun) / 1e9);
        } finally {
            executor.shutdownNow();
        }
    }
}
