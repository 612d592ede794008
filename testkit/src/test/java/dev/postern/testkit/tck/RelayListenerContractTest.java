package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.MessageContent;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.RelayEvents;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class RelayListenerContractTest {

    private static final RelayListener UNAVAILABLE = RelayListener.of(event -> {
        throw new IllegalStateException("the database is away");
    });
    private static final RelayListener QUIET = RelayListener.none();

    private static volatile Supplier<Counting> maker = Counting::new;
    private static volatile RelayListener cutOff = QUIET;

    /** Counts events and the octets of messages. */
    private static class Counting implements RelayListener {
        private long taken;
        private long octets;

        @Override
        public void on(RelayEvent event) {
            if (event instanceof RelayEvent.Relayed relayed) {
                message(relayed.submission().content());
            } else if (event instanceof RelayEvent.NotRelayed notRelayed) {
                message(notRelayed.submission().content());
            }
            count();
        }

        void message(MessageContent content) {
            try (InputStream in = content.open()) {
                add(in.readAllBytes().length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        synchronized void count() {
            taken++;
        }

        private synchronized void add(int count) {
            octets += count;
        }

        synchronized long taken() {
            return taken;
        }

        void settle() {}

        /** Returns the octets, for failure texts. */
        @Override
        public synchronized String toString() {
            return octets + " octets";
        }
    }

    static Set<Map.Entry<String, Supplier<Counting>>> bugs() {
        return Map.<String, Supplier<Counting>>of(
                        "required_everyEvent_isTaken",
                        () -> new Counting() {
                            @Override
                            public void on(RelayEvent event) {
                                // only sessions are thought of
                                super.on((RelayEvent.OfSession) event);
                            }
                        },
                        "required_sameEvent_isTakenAgain",
                        () -> new Counting() {
                            private final Set<RelayEvent> known = new HashSet<>();

                            @Override
                            public synchronized void on(RelayEvent event) {
                                if (!known.add(event)) {
                                    throw new IllegalStateException("duplicate key");
                                }
                            }
                        },
                        "required_order_doesNotMatter",
                        () -> new Counting() {
                            private final List<RelayEvent> open = new ArrayList<>();

                            @Override
                            public synchronized void on(RelayEvent event) {
                                if (event instanceof RelayEvent.SessionOpened) {
                                    open.add(event);
                                } else if (event instanceof RelayEvent.SessionClosed) {
                                    open.remove(open.size() - 1);
                                }
                            }
                        },
                        "required_concurrency_throwsNothing",
                        () -> new Counting() {
                            private final Gap gap = new Gap();
                            private final List<Thread> inside = new ArrayList<>();

                            @Override
                            public void on(RelayEvent event) {
                                if (event instanceof RelayEvent.SessionOpened) {
                                    enter();
                                    gap.awaitOthers();
                                    leave();
                                }
                            }

                            private synchronized void enter() {
                                inside.add(Thread.currentThread());
                            }

                            private synchronized void leave() {
                                if (inside.get(inside.size() - 1) != Thread.currentThread()) {
                                    throw new IllegalStateException("changed meanwhile");
                                }
                            }
                        },
                        "optional_concurrency_losesNothing",
                        () -> new Counting() {
                            private final Gap gap = new Gap();
                            private volatile long sum;

                            @Override
                            public void on(RelayEvent event) {
                                long before = sum;
                                if (event instanceof RelayEvent.SessionOpened) {
                                    gap.awaitOthers();
                                }
                                synchronized (this) {
                                    sum = Math.max(sum, before + 1);
                                }
                            }

                            @Override
                            synchronized long taken() {
                                return sum;
                            }
                        },
                        "required_content_isClosed",
                        () -> new Counting() {
                            @Override
                            void message(MessageContent content) {
                                try {
                                    content.open().readAllBytes();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        },
                        "required_content_isNotReadLater",
                        () -> new Counting() {
                            private final List<MessageContent> later = new ArrayList<>();

                            @Override
                            synchronized void message(MessageContent content) {
                                later.add(content);
                            }

                            @Override
                            synchronized void settle() {
                                later.forEach(content -> {
                                    try {
                                        super.message(content);
                                    } catch (UncheckedIOException e) {
                                        count(); // goes on with the next one
                                    }
                                });
                            }
                        },
                        "required_interruption_isKept",
                        () -> new Counting() {
                            @Override
                            synchronized void count() {
                                if (!Thread.interrupted()) { // swallowed
                                    super.count();
                                }
                            }
                        })
                .entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, Supplier<Counting>> bug) {
        maker = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void whoThrowsWhenItsStoreIsAwayIsCaught() {
        cutOff = UNAVAILABLE;
        try {
            assertThat(ContractRun.of(Subject.class, "optional_cutOff_throwsNothing")
                            .failed())
                    .hasSize(1);
        } finally {
            cutOff = QUIET;
        }
    }

    @Test
    void aRightListenerPassesAll() {
        maker = Counting::new;
        List<String> faults =
                new ArrayList<>(bugs().stream().map(Map.Entry::getKey).toList());
        faults.add("optional_cutOff_throwsNothing");
        ContractRun.of(Subject.class).assertPassedAndProved(faults, "untested_everyCall_isQuick");
    }

    @Test
    void theTestkitsOwnListenerPassesAll() {
        ContractRun run = ContractRun.of(OfTheTestkit.class);
        assertThat(run.failed()).isEmpty();
        assertThat(run.skipped())
                .containsExactlyInAnyOrder("untested_everyCall_isQuick", "optional_cutOff_throwsNothing");
    }

    /** What the events are of which the contract thinks is told by the interface itself. */
    @Test
    void tellsEveryKindOfEvent() {
        Set<Class<?>> told = ConcurrentHashMap.newKeySet();
        maker = () -> new Counting() {
            @Override
            public void on(RelayEvent event) {
                Stream.of(event.getClass().getInterfaces()).forEach(told::add);
                super.on(event);
            }
        };
        assertThat(ContractRun.of(Subject.class, "required_everyEvent_isTaken").failed())
                .isEmpty();
        assertThat(told)
                .containsAll(Stream.of(RelayEvent.class.getDeclaredClasses())
                        .filter(Class::isSealed)
                        .toList());
    }

    static class Subject extends RelayListenerContract {
        @Override
        protected RelayListener newListener() {
            return maker.get();
        }

        @Override
        protected void settle(RelayListener listener) {
            ((Counting) listener).settle();
        }

        @Override
        protected OptionalLong taken(RelayListener listener) {
            return OptionalLong.of(((Counting) listener).taken());
        }

        @Override
        protected Optional<RelayListener> newCutOffListener() {
            return Optional.of(cutOff);
        }
    }

    static class OfTheTestkit extends RelayListenerContract {
        @Override
        protected RelayListener newListener() {
            return new RelayEvents();
        }

        @Override
        protected OptionalLong taken(RelayListener listener) {
            return OptionalLong.of(((RelayEvents) listener).all().size());
        }
    }
}
