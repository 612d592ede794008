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
 * The contract of a {@link RelayClock}: a wait never ends early and never hangs, whatever happens to the wall clock.
 * Extend it, create the clock in {@link #newClock}, return how it is moved if it is a test clock, and run it with
 * JUnit. The relay compares monotonic times by subtracting them, so they may overflow.
 */
@ExtendWith(ContractDeadline.class)
public abstract class RelayClockContract {

    private static final int THREADS = 8;
    private static final int READINGS = 50;
    private static final Duration SOON = Duration.ofSeconds(1);

    private RelayClock clock;

    /** For subclasses, which test an implementation. */
    protected RelayClockContract() {}

    /**
     * Creates the clock under test; called once before each test.
     *
     * @return a clock; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract RelayClock newClock() throws Exception;

    /**
     * Returns how to move a test clock, which otherwise stands still.
     *
     * @param clock the clock from {@link #newClock}
     * @return moves the clock forward; empty, as by default, for a clock that runs by itself
     */
    protected Optional<Consumer<Duration>> mover(RelayClock clock) {
        return Optional.empty();
    }

    /**
     * Returns how to set only the wall clock, as an operator or NTP would.
     *
     * @param clock the clock from {@link #newClock}
     * @return moves the wall clock by a distance, back if it is negative; empty, as by default, if a test cannot
     */
    protected Optional<Consumer<Duration>> wallClockMover(RelayClock clock) {
        return Optional.empty();
    }

    /**
     * Creates the clock.
     *
     * @throws Exception when it cannot be created
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

    /** All threads see the same monotonic time: other threads watch a session's limits. */
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

    /** The wall clock always returns a moment. */
    @Test
    public final void required_now_isNeverNull() {
        for (int i = 0; i < 2; i++) {
            assertThat(clock.now()).as("now").isNotNull();
        }
    }

    /** A wait is at least one millisecond: to a socket, 0 means forever, and less causes an exception. */
    @Test
    public final void required_waitMillis_isOneAtLeast() {
        for (long nanos : List.of(Long.MIN_VALUE, -1L, 0L, 1L, 999_999L, 1_000_000L, Long.MAX_VALUE)) {
            assertThat(clock.waitMillis(nanos)).as("waitMillis(%d)", nanos).isPositive();
        }
    }

    /** A wait is at most the remaining time, rounded up to a millisecond: nothing ends late. */
    @Test
    public final void required_waitMillis_isNotMoreThanWhatRemains() {
        for (long nanos : List.of(-1L, 0L, 1L, 1_000_000L, 1_000_001L, 20_000_000L, SOON.toNanos())) {
            long most = Math.max(1, nanos / 1_000_000 + (nanos % 1_000_000 > 0 ? 1 : 0));
            assertThat(clock.waitMillis(nanos)).as("waitMillis(%d)", nanos).isLessThanOrEqualTo((int) most);
        }
    }

    /** A longer remaining time never gives a shorter wait: a distant limit is not polled in a busy loop. */
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

    /** Moving a clock moves both of its times by the same amount. */
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

    /** Threads that wait for a moved clock look at it again soon. */
    @Test
    public final void optional_move_isSeenSoon() {
        Tck.orSkip(mover(clock), "mover(clock)");
        assertThat(clock.waitMillis(Duration.ofDays(1).toNanos()))
                .as("real milliseconds until a thread that waits for a day looks at the clock")
                .isLessThanOrEqualTo((int) SOON.toMillis());
    }

    /** The wall clock may be set forward and back; monotonic time is not affected. */
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

    /** The monotonic time of a clock that runs by itself passes at the right pace. */
    @Test
    public final void untested_nanoTime_passesAtTheRightPace() {
        Tck.skip("it would measure time");
    }
}
