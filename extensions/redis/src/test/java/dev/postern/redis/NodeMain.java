package dev.postern.redis;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.Reservation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A node in a process of its own, for tests that kill it. Takes a command a line, and answers each with a line. */
final class NodeMain {

    static final String ACCOUNT = "acme";
    static final Duration LEASE = Duration.ofSeconds(2);

    private final QuotaStore store;
    private final QuotaPlan plan;
    private final Map<String, Reservation> reservations = new HashMap<>();

    private NodeMain(QuotaStore store, QuotaPlan plan) {
        this.store = store;
        this.plan = plan;
    }

    public static void main(String[] arguments) throws Exception {
        RedisStores stores = RedisStores.builder(arguments[0])
                .lease(LEASE)
                .timeout(Duration.ofSeconds(20))
                .start();
        NodeMain node = new NodeMain(stores.quota(), QuotaPlan.perMonth(Long.parseLong(arguments[1])));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(node.answer(line.split(" ")));
        }
        Runtime.getRuntime().halt(0); // the test's end; nothing is given back, as in a crash
    }

    private String answer(String[] command) throws InterruptedException, ExecutionException, IOException {
        String id = command.length > 1 ? command[1] : "";
        return switch (command[0]) {
            case "reserve" -> reserve(id, Long.parseLong(command[2]));
            case "holds" -> Boolean.toString(store.holds(reservation(id)));
            case "release" -> {
                store.release(reservation(id));
                yield "released";
            }
            case "commit" -> {
                store.commit(reservation(id));
                yield "committed";
            }
            case "exhaust" -> Long.toString(exhaust(Integer.parseInt(id)));
            default -> throw new IOException("unknown: " + command[0]);
        };
    }

    private Reservation reservation(String id) {
        return Objects.requireNonNull(reservations.get(id), id);
    }

    private String reserve(String id, long units) {
        if (store.reserve(new QuotaRequest(id, ACCOUNT, plan, units)) instanceof QuotaDecision.Granted granted) {
            reservations.put(id, granted.reservation());
            return "granted";
        }
        return "exceeded";
    }

    /** Sends messages of one recipient by so many threads until nothing is left; returns how many were accepted. */
    private long exhaust(int threads) throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<Long>> counts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String prefix = UUID.randomUUID() + "-";
            counts.add(executor.submit(() -> exhaust(prefix)));
        }
        long accepted = 0;
        for (Future<Long> count : counts) {
            accepted += count.get();
        }
        executor.shutdown();
        return accepted;
    }

    private long exhaust(String prefix) {
        long accepted = 0;
        for (long message = 0; ; message++) {
            QuotaDecision decision = store.reserve(new QuotaRequest(prefix + message, ACCOUNT, plan, 1));
            if (!(decision instanceof QuotaDecision.Granted granted)) {
                return accepted;
            }
            if (message % 10 == 9) {
                store.release(granted.reservation());
            } else {
                store.commit(granted.reservation());
                accepted++;
            }
        }
    }
}
