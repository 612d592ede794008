package dev.postern.spi;

import java.time.Instant;

/**
 * A relay's source of time. Everything that depends on time - inactivity, lifetime, blocks, quota periods, time-outs -
 * uses this clock, so that a test can move it. Thread-safe.
 */
public interface RelayClock {

    /** {@return the wall-clock time, for headers, log lines and quota periods} */
    Instant now();

    /** {@return the monotonic time in nanoseconds since an arbitrary moment, for measuring durations} */
    long nanoTime();

    /**
     * Returns how long a thread that waits for a moment of this clock may block before it must look at the clock again.
     * For a clock that runs by itself, that is the whole time; for a clock that a test moves, a few milliseconds.
     *
     * @param nanos the remaining nanoseconds of this clock; 0 or less when the moment has come
     * @return milliseconds, at least 1, otherwise at most the remaining time rounded up; never fewer for more
     *     nanoseconds
     */
    int waitMillis(long nanos);

    /** {@return the machine's clock} */
    static RelayClock system() {
        return SystemRelayClock.INSTANCE;
    }
}
