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
        final Map<String, List<Long>> failures = new HashMap<>();
        final Map<String, Long> blockEnds = new HashMap<>();
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
                counts.failures.remove(key);
                end = null;
            }
            return end != null;
        }
    }

    @Override
    public void failed(String address, Rule rule) {
        if (blocked(address, rule) || rule.failures() == Integer.MAX_VALUE) {
            return;
        }
        synchronized (counts) {
            List<Long> failures = counts.failures.computeIfAbsent(key(address), key -> new ArrayList<>());
            long now = clock.nanoTime();
            failures.removeIf(failure -> now - failure >= rule.window().toNanos());
            failures.add(now);
            if (failures.size() >= rule.failures()) {
                counts.blockEnds.put(key(address), now + rule.block().toNanos());
            }
        }
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
