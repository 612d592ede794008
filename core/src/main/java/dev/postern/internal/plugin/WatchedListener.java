package dev.postern.internal.plugin;

import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how long a listener takes, for clients wait for it, and warns of one that is slow, once a minute at most.
 */
public final class WatchedListener implements RelayListener {

    private static final Logger LOG = LoggerFactory.getLogger(PluginGuard.class);
    private static final long SLOW = Duration.ofMillis(100).toNanos();
    private static final long BETWEEN_WARNINGS = Duration.ofMinutes(1).toNanos();

    private final RelayListener next;
    private final RelayClock clock;
    private boolean warned;
    private long lastWarning;
    private long slowCalls;
    private long longest;

    public WatchedListener(RelayListener next, RelayClock clock) {
        this.next = next;
        this.clock = clock;
    }

    @Override
    public void on(RelayEvent event) {
        long begun = clock.nanoTime();
        try {
            next.on(event);
        } finally {
            long took = clock.nanoTime() - begun;
            if (took >= SLOW && !(event instanceof RelayEvent.RelayStarted)) { // no client is there yet
                slow(event, took);
            }
        }
    }

    private synchronized void slow(RelayEvent event, long took) {
        slowCalls++;
        longest = Math.max(longest, took);
        long now = clock.nanoTime();
        if (warned && now - lastWarning < BETWEEN_WARNINGS) {
            return;
        }
        LOG.warn(
                "RelayListener is slow, and clients wait for it: {} ms for {}; {} calls took 100 ms or longer since the"
                        + " last warning, the longest {} ms. RelayListener.async hands events over",
                Duration.ofNanos(took).toMillis(),
                event.getClass().getSimpleName(), // not the whole event, which may tell much
                slowCalls,
                Duration.ofNanos(longest).toMillis());
        warned = true;
        lastWarning = now;
        slowCalls = 0;
        longest = 0;
    }
}
