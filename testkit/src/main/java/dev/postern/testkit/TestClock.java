package dev.postern.testkit;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.time.Instant;

/**
 * A clock that stands still until a test moves it. Monotonic time begins one minute before the overflow of a {@code
 * long}, as {@link System#nanoTime()} may: code that compares its values in place of subtracting them fails a test early
 * and not a production system late. Safe for use by several threads.
 */
public final class TestClock implements RelayClock {

    /** The wall-clock time of a clock that was given none: 2026-01-15T12:00:00Z, a Thursday in the middle of a month. */
    public static final Instant DEFAULT_START = Instant.parse("2026-01-15T12:00:00Z");

    private static final int LONGEST_WAIT_MILLIS = 5;

    private Instant wallClock;
    private long nanos = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();

    /** Makes a clock that stands at {@link #DEFAULT_START}. */
    public TestClock() {
        this(DEFAULT_START);
    }

    /**
     * Makes a clock.
     *
     * @param start the wall-clock time that it stands at
     */
    public TestClock(Instant start) {
        this.wallClock = start;
    }

    @Override
    public synchronized Instant now() {
        return wallClock;
    }

    @Override
    public synchronized long nanoTime() {
        return nanos;
    }

    /**
     * Returns a wait so short that a thread blocked on this clock looks at it again soon after a test has moved it.
     *
     * @param remaining the nanoseconds of this clock that remain; 0 or less when the moment has come
     * @return 1 to 5 milliseconds
     */
    @Override
    public int waitMillis(long remaining) {
        return (int) Math.max(1, Math.min(remaining / 1_000_000, LONGEST_WAIT_MILLIS));
    }

    /**
     * Lets time pass: moves wall-clock and monotonic time. Threads that wait for a moment of this clock see it within
     * some milliseconds of real time, not before this method returns.
     *
     * @param time how much, 0 or more and less than 292 years
     * @throws IllegalArgumentException when the time is negative; monotonic time never goes back
     */
    public synchronized void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time must not be negative: " + time);
        }
        nanos += time.toNanos();
        wallClock = wallClock.plus(time);
    }

    /**
     * Sets the wall clock, as an operator or NTP does; monotonic time stays.
     *
     * @param time the new wall-clock time, before or after the old one
     */
    public synchronized void setWallClock(Instant time) {
        wallClock = time;
    }

    /**
     * Moves the wall clock alone; monotonic time stays.
     *
     * @param distance how far, negative to go back
     */
    public synchronized void jumpWallClock(Duration distance) {
        wallClock = wallClock.plus(distance);
    }

    /** Returns the wall-clock time, for failure texts. */
    @Override
    public synchronized String toString() {
        return "TestClock[" + wallClock + "]";
    }
}
