package dev.postern.internal.time;

import dev.postern.spi.RelayClock;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what is blocked for too long. SO_TIMEOUT does not cover a write, and begins anew with each octet of a TLS record
 * or handshake; a watch covers all of it.
 * One thread looks at all watches some times a second; arming one costs a volatile write.
 */
public final class Watchdog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final long ROUND_NANOS = Duration.ofMillis(250).toNanos();
    private static final int LEAST_ROUND_MILLIS = 50;
    private static final long DISARMED = Long.MIN_VALUE;

    private final RelayClock clock;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Starts watching. */
    public Watchdog(RelayClock clock) {
        this.clock = clock;
        thread = new Thread(this::run, "postern-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Adds a watch, not armed yet.
     *
     * @param blocked what to close when an armed watch has run out; again in each round until the watch is disarmed, so
     *     that it can begin with less
     * @return the watch, to be closed when its work is done
     */
    public Watch watch(Closeable blocked) {
        Watch watch = new Watch(blocked);
        watches.add(watch);
        return watch;
    }

    /** Stops watching and waits for the thread's end. */
    @Override
    public void close() {
        stopped.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (stopped.getCount() > 0) {
                round();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the JVM ends, for nothing else has this thread
        }
    }

    /** Whatever happens here, the next round must come: nothing else ends what is blocked. */
    private void round() throws InterruptedException {
        try {
            if (stopped.await(Math.max(LEAST_ROUND_MILLIS, clock.waitMillis(ROUND_NANOS)), TimeUnit.MILLISECONDS)) {
                return;
            }
            long now = clock.nanoTime();
            for (Watch watch : watches) {
                watch.closeIfOverdue(now);
            }
        } catch (RuntimeException | Error e) {
            Enduring.error(LOG, "not all that may be blocked was looked at", e);
        }
    }

    /** One socket or the like. Armed and disarmed by the thread that may block on it. */
    public final class Watch implements AutoCloseable {

        private final Closeable blocked;
        private volatile long deadline = DISARMED;
        private long suspect = DISARMED; // only for the watchdog's thread

        private Watch(Closeable blocked) {
            this.blocked = blocked;
        }

        /** Lets the watch run; after so long, what is blocked is closed. */
        public void arm(Duration limit) {
            armUntil(clock.nanoTime() + limit.toNanos());
        }

        /** Lets the watch run until a moment, as {@link RelayClock#nanoTime()} counts. */
        public void armUntil(long moment) {
            deadline = moment == DISARMED ? moment + 1 : moment;
        }

        public void disarm() {
            deadline = DISARMED;
        }

        @Override
        public void close() {
            watches.remove(this);
        }

        /** Only what is overdue in two rounds is blocked: a clock may jump while a quick write is being done. */
        private void closeIfOverdue(long now) {
            long end = deadline;
            if (end == DISARMED || now - end < 0) {
                suspect = DISARMED;
            } else if (suspect != end) {
                suspect = end;
            } else {
                try {
                    blocked.close();
                } catch (IOException | RuntimeException | Error e) { // the others need this thread
                    LOG.debug("closing what was blocked", e);
                }
            }
        }
    }
}
