package dev.postern.internal.upstream;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks after the connections that are kept open without a message, with a thread of its own. */
final class Keeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamPool.class); // the stage's

    /** Servers wait five minutes for a command (RFC 5321 section 4.5.3.2.7), some of them less. */
    private static final Duration ROUND = Duration.ofSeconds(30);

    private final Runnable round;
    private final RelayClock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    Keeper(Runnable round, String upstream, RelayClock clock) {
        this.round = round;
        this.clock = clock;
        thread = new Thread(this::run, "postern-keeper-" + upstream);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            do {
                try {
                    round.run();
                } catch (RuntimeException e) {
                    LOG.error("connections not looked after", e);
                }
            } while (awaitNextRound());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the JVM ends, for nothing else has this thread
        }
    }

    private boolean awaitNextRound() throws InterruptedException {
        long next = clock.nanoTime() + ROUND.toNanos();
        while (next - clock.nanoTime() > 0) {
            if (stopped.await(clock.waitMillis(next - clock.nanoTime()), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    /** Lets no further round begin; one that is under way ends when its connection is cut. */
    @Override
    public void close() {
        stopped.countDown();
    }
}
