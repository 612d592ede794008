package dev.postern.stores;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Scope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
public final class NodeMain {

    static final String ACCOUNT = "acme";
    static final Duration LEASE = Duration.ofSeconds(2);

    private final QuotaStore store;
    private final SessionRegistry sessions;
    private final QuotaPlan plan;
    private final Tally tally;
    private final Map<String, Reservation> reservations = new HashMap<>();

    private NodeMain(SharedStores stores, QuotaPlan plan, Tally tally) {
        this.store = stores.quota();
        this.sessions = stores.sessions();
        this.plan = plan;
        this.tally = tally;
    }

    /** What a node's own stores are started with. */
    public static StoreSettings settings() {
        return StoreSettings.defaults().withLease(LEASE).withTimeout(Duration.ofSeconds(20));
    }

    /** What the main method of an engine's node does after it has started stores at the address, its first argument. */
    public static void serve(SharedStores stores, String[] arguments) throws Exception {
        NodeMain node = new NodeMain(
                stores, QuotaPlan.perMonth(Long.parseLong(arguments[1])), new Tally(Path.of(arguments[2])));
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
            case "acquire" -> sessions.acquire(place(id)).isPresent() ? "admitted" : "refused";
            case "exhaust" -> Long.toString(exhaust(Integer.parseInt(id)));
            default -> throw new IOException("unknown: " + command[0]);
        };
    }

    /** One of the two places of a user. */
    static Claim place(String user) {
        return new Claim(Scope.USER, user, 2, "s");
    }

    private Reservation reservation(String id) {
        return Objects.requireNonNull(reservations.get(id), id);
    }

    private String reserve(String id, long units) {
        if (store.reserve(QuotaRequest.of(id, ACCOUNT, plan, units)) instanceof QuotaDecision.Granted granted) {
            reservations.put(id, granted.reservation());
            return "granted";
        }
        return "exceeded";
    }

    /** Sends messages of one recipient by so many threads until nothing is left; returns how many were accepted. */
    private long exhaust(int threads) throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int slot = i;
            work.add(executor.submit(() -> exhaust(UUID.randomUUID() + "-", slot)));
        }
        for (Future<?> thread : work) {
            thread.get();
        }
        executor.shutdown();
        return tally.done();
    }

    private void exhaust(String prefix, int slot) {
        for (long message = 0; ; message++) {
            QuotaDecision decision = store.reserve(QuotaRequest.of(prefix + message, ACCOUNT, plan, 1));
            if (!(decision instanceof QuotaDecision.Granted granted)) {
                return;
            }
            if (message % 10 == 9) {
                store.release(granted.reservation());
            } else {
                tally.began(slot);
                store.commit(granted.reservation());
                tally.done(slot);
            }
        }
    }
}
