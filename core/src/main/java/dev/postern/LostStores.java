package dev.postern;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tracks which shared stores do not answer. A store that is not called would stay lost, so this class calls it. */
final class LostStores {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpRelay.class);
    private static final long PATIENCE = Duration.ofSeconds(1).toNanos();

    /** A store and a read-only query to it. */
    private record Store<T>(Guarded<T> guarded, Function<T, ?> question) {

        boolean isLost() {
            return guarded.isLost();
        }

        void ask() {
            if (guarded.call(question::apply).isEmpty()) {
                LOG.debug("{} does not answer yet", guarded.name());
            }
        }
    }

    private final ExecutorService threads;
    private final RelayClock clock;
    private final List<Store<?>> stores = new ArrayList<>();

    LostStores(ExecutorService threads, RelayClock clock) {
        this.threads = threads;
        this.clock = clock;
    }

    /** Called only while the relay is assembled. */
    <T> void add(Guarded<T> store, Function<T, ?> question) {
        stores.add(new Store<>(store, question));
    }

    /**
     * Returns the names of the stores that do not answer. Queries all of them at once, and waits for at most a second.
     */
    List<String> lost() {
        List<Store<?>> lost = stores.stream().filter(Store::isLost).toList();
        if (!lost.isEmpty()) {
            ask(lost);
        }
        return lost.stream()
                .filter(Store::isLost)
                .map(store -> store.guarded.name())
                .toList();
    }

    private void ask(List<Store<?>> lost) {
        long due = clock.nanoTime() + PATIENCE;
        try {
            List<? extends Future<?>> questions =
                    lost.stream().map(store -> threads.submit(store::ask)).toList();
            for (Future<?> question : questions) {
                Threads.awaitDone(question, due, clock);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("stores not asked: the relay is closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
