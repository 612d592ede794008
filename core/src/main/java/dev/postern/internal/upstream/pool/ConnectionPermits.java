package dev.postern.internal.upstream.pool;

import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a connection: so many at a time, and who comes first is served first. There are fewer permits than
 * configured while the upstream takes fewer connections: as many as it took, and now and then some more, to find out
 * whether it takes them again. Safe for use by several threads.
 */
public final class ConnectionPermits {

    /** One attempt a minute that is refused, and waits for a connection in use, is no burden to anyone. */
    private static final Duration GROWTH = Duration.ofMinutes(1);

    private final int max;
    private final Duration maxWait;
    private final RelayClock clock;
    private final Deque<CountDownLatch> waiting = new ArrayDeque<>(); // opened when the permit is theirs
    private int capacity;
    private int taken;
    private int step = 1; // doubled each time that it went well
    private long changed;

    public ConnectionPermits(int max, Duration maxWait, RelayClock clock) {
        this.max = max;
        this.maxWait = maxWait;
        this.clock = clock;
        this.capacity = max;
    }

    /** Returns until when a message waits that begins now, and must be delivered by the end. */
    public long deadline(long end) {
        long begun = clock.nanoTime();
        return begun + Math.min(maxWait.toNanos(), Math.max(0, end - begun));
    }

    /** A permit, given back once, when it is closed. Used by one thread. */
    public final class Permit implements AutoCloseable {

        private boolean held = true;

        private Permit() {}

        /**
         * Gives the permit back and waits for one again, before all others: who has had one has waited already.
         *
         * @throws UpstreamException when none became free in time; then there is none to give back
         */
        public void takeAgain(long deadline) throws UpstreamException {
            held = false;
            await(enter(true), deadline);
            held = true;
        }

        @Override
        public void close() {
            if (held) {
                held = false;
                giveBack();
            }
        }
    }

    /** Waits for a permit, behind those that wait already; throws when none became free in time. */
    public Permit take(long deadline) throws UpstreamException {
        await(enter(false), deadline);
        return new Permit();
    }

    private synchronized CountDownLatch enter(boolean again) {
        CountDownLatch granted = new CountDownLatch(1);
        if (again) {
            waiting.addFirst(granted);
            taken--;
        } else {
            waiting.addLast(granted);
            growWhenDue();
        }
        grant();
        return granted;
    }

    private void await(CountDownLatch granted, long deadline) throws UpstreamException {
        long begun = clock.nanoTime();
        try {
            while (!granted.await(clock.waitMillis(deadline - clock.nanoTime()), TimeUnit.MILLISECONDS)) {
                if (deadline - clock.nanoTime() <= 0 && leave(granted)) {
                    throw inUse(Duration.ofNanos(Math.max(0, deadline - begun)).toString());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (!leave(granted)) {
                giveBack();
            }
            throw inUse("as long as could be waited");
        }
    }

    /** Returns false when the permit has just been granted. */
    private synchronized boolean leave(CountDownLatch granted) {
        return waiting.remove(granted);
    }

    private synchronized UpstreamException inUse(String time) {
        return new UpstreamException(
                UpstreamException.Kind.UNUSABLE, "all " + capacity + " connections were in use for " + time);
    }

    /** Takes a permit that nobody waits for; null when there is none. */
    synchronized @Nullable Permit tryTake() {
        if (!waiting.isEmpty() || taken >= capacity) {
            return null;
        }
        taken++;
        return new Permit();
    }

    private synchronized void giveBack() {
        taken--;
        grant();
    }

    private void grant() {
        while (taken < capacity && !waiting.isEmpty()) {
            taken++;
            waiting.removeFirst().countDown();
        }
    }

    public synchronized int taken() {
        return taken;
    }

    public synchronized int waiting() {
        return waiting.size();
    }

    public synchronized int capacity() {
        return capacity;
    }

    /** The upstream has refused one connection more than these. */
    public synchronized void refusedBeside(int connections) {
        changed = clock.nanoTime();
        step = 1;
        capacity = Math.max(1, Math.min(capacity, connections));
    }

    /** The upstream has taken so many at the same time. */
    public synchronized void took(int connections) {
        capacity = Math.max(capacity, Math.min(connections, max));
        grant();
    }

    /** Where there are too few, and nothing has spoken against more for a while. */
    private void growWhenDue() {
        if (capacity < max && taken >= capacity && clock.nanoTime() - changed >= GROWTH.toNanos()) {
            capacity += Math.min(step, max - capacity);
            step *= 2; // ends at max, long before it is too large
            changed = clock.nanoTime();
        }
    }
}
