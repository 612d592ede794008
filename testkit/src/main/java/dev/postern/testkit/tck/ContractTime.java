package dev.postern.testkit.tck;

import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The time that a plug-in under test goes by, and how a contract lets it pass: by moving a {@link TestClock}, or, for one
 * that goes by the clock of a database or another server, by waiting. Safe for use by several threads.
 */
public final class ContractTime {

    /** More than this is not waited for; a contract's tests need a few ticks at most. */
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
     * @param clock the clock that the plug-in was made with
     * @return the time, with a tick of one minute
     */
    public static ContractTime of(TestClock clock) {
        return new ContractTime(clock::now, Duration.ofMinutes(1), clock);
    }

    /**
     * The time of a server that nobody can move; what has to pass is really waited for.
     *
     * @param now asks the server for its wall-clock time
     * @param tick the time that the contract counts in: so long that a few calls of the plug-in take less, and at most
     *     2 s, for example 500 ms
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

    /** {@return the time that the contract counts in, short by the plug-in's standards} */
    public Duration tick() {
        return tick;
    }

    /** {@return the clock that may be moved; empty for the time of a server} */
    public Optional<TestClock> clock() {
        return Optional.ofNullable(clock);
    }

    /**
     * Lets time pass.
     *
     * @param time how much, 0 or more; of a server's time 30 s at most, and a millisecond more passes
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
