package dev.postern.spi;

import java.time.Instant;

/**
 * The time that a relay goes by. Everything that passes with time - inactivity, lifetime, blocks, quota periods,
 * time-outs - asks this clock, so that a test can move it. Safe for use by several threads.
 */
public interface RelayClock {

    /**
     * Returns the wall-clock time, for headers, log lines and quota periods.
     *
     * @return the time
     */
    Instant now();

    /**
     * Returns the monotonic time, for everything that lasts.
     *
     * @return nanoseconds since an arbitrary moment
     */
    long nanoTime();

    /**
     * Says how long a thread that waits for a moment of this clock may really be blocked before it looks at the clock
     * again. For a clock that runs by itself that is the whole time; for a clock that a test moves, some milliseconds.
     *
     * @param nanos the nanoseconds of this clock that remain; 0 or less when the moment has come
     * @return milliseconds, at least 1; else no more than what remains, rounded up, and no fewer for more nanoseconds
     */
    int waitMillis(long nanos);

    /**
     * Returns the clock of the machine.
     *
     * @return a clock that runs by itself
     */
    static RelayClock system() {
        return SystemRelayClock.INSTANCE;
    }
}
