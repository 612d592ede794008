package dev.postern.testkit.tck;

import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The time of a plug-in under test, and how a contract lets it pass: by moving a {@link TestClock}, or by waiting if
 * the plug-in uses the clock of a database or another server. Thread-safe.
 */
public final class ContractTime {

    /** The longest wait; a contract's tests need a few ticks at most. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Supplier<Instant> now;
    private final Duration tick;
    private final @Nullable TestClock clock;

    private ContractTime(Supplier<Instant> now, Duration tick, @Nullable TestClock clock) {
        this.now = now;
        this.tick = tick;
        this.clock = clock;
    }

    /**
     * The time of a clock that the contract may move.
     *
     * @param clock the plug-in's clock
     * @return the time, with a tick of one minute
     */
    public static ContractTime of(TestClock clock) {
        return new ContractTime(clock::now, Duration.ofMinutes(1), clock);
    }

    /**
     * The time of a server, which cannot be moved, so the contract really waits.
     *
     * @param now asks the server for its wall-clock time
     * @param tick the contract's unit of time: longer than a few calls of the plug-in, and at most 2 s, for example 500
     *     ms
     * @return the time
     * @throws IllegalArgumentException when the tick is not positive, or over 2 s
     */
    public static ContractTime ofServer(Supplier<Instant> now, Duration tick) {
        if (tick.isNegative() || tick.isZero() || tick.compareTo(Duration.ofSeconds(2)) > 0) {
            throw new IllegalArgumentException("tick must be positive, and 2 s at most, not " + tick);
        }
        return new ContractTime(now, tick, null);
    }

    /** {@return the wall-clock time that the plug-in sees} */
    public Instant now() {
        return now.get();
    }

    /** {@return the contract's unit of time, short compared with the plug-in's times} */
    public Duration tick() {
        return tick;
    }

    /** {@return the clock that may be moved; empty for a server's time} */
    public Optional<TestClock> clock() {
        return Optional.ofNullable(clock);
    }

    /**
     * Lets time pass.
     *
     * @param time how much, 0 or more; at most 30 s of a server's time, of which a millisecond more passes
     * @throws IllegalArgumentException when it is more
     */
    public void pass(Duration time) {
        if (clock != null) {
            clock.advance(time);
            return;
        }
        if (time.compareTo(LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException(
                    "time must be " + LONGEST_WAIT.toSeconds() + " s at most, for it is waited for, not "
                            + time.toSeconds() + " s; configure the store with less");
        }
        ContractDeadline.extendBy(time);
        // what a server that counts in milliseconds lets end at a moment may last until the next one
        Instant end = now().plus(time).plusMillis(1);
        for (Duration left = time; left.compareTo(Duration.ZERO) >= 0; left = Duration.between(now(), end)) {
            LockSupport.parkNanos(Math.max(1_000_000, left.toNanos())); // nobody can move this clock
        }
    }
}
