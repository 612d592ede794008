package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayClock;
import dev.postern.testkit.TestClock;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class RelayClockContractTest {

    private static final Supplier<MovedClock> RIGHT = MovedClock::new;

    private static volatile Supplier<MovedClock> maker = RIGHT;

    /** A clock that is moved, to be made wrong. */
    private static class MovedClock implements RelayClock {
        final TestClock clock = new TestClock();

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
            return clock.waitMillis(nanos);
        }

        void move(Duration time) {
            clock.advance(time);
        }

        void moveWallClock(Duration distance) {
            clock.jumpWallClock(distance);
        }
    }

    static Set<Map.Entry<String, Supplier<MovedClock>>> bugs() {
        return Map.<String, Supplier<MovedClock>>of(
                        "required_nanoTime_neverGoesBack",
                        () -> new MovedClock() {
                            private final AtomicLong readings = new AtomicLong();

                            @Override
                            public long nanoTime() {
                                return -(readings.incrementAndGet() % 10); // as of a machine with an unsteady counter
                            }
                        },
                        "required_nanoTime_isOneForAllThreads",
                        () -> new MovedClock() {
                            private final AtomicInteger threads = new AtomicInteger();
                            private final ThreadLocal<Integer> origin =
                                    ThreadLocal.withInitial(threads::getAndIncrement);

                            @Override
                            public long nanoTime() {
                                return super.nanoTime()
                                        - Duration.ofSeconds(origin.get()).toNanos();
                            }
                        },
                        "required_now_isNeverNull",
                        () -> new MovedClock() {
                            @Override
                            public Instant now() {
                                return Tck.missing();
                            }
                        },
                        "required_waitMillis_isOneAtLeast",
                        () -> new MovedClock() {
                            @Override
                            public int waitMillis(long nanos) {
                                return nanos <= 0 ? 0 : super.waitMillis(nanos);
                            }
                        },
                        "required_waitMillis_isNotMoreThanWhatRemains",
                        () -> new MovedClock() {
                            @Override
                            public int waitMillis(long nanos) {
                                return 10; // a polling clock that does not look at what is asked
                            }
                        },
                        "required_waitMillis_growsWithWhatRemains",
                        () -> new MovedClock() {
                            @Override
                            public int waitMillis(long nanos) {
                                return super.waitMillis((nanos + 999_999) / 1_000_000 * 1_000_000); // overflows
                            }
                        },
                        "optional_move_movesBothTimes",
                        () -> new MovedClock() {
                            @Override
                            void move(Duration time) {
                                super.move(time);
                                super.moveWallClock(Duration.ofNanos(1)); // two sources that drift apart
                            }
                        },
                        "optional_move_isSeenSoon",
                        () -> new MovedClock() {
                            @Override
                            public int waitMillis(long nanos) {
                                return RelayClock.system().waitMillis(nanos);
                            }
                        },
                        "optional_wallClock_mayBeSetWithoutMovingNanoTime",
                        () -> new MovedClock() {
                            private final Instant start = now();

                            @Override
                            public long nanoTime() {
                                return Duration.between(start, now()).toNanos(); // goes by the wall clock
                            }
                        })
                .entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, Supplier<MovedClock>> bug) {
        maker = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void aRightClockPassesAll() {
        maker = RIGHT;
        ContractRun.of(Subject.class)
                .assertPassedAndProved(
                        bugs().stream().map(Map.Entry::getKey).toList(), "untested_nanoTime_passesAtTheRightPace");
    }

    @Test
    void theMachinesClockPassesAllThatCanBeTried() {
        ContractRun run = ContractRun.of(OfTheMachine.class);
        assertThat(run.failed()).isEmpty();
        assertThat(run.passed()).allMatch(name -> name.startsWith("required_")).hasSize(6);
    }

    static class Subject extends RelayClockContract {
        @Override
        protected RelayClock newClock() {
            return maker.get();
        }

        @Override
        protected Optional<Consumer<Duration>> mover(RelayClock clock) {
            return Optional.of(((MovedClock) clock)::move);
        }

        @Override
        protected Optional<Consumer<Duration>> wallClockMover(RelayClock clock) {
            return Optional.of(((MovedClock) clock)::moveWallClock);
        }
    }

    static class OfTheMachine extends RelayClockContract {
        @Override
        protected RelayClock newClock() {
            return RelayClock.system();
        }
    }
}
