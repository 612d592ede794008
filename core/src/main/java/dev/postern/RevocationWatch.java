package dev.postern;

import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.time.Enduring;
import dev.postern.spi.RelayClock;
import dev.postern.spi.SessionRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a shared registry once a second what other relays have revoked. While it does not answer, it is asked less
 * often; the next answer covers all of the missed time.
 */
final class RevocationWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpRelay.class);
    private static final long PERIOD = Duration.ofSeconds(1).toNanos();
    private static final long PERIOD_OF_FAILURES = Duration.ofSeconds(10).toNanos();
    private static final int LEAST_WAIT_MILLIS = 50;

    /** A revocation that was being written at the last query may become visible only later. */
    private static final Duration OVERLAP = Duration.ofSeconds(30);

    private final Guarded<SessionRegistry> registry;
    private final RelayClock clock;
    private final Consumer<SessionRegistry.Revocation> taker;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private long answered; // when we last asked and got an answer

    RevocationWatch(Guarded<SessionRegistry> registry, RelayClock clock, Consumer<SessionRegistry.Revocation> taker) {
        this.registry = registry;
        this.clock = clock;
        this.taker = taker;
        answered = clock.nanoTime();
        thread = new Thread(this::run, "postern-revocations");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        long due = answered + PERIOD;
        try {
            while (!stopped.await(
                    Math.max(LEAST_WAIT_MILLIS, clock.waitMillis(due - clock.nanoTime())), TimeUnit.MILLISECONDS)) {
                if (due - clock.nanoTime() <= 0) {
                    due = clock.nanoTime() + (look() ? PERIOD : PERIOD_OF_FAILURES);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the JVM ends, for nothing else has this thread
        }
    }

    /** Must not throw: without a next round, revoked sessions would go on. */
    private boolean look() {
        try {
            return ask();
        } catch (RuntimeException | Error e) {
            Enduring.error(LOG, "not all that other relays have revoked was ended; it is tried again", e);
            return false;
        }
    }

    private boolean ask() {
        long asked = clock.nanoTime();
        Duration within = Duration.ofNanos(asked - answered).plus(OVERLAP);
        Optional<List<SessionRegistry.Revocation>> revoked = registry.call(counts -> counts.revoked(within));
        revoked.ifPresent(all -> {
            all.forEach(taker);
            answered = asked;
        });
        return revoked.isPresent();
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
