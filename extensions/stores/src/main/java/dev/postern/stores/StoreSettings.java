package dev.postern.stores;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.Objects;

/**
 * Settings common to the builders of all engines.
 *
 * @param lease how long a process may be silent before it is considered dead
 * @param timeout how long the engine may take to answer
 * @param clock this process's clock, which only determines when to query
 */
public record StoreSettings(Duration lease, Duration timeout, RelayClock clock) {

    /**
     * {@return the defaults: a lease of 30 s, a time-out of 1.5 s (below the relay's default plug-in time-out), the
     * machine's clock}
     */
    public static StoreSettings defaults() {
        return new StoreSettings(Duration.ofSeconds(30), Duration.ofMillis(1500), RelayClock.system());
    }

    /**
     * Changes the lease.
     *
     * @param length 1 s to 1 h
     * @return a copy
     * @throws IllegalArgumentException when length is out of bounds
     */
    public StoreSettings withLease(Duration length) {
        return new StoreSettings(bounded("lease", length, Duration.ofSeconds(1), Duration.ofHours(1)), timeout, clock);
    }

    /**
     * Changes the time-out.
     *
     * @param limit 10 ms to 1 min
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public StoreSettings withTimeout(Duration limit) {
        return new StoreSettings(lease, bounded("timeout", limit, Duration.ofMillis(10), Duration.ofMinutes(1)), clock);
    }

    /**
     * Changes the clock.
     *
     * @param newClock a clock
     * @return a copy
     */
    public StoreSettings withClock(RelayClock newClock) {
        return new StoreSettings(lease, timeout, Objects.requireNonNull(newClock, "clock"));
    }

    private static Duration bounded(String parameter, Duration value, Duration least, Duration most) {
        Objects.requireNonNull(value, parameter);
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(parameter + " must be " + least + " to " + most + ", not " + value);
        }
        return value;
    }
}
