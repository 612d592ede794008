package dev.postern.spi;

import java.time.Instant;

/**
 * The time that a relay goes by. Everything that passes with time - inactivity, lifetime, blocks, quota periods,
 * time-outs - asks this clock, so that a test can move it. Safe for use by several threads.
 */
public interface RelayClock {

    /** {@return the wall-clock time, for headers, log lines and quota periods} */
    Instant now();

    /** {@return the monotonic time in nanoseconds since an arbitrary moment, for everything that lasts} */
    long nanoTime();

    /**
     * Says how long a thread that waits for a moment of this clock may really be blocked before it looks at the clock
     * again. For a clock that runs by itself that is the whole time; for a clock that a test moves, some milliseconds.
     *
     * @param nanos the nanoseconds of this clock that remain; 0 or less when the moment has come
     * @return milliseconds, at least 1; else no more than what remains, rounded up, and no fewer for more nanoseconds
     */
    int waitMillis(long nanos);

    /** {@return the machine's clock} */
    static RelayClock system() {
        return SystemRelayClock.INSTANCE;
    }
}
