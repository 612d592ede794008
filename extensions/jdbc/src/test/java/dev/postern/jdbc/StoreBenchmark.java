package dev.postern.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reservations a second beside what pgbench gets out of the same server by updating a row. No test: it runs when it is
 * asked for by name, as CONTRIBUTING.md says, and needs Debian's postgresql-contrib for pgbench.
 */
class StoreBenchmark {

    private static final int SECONDS = Integer.getInteger("postern.benchmark.seconds", 5);
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(1L << 50);

    @Test
    @Timeout(600)
    void reservationsASecond() throws Exception {
        try (PostgresServer server = new PostgresServer();
                HikariDataSource database = Backend.pool(server.url("postgres"), 16);
                JdbcStores stores = JdbcStores.builder(database)
                        .migrate()
                        .timeout(Duration.ofSeconds(10))
                        .start()) {
            for (int threads : new int[] {1, 16}) {
                long oneRow = pgbench(server, threads, "0");
                long manyRows = pgbench(server, threads, ":row");
                long oneAccount = reservations(stores, threads, thread -> "acme");
                long manyAccounts = reservations(stores, threads, thread -> "account" + thread);
                System.out.printf(
                        "%2d threads: one account %6d/s (pgbench, one row %6d/s: %d %%),"
                                + " an account each %6d/s (pgbench, many rows %6d/s: %d %%)%n",
                        threads,
                        oneAccount,
                        oneRow,
                        100 * oneAccount / oneRow,
                        manyAccounts,
                        manyRows,
                        100 * manyAccounts / manyRows);
            }
        }
    }

    private static long reservations(JdbcStores stores, int threads, IntFunction<String> account) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        List<Future<Long>> counts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String name = account.apply(i);
            String prefix = name + "-" + threads + "-" + i + "-";
            counts.add(executor.submit(() -> {
                long granted = 0;
                for (; System.nanoTime() - end < 0; granted++) {
                    QuotaDecision decision = stores.quota().reserve(new QuotaRequest(prefix + granted, name, PLAN, 1));
                    if (!(decision instanceof QuotaDecision.Granted)) {
                        throw new IllegalStateException(decision.toString());
                    }
                }
                return granted;
            }));
        }
        long sum = 0;
        for (Future<Long> count : counts) {
            sum += count.get();
        }
        executor.shutdown();
        return sum / SECONDS;
    }

    private static long pgbench(PostgresServer server, int clients, String row)
            throws IOException, InterruptedException {
        Path script = Files.writeString(
                server.directory.resolve("bench.sql"),
                "\\set row random(1, 1000)\nINSERT INTO postern_ledger AS l VALUES ('bench', 'row-' || " + row
                        + ", 0, 0, 1) ON CONFLICT (kind, name) DO UPDATE SET held = l.held + 1;\n");
        Process process = new ProcessBuilder(
                        "pgbench",
                        "-n",
                        "-M",
                        "prepared",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(server.port),
                        "-U",
                        "postern",
                        "-c",
                        Integer.toString(clients),
                        "-j",
                        "2",
                        "-T",
                        Integer.toString(SECONDS),
                        "-f",
                        script.toString(),
                        "postgres")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher tps = Pattern.compile("tps = (\\d+)").matcher(output);
        if (process.waitFor() != 0 || !tps.find()) {
            throw new IOException("pgbench failed:\n" + output);
        }
        return Long.parseLong(tps.group(1));
    }
}
