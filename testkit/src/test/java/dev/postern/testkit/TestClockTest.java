package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.RelayClock;
import dev.postern.testkit.tck.RelayClockContract;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestClockTest {

    private final TestClock clock = new TestClock();

    @Test
    void standsStillUntilMoved() {
        long nanos = clock.nanoTime();

        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-15T12:00:00Z"));
        assertThat(clock.now()).isEqualTo(clock.now());
        assertThat(clock.nanoTime() - nanos).isZero();
    }

    @Test
    void beginsWhereItIsTold() {
        assertThat(new TestClock(Instant.EPOCH).now()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void advanceMovesWallClockAndMonotonicTime() {
        long before = clock.nanoTime();

        clock.advance(Duration.ofSeconds(90));

        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-15T12:01:30Z"));
        assertThat(clock.nanoTime() - before).isEqualTo(90_000_000_000L);
    }

    @Test
    void monotonicTimeOverflowsAfterOneMinuteSoThatComparisonsWithoutSubtractionFail() {
        long before = clock.nanoTime();

        clock.advance(Duration.ofMinutes(2));

        assertThat(clock.nanoTime()).isLessThan(before);
        assertThat(clock.nanoTime() - before).isEqualTo(Duration.ofMinutes(2).toNanos());
    }

    @Test
    void advancesUntilAnAnswerComesThatNeedsTime() {
        Instant due = clock.now().plus(Duration.ofMinutes(3));

        Instant answer = clock.advanceUntil(Duration.ofMinutes(1), () -> {
            while (clock.now().isBefore(due)) {
                Thread.onSpinWait();
            }
            return clock.now();
        });

        assertThat(answer).isAfterOrEqualTo(due); // after: the clock goes on while a busy machine wakes the answer
        assertThat(Duration.between(due, answer).toSeconds() % 60).isZero();
    }

    @Test
    void doesNotAdvanceForAnAnswerThatIsThere() {
        int tries = 0;
        Instant before;
        do { // a busy machine may need more than a step to start the thread that answers
            before = clock.now();
            assertThat(clock.<Object>advanceUntil(Duration.ofDays(1), () -> null))
                    .isNull();
        } while (clock.now().isAfter(before) && ++tries < 20);

        assertThat(clock.now()).isEqualTo(before);
    }

    @Test
    void throwsWhatTheAnswerThrows() {
        Error error = new AssertionError("no reply");
        RuntimeException exception = new IllegalStateException("closed");

        assertThatThrownBy(() -> clock.advanceUntil(Duration.ofMinutes(1), () -> {
                    throw error;
                }))
                .isSameAs(error);
        assertThatThrownBy(() -> clock.advanceUntil(Duration.ofMinutes(1), () -> {
                    throw exception;
                }))
                .isSameAs(exception);
    }

    @Test
    void doesNotAdvanceByNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clock.advanceUntil(Duration.ZERO, () -> 1))
                .withMessage("step must be positive: PT0S");
    }

    @Test
    void whoInterruptsItEndsTheAnswerToo() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answerEnded = new CountDownLatch(1);
        CompletableFuture<String> ended = new CompletableFuture<>();
        Thread test = new Thread(() -> {
            try {
                clock.advanceUntil(Duration.ofSeconds(1), () -> endless(asked, answerEnded));
            } catch (AssertionError e) {
                ended.complete(e.getMessage() + ", interrupted "
                        + Thread.currentThread().isInterrupted());
            }
        });
        test.start();
        asked.await();

        test.interrupt();

        assertThat(ended)
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo("interrupted while the clock was moved, interrupted true");
        assertThat(answerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static String endless(CountDownLatch asked, CountDownLatch ended) {
        asked.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            ended.countDown();
        }
        return "";
    }

    @Test
    void wallClockMovesAloneInBothDirections() {
        long before = clock.nanoTime();

        clock.jumpWallClock(Duration.ofDays(-1));
        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-14T12:00:00Z"));
        clock.setWallClock(Instant.EPOCH);

        assertThat(clock).hasToString("TestClock[1970-01-01T00:00:00Z]");
        assertThat(clock.nanoTime()).isEqualTo(before);
    }

    @Test
    void refusesToGoBack() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clock.advance(Duration.ofNanos(-1)))
                .withMessage("time must not be negative: PT-0.000000001S");
        assertThat(clock.now()).isEqualTo(TestClock.DEFAULT_START);
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "0, 1", "1, 1", "1000000, 1", "3000000, 3", "5000000, 5", "9223372036854775807, 5"})
    void waitsOneToFiveMilliseconds(long remaining, int millis) {
        assertThat(clock.waitMillis(remaining)).isEqualTo(millis);
    }

    @Nested
    class AsRelayClock extends RelayClockContract {
        @Override
        protected RelayClock newClock() {
            return clock;
        }

        @Override
        protected Optional<Consumer<Duration>> mover(RelayClock same) {
            return Optional.of(clock::advance);
        }

        @Override
        protected Optional<Consumer<Duration>> wallClockMover(RelayClock same) {
            return Optional.of(clock::jumpWallClock);
        }
    }
}
