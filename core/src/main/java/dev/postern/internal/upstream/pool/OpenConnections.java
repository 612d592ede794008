package dev.postern.internal.upstream.pool;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;

/**
 * How many connections the upstream counts as ours: those that are ready, and those that have said QUIT a moment ago, for
 * it may not have noticed their end yet. Safe for use by several threads.
 */
public final class OpenConnections implements Connection.Count {

    private static final Duration MOMENT = Duration.ofSeconds(1);

    /**
     * An attempt to make one.
     *
     * @param number in the order of their beginning
     * @param opened how many had become ready before, ever
     * @param others whether the upstream counted some then
     */
    public record Attempt(long number, long opened, boolean others) {}

    private final RelayClock clock;
    private final TreeSet<Long> underWay = new TreeSet<>(); // attempts
    private final Deque<Long> ended = new ArrayDeque<>(); // when QUIT was said, the oldest first
    private long attempts;
    private long opened;
    private int ready;

    public OpenConnections(RelayClock clock) {
        this.clock = clock;
    }

    public synchronized Attempt begin() {
        underWay.add(++attempts);
        return new Attempt(attempts, opened, counted() > 0);
    }

    public synchronized void end(Attempt attempt) {
        underWay.remove(attempt.number);
        notifyAll();
    }

    @Override
    public synchronized void opened() {
        opened++;
        ready++;
        notifyAll();
    }

    @Override
    public synchronized void closed(boolean saidQuit) {
        ready--;
        forget();
        if (saidQuit) {
            ended.addLast(clock.nanoTime());
        }
    }

    /** Those that can be used, or are in use. */
    public synchronized int ready() {
        return ready;
    }

    /** As many as the upstream may count. */
    public synchronized int counted() {
        forget();
        return ready + ended.size();
    }

    /**
     * Tells whether an attempt that has failed was made beside other connections. Waits for attempts that are under way:
     * when many begin at once, those that are refused may hear of it before the first that is taken.
     */
    public synchronized boolean hadOthers(Attempt attempt, long until) {
        long newest = attempts;
        while (!attempt.others && opened == attempt.opened && counted() == 0) {
            if (underWay.isEmpty() || underWay.first() > newest || until - clock.nanoTime() <= 0) {
                return false;
            }
            try {
                wait(clock.waitMillis(until - clock.nanoTime()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private void forget() {
        long now = clock.nanoTime();
        while (!ended.isEmpty() && now - ended.getFirst() >= MOMENT.toNanos()) {
            ended.removeFirst();
        }
    }
}
