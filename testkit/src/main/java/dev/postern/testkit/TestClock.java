package dev.postern.testkit;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A clock that stands still until a test moves it. Monotonic time begins one minute before a {@code long} overflows, as
 * {@link System#nanoTime()} may: code that compares values instead of subtracting them fails early in a test, not late
 * in production. Thread-safe.
 */
public final class TestClock implements RelayClock {

    /** The default wall-clock time: 2026-01-15T12:00:00Z, a Thursday in the middle of a month. */
    public static final Instant DEFAULT_START = Instant.parse("2026-01-15T12:00:00Z");

    private static final int LONGEST_WAIT_MILLIS = 5;
    private static final int STEP_MILLIS = 20;
    private static final Duration LONGEST_REAL_WAIT = Duration.ofSeconds(30);

    private Instant wallClock;
    private long nanos = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();

    /** Creates a clock that stands at {@link #DEFAULT_START}. */
    public TestClock() {
        this(DEFAULT_START);
    }

    /**
     * Creates a clock.
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
     * @param remaining the remaining nanoseconds of this clock; 0 or less when the moment has come
     * @return 1 to 5 milliseconds
     */
    @Override
    public int waitMillis(long remaining) {
        return (int) Math.max(1, Math.min(remaining / 1_000_000, LONGEST_WAIT_MILLIS));
    }

    /**
     * Moves wall-clock and monotonic time forward. Threads that wait for a moment of this clock notice within a few
     * milliseconds of real time, possibly after this method returns.
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
     * Moves time forward step by step until an answer comes, such as a probe's reply or the end of a delivery. A single
     * {@link #advance} is enough for a relay that waits for its client, whose silence begins with the previous reply.
     * It may be too early for a relay that waits for something else, for instance a hanging upstream, because the test
     * cannot see when that wait began.
     *
     * @param step how far to move after each 20 milliseconds of real time; positive, and at most the shortest limit
     *     that must not expire meanwhile
     * @param answer waits for the answer; called once, on a thread of its own
     * @param <T> the type of the answer
     * @return the answer
     * @throws IllegalArgumentException when the step is not positive
     * @throws AssertionError when no answer came within 30 seconds of real time; exceptions of {@code answer} are
     *     passed on unchanged
     */
    public <T> T advanceUntil(Duration step, Supplier<T> answer) {
        if (step.isZero() || step.isNegative()) {
            throw new IllegalArgumentException("step must be positive: " + step);
        }
        FutureTask<T> task = new FutureTask<>(answer::get);
        Thread thread = new Thread(task, "postern-test-clock");
        thread.setDaemon(true);
        thread.start();
        try {
            long begun = System.nanoTime();
            Duration passed = Duration.ZERO;
            while (!isDoneSoon(task)) {
                if (System.nanoTime() - begun >= LONGEST_REAL_WAIT.toNanos()) {
                    throw new AssertionError(
                            "No answer within " + LONGEST_REAL_WAIT + ", in which the clock has moved by " + passed);
                }
                advance(step);
                passed = passed.plus(step);
            }
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            if (e.getCause() instanceof RuntimeException exception) {
                throw exception;
            }
            throw new AssertionError("The answer failed", e.getCause()); // checked, which not all languages check
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the clock was moved", e);
        } finally {
            thread.interrupt();
        }
    }

    private static boolean isDoneSoon(FutureTask<?> task) throws InterruptedException, ExecutionException {
        try {
            task.get(STEP_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false; // the clock is to be moved once more
        }
    }

    /**
     * Sets the wall clock, as an operator or NTP would; monotonic time does not change.
     *
     * @param time the new wall-clock time, before or after the old one
     */
    public synchronized void setWallClock(Instant time) {
        wallClock = time;
    }

    /**
     * Moves only the wall clock; monotonic time does not change.
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
