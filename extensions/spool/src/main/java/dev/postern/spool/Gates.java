package dev.postern.spool;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Upstreams that cannot be reached. What waits for one stays where it is, but for one message at a time that tries; when that
 * one is answered, all others go on. Safe for use by several threads.
 */
final class Gates {

    private final RelayClock clock;
    private final Duration probe;
    private final Map<String, Long> probeAt = new HashMap<>();
    private final Set<String> opened = new LinkedHashSet<>();

    Gates(RelayClock clock, Duration probe) {
        this.clock = clock;
        this.probe = probe;
    }

    synchronized void close(String upstream) {
        opened.remove(upstream);
        probeAt.put(upstream, clock.nanoTime() + probe.toNanos());
    }

    /** Whether it was closed. */
    synchronized boolean open(String upstream) {
        boolean was = probeAt.remove(upstream) != null;
        if (was) {
            opened.add(upstream);
        }
        return was;
    }

    /** Messages wait for it, from before this process or from another one. */
    synchronized void found(String upstream) {
        if (!opened.contains(upstream)) {
            probeAt.putIfAbsent(upstream, clock.nanoTime());
        }
    }

    /** Those whose messages are to go on. */
    synchronized List<String> opened() {
        return List.copyOf(opened);
    }

    synchronized void allReleased(String upstream) {
        opened.remove(upstream);
    }

    synchronized void nobodyWaits(String upstream) {
        probeAt.remove(upstream);
    }

    synchronized void tryNow(String upstream) {
        probeAt.replace(upstream, clock.nanoTime());
    }

    /** Those that are to be tried now; each is tried again only after a while, or when it is closed anew. */
    synchronized List<String> toProbe() {
        long now = clock.nanoTime();
        List<String> due = new ArrayList<>();
        probeAt.replaceAll((upstream, at) -> {
            if (at - now > 0) {
                return at;
            }
            due.add(upstream);
            return now + probe.toNanos();
        });
        return due;
    }
}
