package dev.postern.internal.upstream.pool;

import dev.postern.internal.time.Enduring;
import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.ReadyConnection;
import dev.postern.internal.upstream.client.StageLog;
import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.spi.RelayClock;
import dev.postern.spi.UpstreamTimeouts;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** Looks after the connections that are kept open without a message, with a thread of its own. */
public final class KeepAlive implements AutoCloseable {

    private static final Logger LOG = StageLog.LOG;

    /** Servers wait five minutes for a command (RFC 5321 section 4.5.3.2.7), some of them less. */
    private static final Duration ROUND = Duration.ofSeconds(30);

    private final String name;
    private final int min;
    private final UpstreamTimeouts timeouts;
    private final RelayClock clock;
    private final ConnectionPermits permits;
    private final IdleConnections idle;
    private final CircuitBreaker.Attempt opener;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Begins at once. It takes permits, so that no message waits for a connection that is looked after. */
    public KeepAlive(
            String name,
            int min,
            UpstreamTimeouts timeouts,
            RelayClock clock,
            ConnectionPermits permits,
            IdleConnections idle,
            CircuitBreaker.Attempt opener) {
        this.name = name;
        this.min = min;
        this.timeouts = timeouts;
        this.clock = clock;
        this.permits = permits;
        this.idle = idle;
        this.opener = opener;
        Thread thread = new Thread(this::run, "postern-keep-alive-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            do {
                try {
                    int resting = idle.size();
                    replaceMissing(resting);
                    ask(resting);
                } catch (RuntimeException | Error e) { // the next round may do better
                    Enduring.error(LOG, "connections not looked after", e);
                }
            } while (awaitNextRound());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the JVM ends, for nothing else has this thread
        }
    }

    private void replaceMissing(int resting) {
        int missing = Math.min(min, permits.capacity()) - resting - permits.taken();
        for (int i = 0; i < missing; i++) {
            try (ConnectionPermits.Permit permit = permits.tryTake()) {
                if (permit == null) {
                    return;
                }
                idle.put(opener.open());
            } catch (UpstreamException e) {
                LOG.debug("{} no connection to keep: {}", name, e.getMessage());
                return;
            }
        }
    }

    /** To be asked keeps them. As long as there are more than the minimum, they are left to grow old. */
    private void ask(int resting) {
        for (int i = 0; i < resting && resting <= min; i++) {
            try (ConnectionPermits.Permit permit = permits.tryTake()) {
                ReadyConnection oldest = permit == null ? null : idle.takeOldest();
                if (oldest != null && isAlive(oldest.connection())) {
                    idle.put(oldest);
                }
            }
        }
    }

    private boolean isAlive(Connection connection) {
        boolean alive = false;
        try {
            connection.endBy(clock.nanoTime() + timeouts.delivery().toNanos());
            alive = connection.exchange("NOOP", timeouts.command()).positive();
        } catch (UpstreamException e) {
            LOG.debug("{} kept connection lost: {}", name, e.getMessage());
        } finally {
            if (!alive) {
                connection.close();
            }
        }
        return alive;
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
