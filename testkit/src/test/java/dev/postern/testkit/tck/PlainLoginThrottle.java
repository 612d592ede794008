package dev.postern.testkit.tck;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.RelayClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** As plain as a right throttle can be: one lock around everything. Broken ones override a step. */
class PlainLoginThrottle implements LoginThrottle, AutoCloseable {

    /** What nodes share. */
    static final class Counts {
        final Map<String, List<Try>> tries = new HashMap<>();
        final Map<String, Long> blockEnds = new HashMap<>();
    }

    /** An attempt; when it was ended, or will count as failed. */
    static final class Try {
        final long begun;
        long decided;
        boolean ended;

        Try(long begun, long decided) {
            this.begun = begun;
            this.decided = decided;
        }
    }

    final Counts counts;
    final RelayClock clock;
    private volatile boolean closed;

    PlainLoginThrottle(Counts counts, RelayClock clock) {
        this.counts = counts;
        this.clock = clock;
    }

    @Override
    public boolean blocked(String address, Rule rule) {
        requireOpen();
        String key = key(Objects.requireNonNull(address));
        synchronized (counts) {
            Long end = counts.blockEnds.get(key);
            if (end != null && clock.nanoTime() - end >= 0) {
                counts.blockEnds.remove(key);
                end = null;
            }
            return end != null;
        }
    }

    @Override
    public Decision attempt(String address, Rule rule) {
        if (blocked(address, rule)) {
            return new Decision.Blocked();
        }
        if (rule.failures() == Integer.MAX_VALUE) {
            return new Decision.Granted(Attempt.uncounted());
        }
        synchronized (counts) {
            if (hasRoom(address, rule)) {
                return begin(address, rule);
            }
            return blocked(address, rule) ? new Decision.Blocked() : new Decision.Undecided();
        }
    }

    /** Begins an attempt, whether there is room for it or not. */
    final Decision begin(String address, Rule rule) {
        synchronized (counts) {
            long now = clock.nanoTime();
            Try one = new Try(now, now + rule.undecided().toNanos());
            counts.tries.computeIfAbsent(key(address), key -> new ArrayList<>()).add(one);
            return new Decision.Granted(attempt(one, address, rule));
        }
    }

    /** Whether one more may be tried; begins the block when all have failed. */
    boolean hasRoom(String address, Rule rule) {
        synchronized (counts) {
            long now = clock.nanoTime();
            List<Try> tries = counts.tries.getOrDefault(key(address), new ArrayList<>());
            tries.removeIf(one -> now - one.begun >= rule.window().toNanos());
            if (tries.size() < rule.failures()) {
                return true;
            }
            if (tries.stream().allMatch(one -> one.ended || now - one.decided >= 0)) {
                block(address, rule);
            }
            return false;
        }
    }

    void block(String address, Rule rule) {
        counts.blockEnds.put(key(address), clock.nanoTime() + rule.block().toNanos());
        counts.tries.remove(key(address));
    }

    Attempt attempt(Try one, String address, Rule rule) {
        return new Attempt() {
            @Override
            public void failed() {
                synchronized (counts) {
                    if (!one.ended) {
                        one.ended = true;
                        boolean unused = blocked(address, rule) || hasRoom(address, rule);
                    }
                }
            }

            @Override
            public void withdraw() {
                synchronized (counts) {
                    if (!one.ended) {
                        one.ended = true;
                        counts.tries
                                .getOrDefault(key(address), new ArrayList<>())
                                .remove(one);
                    }
                }
            }
        };
    }

    String key(String address) {
        return address;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
