package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.LoginThrottle.Attempt;
import dev.postern.spi.LoginThrottle.Decision;
import dev.postern.spi.LoginThrottle.Rule;
import dev.postern.spi.RelayClock;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.PlainLoginThrottle.Counts;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class LoginThrottleContractTest {

    /** Makes a node of a throttle. */
    private interface Maker {
        PlainLoginThrottle make(Counts counts, RelayClock clock);
    }

    private static final Maker RIGHT = PlainLoginThrottle::new;

    private static volatile Maker maker = RIGHT;

    private static Rule failures(Rule rule, int failures) {
        return new Rule(failures, rule.window(), rule.block());
    }

    private static Map.Entry<String, Maker> entry(String test, Maker maker) {
        return Map.entry(test, maker);
    }

    private static Attempt ended(Runnable failed, Runnable withdrawn) {
        return new Attempt() {
            @Override
            public void failed() {
                failed.run();
            }

            @Override
            public void withdraw() {
                withdrawn.run();
            }
        };
    }

    private static Map<String, Maker> bugsOfCounting() {
        return Map.ofEntries(
                entry(
                        "required_failed_blocksWithTheOneThatFillsTheRule",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            public Decision attempt(String address, Rule rule) {
                                return super.attempt(address, failures(rule, rule.failures() + 1));
                            }
                        }),
                entry(
                        "required_failed_blocksAtOnceByARuleOfOne",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            public Decision attempt(String address, Rule rule) {
                                return super.attempt(address, failures(rule, Math.max(2, rule.failures())));
                            }
                        }),
                entry("required_blocked_changesNothing", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public boolean blocked(String address, Rule rule) {
                        boolean blocked = super.blocked(address, rule);
                        counts.tries.remove(address);
                        return blocked;
                    }
                }),
                entry("required_failed_tellsAddressesApart", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    String key(String address) {
                        return address.strip().toLowerCase(Locale.ROOT);
                    }
                }),
                entry(
                        "required_rule_ofTheLargestNumberNeverBlocks",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            public Decision attempt(String address, Rule rule) {
                                return super.attempt(address, failures(rule, Math.min(50, rule.failures())));
                            }
                        }),
                entry(
                        "required_concurrency_countsEachFailureOnce",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public Decision attempt(String address, Rule rule) {
                                List<Try> before;
                                synchronized (counts) {
                                    before = new ArrayList<>(counts.tries.getOrDefault(address, List.of()));
                                }
                                gap.awaitOthers();
                                synchronized (counts) {
                                    counts.tries.put(address, before);
                                }
                                return super.attempt(address, rule);
                            }
                        }),
                entry("required_null_isAnException", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public boolean blocked(String address, Rule rule) {
                        return address != null && super.blocked(address, rule);
                    }
                }));
    }

    private static Map<String, Maker> bugsOfAttempts() {
        return Map.ofEntries(
                entry(
                        "required_attempt_undecidedOnesFillTheRule",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            boolean hasRoom(String address, Rule rule) { // counts when it is too late
                                boolean room = super.hasRoom(address, rule);
                                synchronized (counts) {
                                    return room
                                            || counts.tries.getOrDefault(address, List.of()).stream()
                                                            .filter(one -> one.ended)
                                                            .count()
                                                    < rule.failures();
                                }
                            }
                        }),
                entry("required_attempt_tellsAddressesApart", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    boolean hasRoom(String address, Rule rule) {
                        synchronized (counts) {
                            long undecided = counts.tries.values().stream()
                                    .flatMap(List::stream)
                                    .filter(one -> !one.ended)
                                    .count();
                            return undecided < rule.failures() && super.hasRoom(address, rule);
                        }
                    }
                }),
                entry("required_rule_isTheOneThatIsGiven", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    private final Map<String, Rule> first = new ConcurrentHashMap<>();

                    @Override
                    public Decision attempt(String address, Rule rule) {
                        return super.attempt(address, first.computeIfAbsent(address, any -> rule));
                    }
                }),
                entry(
                        "required_attempt_givenBackCountsNothing",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            Attempt attempt(Try one, String address, Rule rule) {
                                Attempt attempt = super.attempt(one, address, rule);
                                return ended(attempt::failed, attempt::failed);
                            }
                        }),
                entry("required_attempt_isEndedOnce", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    Attempt attempt(Try one, String address, Rule rule) {
                        return ended(super.attempt(one, address, rule)::failed, () -> {
                            synchronized (counts) {
                                counts.tries
                                        .getOrDefault(address, new ArrayList<>())
                                        .remove(one);
                            }
                        });
                    }
                }),
                entry(
                        "required_attempt_isNotGrantedDuringTheBlock",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            public Decision attempt(String address, Rule rule) {
                                return blocked(address, rule)
                                        ? new Decision.Granted(Attempt.uncounted())
                                        : super.attempt(address, rule);
                            }
                        }),
                entry(
                        "required_attempt_countsAsFailedWhenNobodyEndsIt",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            public Decision attempt(String address, Rule rule) {
                                return super.attempt(
                                        address,
                                        new Rule(rule.failures(), rule.window(), rule.block(), Duration.ofDays(365)));
                            }
                        }),
                entry(
                        "required_concurrency_neverMoreThanTheRuleAllows",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public Decision attempt(String address, Rule rule) {
                                boolean room = hasRoom(address, rule);
                                gap.awaitOthers();
                                return room ? begin(address, rule) : super.attempt(address, rule);
                            }
                        }));
    }

    private static Map<String, Maker> bugsOfTime() {
        return Map.ofEntries(
                entry("required_block_endsInTime", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public Decision attempt(String address, Rule rule) {
                        return super.attempt(
                                address,
                                new Rule(
                                        rule.failures(),
                                        rule.window(),
                                        rule.block().plusNanos(1)));
                    }
                }),
                entry("required_block_doesNotExtendItself", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public Decision attempt(String address, Rule rule) {
                        if (blocked(address, rule)) {
                            block(address, rule);
                        }
                        return super.attempt(address, rule);
                    }
                }),
                entry("required_block_countsAnewAfterIt", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    void block(String address, Rule rule) {
                        List<Try> before = counts.tries.get(address);
                        super.block(address, rule);
                        counts.tries.put(address, before);
                    }
                }),
                entry("required_window_slides", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public Decision attempt(String address, Rule rule) {
                        List<Try> before = counts.tries.getOrDefault(address, List.of());
                        if (!before.isEmpty()
                                && clock.nanoTime() - before.get(0).begun
                                        >= rule.window().toNanos()) {
                            counts.tries.remove(address); // a fixed window: all are forgotten with the first
                        }
                        return super.attempt(address, rule);
                    }
                }),
                entry("required_window_forgetsWhatIsOlder", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public Decision attempt(String address, Rule rule) {
                        return super.attempt(address, new Rule(rule.failures(), Duration.ofDays(365), rule.block()));
                    }
                }),
                entry("required_rule_ofTheLongestTimesHolds", (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                    @Override
                    public Decision attempt(String address, Rule rule) {
                        Duration cut = Duration.ofMillis((int) rule.block().toMillis() & 0xffff);
                        return super.attempt(address, new Rule(rule.failures(), rule.window(), cut.plusNanos(1)));
                    }
                }),
                entry(
                        "optional_clock_jumpsOfTheWallClockDoNotMatter",
                        (counts, clock) -> new PlainLoginThrottle(counts, new WallClock(clock))));
    }

    private static Map<String, Maker> bugsOfNodes() {
        return Map.of(
                "required_interrupt_breaksNoLaterCall",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            private volatile boolean broken; // as a connection whose reply was not waited for

                            @Override
                            void requireOpen() {
                                broken |= Thread.currentThread().isInterrupted();
                                if (broken) {
                                    throw new IllegalStateException("out of step");
                                }
                                super.requireOpen();
                            }
                        },
                "optional_nodes_countTogether", (counts, clock) -> RIGHT.make(new Counts(), clock),
                "optional_close_noAnswerAfterIt",
                        (counts, clock) -> new PlainLoginThrottle(counts, clock) {
                            @Override
                            void requireOpen() {}
                        });
    }

    static Stream<Map.Entry<String, Maker>> bugs() {
        return Stream.of(bugsOfCounting(), bugsOfAttempts(), bugsOfTime(), bugsOfNodes())
                .flatMap(bugs -> bugs.entrySet().stream())
                .sorted(Map.Entry.comparingByKey());
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, Maker> bug) {
        maker = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void aRightThrottlePassesAll() {
        maker = RIGHT;
        ContractRun.of(Subject.class)
                .assertPassedAndProved(bugs().map(Map.Entry::getKey).toList(), "untested_memory_isBounded");
    }

    /** The contract can wait for a clock that nobody can move. */
    @Test
    void aThrottleOnAClockThatRunsPassesToo() {
        ContractRun run = ContractRun.of(OnARunningClock.class);
        assertThat(run.failed()).isEmpty();
        assertThat(run.skipped())
                .containsExactlyInAnyOrder(
                        "untested_memory_isBounded",
                        "optional_nodes_countTogether",
                        "optional_clock_jumpsOfTheWallClockDoNotMatter");
    }

    static class Subject extends LoginThrottleContract {
        private final TestClock clock = new TestClock();

        @Override
        protected LoginThrottle newThrottle() {
            return maker.make(new Counts(), clock);
        }

        @Override
        protected ContractTime time() {
            return ContractTime.of(clock);
        }

        @Override
        protected Optional<LoginThrottle> anotherNode(LoginThrottle first) {
            return Optional.of(maker.make(((PlainLoginThrottle) first).counts, clock));
        }
    }

    static class OnARunningClock extends LoginThrottleContract {
        @Override
        protected LoginThrottle newThrottle() {
            return RIGHT.make(new Counts(), RelayClock.system());
        }

        @Override
        protected ContractTime time() {
            return ContractTime.ofServer(RelayClock.system()::now, Duration.ofMillis(200));
        }
    }

    /** Measures what lasts by the wall clock. */
    private record WallClock(RelayClock clock) implements RelayClock {
        @Override
        public Instant now() {
            return clock.now();
        }

        @Override
        public long nanoTime() {
            return clock.now().toEpochMilli() * 1_000_000;
        }

        @Override
        public int waitMillis(long nanos) {
            return clock.waitMillis(nanos);
        }
    }
}
