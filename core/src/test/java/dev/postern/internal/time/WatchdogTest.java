package dev.postern.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.spi.RelayClock;
import dev.postern.testkit.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("counts the threads of all watchdogs")
class WatchdogTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final TestClock clock = new TestClock();
    private final Watchdog watchdog = new Watchdog(clock);

    @AfterEach
    void stop() {
        watchdog.close();
    }

    @Test
    void closesWhatIsArmedForTooLong() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        Watchdog.Watch watch = watchdog.watch(closed::countDown);
        watch.arm(LIMIT);
        clock.advance(LIMIT);
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closesNothingThatIsDisarmedRemovedOrHasTime() throws InterruptedException {
        CountDownLatch wrong = new CountDownLatch(1);
        Watchdog.Watch disarmed = watchdog.watch(wrong::countDown);
        disarmed.arm(LIMIT);
        disarmed.disarm();
        Watchdog.Watch removed = watchdog.watch(wrong::countDown);
        removed.arm(LIMIT);
        removed.close();
        Watchdog.Watch neverArmed = watchdog.watch(wrong::countDown);
        Watchdog.Watch inTime = watchdog.watch(wrong::countDown);
        inTime.arm(LIMIT.plusMillis(1));
        clock.advance(LIMIT);
        rounds(3);
        assertThat(wrong.getCount()).as("nothing was closed").isEqualTo(1);
        neverArmed.close();
        clock.advance(Duration.ofMillis(1));
        assertThat(wrong.await(10, TimeUnit.SECONDS))
                .as("the one that had time, a millisecond later")
                .isTrue();
    }

    /** Without its thread nothing that blocks would ever end. */
    @Test
    void anErrorOfOneLeavesTheOthersWatched() throws InterruptedException {
        CountDownLatch thrown = new CountDownLatch(1);
        watchdog.watch(() -> {
                    thrown.countDown();
                    throw new OutOfMemoryError("of this one");
                })
                .arm(LIMIT);
        clock.advance(LIMIT);
        assertThat(thrown.await(10, TimeUnit.SECONDS)).isTrue();
        CountDownLatch closed = new CountDownLatch(1);
        watchdog.watch(closed::countDown).arm(LIMIT);
        clock.advance(LIMIT);
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** As of a heap that is full: the log needs some of it too. */
    private static final class Unspeakable extends OutOfMemoryError {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw this;
        }
    }

    @Test
    void anErrorThatTheLogFailsOverLeavesAllWatched() throws InterruptedException {
        AtomicBoolean full = new AtomicBoolean();
        RelayClock failing = new RelayClock() {
            @Override
            public Instant now() {
                return clock.now();
            }

            @Override
            public long nanoTime() {
                return clock.nanoTime();
            }

            @Override
            public int waitMillis(long nanos) {
                if (full.getAndSet(false)) {
                    throw new Unspeakable();
                }
                return clock.waitMillis(nanos);
            }
        };
        try (Watchdog other = new Watchdog(failing)) {
            full.set(true);
            Await.until("it has failed", () -> !full.get());
            CountDownLatch closed = new CountDownLatch(1);
            other.watch(closed::countDown).arm(LIMIT);
            clock.advance(LIMIT);
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The clock's nanoseconds overflow a minute after its start; no moment may mean "not armed". */
    @Test
    void noMomentOfTheClockIsLeftOut() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        long untilOverflow = Long.MIN_VALUE - clock.nanoTime();
        watchdog.watch(closed::countDown).arm(Duration.ofNanos(untilOverflow));
        clock.advance(LIMIT.plusSeconds(1));
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void armingAgainBeginsAnew() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        Watchdog.Watch watch = watchdog.watch(closed::countDown);
        watch.arm(LIMIT);
        clock.advance(LIMIT.minusSeconds(1));
        watch.arm(LIMIT);
        clock.advance(LIMIT.minusSeconds(1));
        rounds(3);
        assertThat(closed.getCount()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void goesOnWhenSomethingCannotBeClosed() throws InterruptedException {
        Watchdog.Watch broken = watchdog.watch(() -> {
            throw new IOException("broken");
        });
        Watchdog.Watch worse = watchdog.watch(() -> {
            throw new IllegalStateException("worse");
        });
        broken.arm(LIMIT);
        worse.arm(LIMIT);
        clock.advance(LIMIT);
        rounds(3);
    }

    @Test
    void stopsItsThread() {
        Watchdog other = new Watchdog(clock);
        long before = threads();
        other.close();
        other.close();
        assertThat(threads()).isEqualTo(before - 1);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals("postern-watchdog"))
                .count();
    }

    /** Waits until the watchdog has looked at all watches so many times: each closing takes two rounds. */
    private void rounds(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            CountDownLatch looked = new CountDownLatch(1);
            try (Watchdog.Watch witness = watchdog.watch(looked::countDown)) {
                witness.arm(Duration.ZERO);
                assertThat(looked.await(10, TimeUnit.SECONDS))
                        .as("the watchdog lives")
                        .isTrue();
            }
        }
    }
}
