package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the relay relies on in a {@link RelayClock}: what lasts never ends early and never hangs, whatever happens to the
 * wall clock. Extend it, make the clock in {@link #newClock}, say how it is moved if it is one for tests, and run it with
 * JUnit. The relay compares monotonic times by subtracting them, so that they may overflow.
 */
@ExtendWith(ContractDeadline.class)
public abstract class RelayClockContract {

    private static final int THREADS = 8;
    private static final int READINGS = 50;
    private static final Duration SOON = Duration.ofSeconds(1);

    private RelayClock clock;

    /** For the test of an implementation, which extends this. */
    protected RelayClockContract() {}

    /**
     * Makes the clock under test; called once before each test.
     *
     * @return a clock; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract RelayClock newClock() throws Exception;

    /**
     * Says how a clock is moved that stands still else, for a test's clock.
     *
     * @param clock what {@link #newClock} has made
     * @return lets a time pass; empty, as by default, for a clock that runs by itself
     */
    protected Optional<Consumer<Duration>> mover(RelayClock clock) {
        return Optional.empty();
    }

    /**
     * Says how the wall clock alone is set, as an operator or NTP does.
     *
     * @param clock what {@link #newClock} has made
     * @return moves the wall clock by a distance, back by a negative one; empty, as by default, where a test cannot
     */
    protected Optional<Consumer<Duration>> wallClockMover(RelayClock clock) {
        return Optional.empty();
    }

    /**
     * Makes the clock.
     *
     * @throws Exception when it cannot be made
     */
    @BeforeEach
    public final void openClock() throws Exception {
        clock = newClock();
    }

    /**
     * Closes the clock.
     *
     * @throws Exception when it cannot be closed
     */
    @AfterEach
    public final void closeClock() throws Exception {
        Tck.close(clock);
    }

    /** Monotonic time never goes back: a limit that has passed stays passed. */
    @Test
    public final void required_nanoTime_neverGoesBack() {
        long last = clock.nanoTime();
        for (int i = 0; i < READINGS; i++) {
            long next = clock.nanoTime();
            assertThat(next - last).as("nanoseconds after the reading before").isNotNegative();
            last = next;
        }
    }

    /** All threads see the same monotonic time: a session's limits are watched by other threads than its own. */
    @Test
    public final void required_nanoTime_isOneForAllThreads() {
        CyclicBarrier turn = new CyclicBarrier(THREADS);
        long[] readings = new long[THREADS];
        Tck.together(THREADS, thread -> () -> {
            for (int i = 0; i < THREADS; i++) {
                if (i == thread) {
                    readings[thread] = clock.nanoTime(); // one after the other
                }
                turn.await(SOON.toSeconds() * 50, TimeUnit.SECONDS);
            }
            return thread;
        });
        for (int i = 1; i < THREADS; i++) {
            assertThat(readings[i] - readings[i - 1])
                    .as("nanoseconds from one thread's reading to the next one's")
                    .isNotNegative();
        }
    }

    /** The wall clock says a moment, each time it is asked. */
    @Test
    public final void required_now_isNeverNull() {
        for (int i = 0; i < 2; i++) {
            assertThat(clock.now()).as("now").isNotNull();
        }
    }

    /** A wait is one millisecond at least: 0 means for ever to a socket, and less is an exception. */
    @Test
    public final void required_waitMillis_isOneAtLeast() {
        for (long nanos : List.of(Long.MIN_VALUE, -1L, 0L, 1L, 999_999L, 1_000_000L, Long.MAX_VALUE)) {
            assertThat(clock.waitMillis(nanos)).as("waitMillis(%d)", nanos).isPositive();
        }
    }

    /** A wait is not longer than what remains, rounded up to a millisecond: nothing ends late. */
    @Test
    public final void required_waitMillis_isNotMoreThanWhatRemains() {
        for (long nanos : List.of(-1L, 0L, 1L, 1_000_000L, 1_000_001L, 20_000_000L, SOON.toNanos())) {
            long most = Math.max(1, nanos / 1_000_000 + (nanos % 1_000_000 > 0 ? 1 : 0));
            assertThat(clock.waitMillis(nanos)).as("waitMillis(%d)", nanos).isLessThanOrEqualTo((int) most);
        }
    }

    /** Whoever has longer to wait waits no shorter: a distant limit is not looked at in a busy loop. */
    @Test
    public final void required_waitMillis_growsWithWhatRemains() {
        int before = 1;
        for (long nanos = 1; nanos > 0; nanos *= 2) { // to the overflow
            before = assertNotShorter(before, nanos);
        }
        assertNotShorter(before, Long.MAX_VALUE);
    }

    private int assertNotShorter(int before, long nanos) {
        int wait = clock.waitMillis(nanos);
        assertThat(wait).as("waitMillis(%d)", nanos).isGreaterThanOrEqualTo(before);
        return wait;
    }

    /** A clock that is moved moves both its times, by just as much. */
    @Test
    public final void optional_move_movesBothTimes() {
        Consumer<Duration> mover = Tck.orSkip(mover(clock), "mover(clock)");
        Instant now = clock.now();
        long nanos = clock.nanoTime();
        Duration time = Duration.ofHours(26).plusNanos(1);
        mover.accept(time);
        assertThat(Duration.between(now, clock.now())).as("of the wall clock").isEqualTo(time);
        assertThat(Duration.ofNanos(clock.nanoTime() - nanos))
                .as("of monotonic time")
                .isEqualTo(time);
    }

    /** Threads that wait for a clock that is moved look at it again soon. */
    @Test
    public final void optional_move_isSeenSoon() {
        Tck.orSkip(mover(clock), "mover(clock)");
        assertThat(clock.waitMillis(Duration.ofDays(1).toNanos()))
                .as("real milliseconds until a thread that waits for a day looks at the clock")
                .isLessThanOrEqualTo((int) SOON.toMillis());
    }

    /** The wall clock may be set, forth and back; what lasts does not see it. */
    @Test
    public final void optional_wallClock_mayBeSetWithoutMovingNanoTime() {
        Consumer<Duration> mover = Tck.orSkip(wallClockMover(clock), "wallClockMover(clock)");
        for (Duration distance : List.of(Duration.ofHours(1), Duration.ofHours(-2))) {
            Instant now = clock.now();
            long nanos = clock.nanoTime();
            mover.accept(distance);
            assertThat(Duration.between(now.plus(distance), clock.now()).abs())
                    .as("of the wall clock, from where it was set to")
                    .isLessThan(Duration.ofMinutes(1));
            assertThat(clock.nanoTime() - nanos)
                    .as("nanoseconds of monotonic time")
                    .isBetween(0L, Duration.ofMinutes(1).toNanos());
        }
    }

    /** Monotonic time of a clock that runs by itself passes as fast as that of everybody else. */
    @Test
    public final void untested_nanoTime_passesAtTheRightPace() {
        Tck.skip("it would measure time");
    }
}
