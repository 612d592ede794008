package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayClock;
import dev.postern.spi.SessionRegistry;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.PlainSessionRegistry.Places;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class SessionRegistryContractTest {

    /** Makes a node of a registry. */
    private interface Maker {
        PlainSessionRegistry make(Places places, RelayClock clock);
    }

    private static final Duration LIFE = Duration.ofMinutes(1);
    private static final Maker RIGHT = (places, clock) -> new PlainSessionRegistry(places, clock, LIFE);

    private static volatile Maker maker = RIGHT;

    /** A registry with something wrong. */
    private static class Broken extends PlainSessionRegistry {
        Broken(Places places, RelayClock clock) {
            super(places, clock, LIFE);
        }
    }

    private static Map<String, Maker> bugsOfInterrupted() {
        return Map.of(
                "required_interrupt_losesNoPlace and the place is lost",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return super.acquire(claim).map(permit -> () -> {
                                    if (!Thread.currentThread().isInterrupted()) {
                                        permit.close();
                                    }
                                });
                            }
                        },
                "required_interrupt_losesNoPlace and the permit throws",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return super.acquire(claim).map(permit -> () -> {
                                    permit.close();
                                    if (Thread.currentThread().isInterrupted()) {
                                        throw new IllegalStateException("interrupted");
                                    }
                                });
                            }
                        });
    }

    private static Map<String, Maker> bugsOfAcquire() {
        return Map.of(
                "required_acquire_grantsTheLimitAndNotOneMore",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return inUse(claim) <= claim.max() ? Optional.of(take(claim)) : Optional.empty();
                            }
                        },
                "required_acquire_refusedClaimTakesNothing",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                int before = inUse(claim);
                                Permit permit = take(claim);
                                return before < claim.max() ? Optional.of(permit) : Optional.empty();
                            }
                        },
                "required_acquire_tellsScopesApart",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            String key(Claim claim) {
                                return claim.key();
                            }
                        },
                "required_acquire_tellsKeysApart",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            String key(Claim claim) {
                                return super.key(claim).strip().toLowerCase(Locale.ROOT);
                            }
                        },
                "required_acquire_countsAKeyOnceWhateverTheLimit",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            String key(Claim claim) {
                                return super.key(claim) + claim.max();
                            }
                        },
                "required_acquire_isNotFooledByAnOverflow",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return inUse(claim) + 1 < claim.max() + 1 ? Optional.of(take(claim)) : Optional.empty();
                            }
                        },
                "required_null_isAnException",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return claim == null ? Optional.empty() : super.acquire(claim);
                            }
                        });
    }

    private static Map<String, Maker> bugsOfClose() {
        return Map.of(
                "required_close_givesThePlaceBackOnce",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return super.acquire(claim).map(permit -> () -> giveAnyBack(claim));
                            }
                        },
                "required_close_byAnyThread",
                        (places, clock) -> new Broken(places, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                AtomicBoolean open = new AtomicBoolean(true);
                                return super.acquire(claim).map(permit -> () -> {
                                    if (open.get()) {
                                        gap.awaitOthers();
                                        open.set(false);
                                        giveAnyBack(claim);
                                    }
                                });
                            }
                        },
                "required_concurrency_grantsTheLimitExactly",
                        (places, clock) -> new Broken(places, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                int before = inUse(claim);
                                gap.awaitOthers();
                                return before < claim.max() ? Optional.of(take(claim)) : Optional.empty();
                            }
                        },
                "required_concurrency_losesNoPlace",
                        (places, clock) -> new Broken(places, clock) {
                            private final Gap gap = new Gap(2);
                            private final AtomicInteger closing = new AtomicInteger();

                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return super.acquire(claim).map(permit -> () -> {
                                    if (closing.incrementAndGet() <= 2) {
                                        gap.awaitOthers();
                                    }
                                    if (inUse(claim) == 1) {
                                        permit.close(); // who closes while others hold places leaves his own behind
                                    }
                                });
                            }
                        },
                "optional_close_aPermitOfAClosedRegistryDoesNotThrow",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return super.acquire(claim).map(permit -> () -> {
                                    requireOpen();
                                    permit.close();
                                });
                            }
                        });
    }

    private static Map<String, Maker> bugsOfNodes() {
        return Map.of(
                "required_acquire_aSessionHoldsAPlaceOfEachScope",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                return super.acquire(claim).map(permit -> () -> {
                                    for (Scope scope : Scope.values()) { // gives back whatever the session holds
                                        giveBack(new Claim(scope, claim.key(), claim.max(), claim.sessionId()));
                                    }
                                });
                            }
                        },
                "optional_nodes_shareThePlaces", (places, clock) -> RIGHT.make(new Places(), clock),
                "optional_crash_thePlacesOfADeadNodeComeBack",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            void crash() {} // as if its leases had no end
                        },
                "optional_crash_aLivingSessionKeepsItsPlace",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public Optional<Permit> acquire(Claim claim) {
                                Optional<Permit> permit = super.acquire(claim);
                                super.crash(); // as if it never renewed its leases
                                return permit;
                            }
                        });
    }

    private static Map<String, Maker> bugsOfRevoke() {
        return Map.of(
                "required_revoke_whatIsTakenIsTold (lower case)",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public boolean revoke(Scope scope, String key) {
                                return super.revoke(scope, key.toLowerCase(Locale.ROOT));
                            }
                        },
                "required_revoke_whatIsTakenIsTold (no scope)",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public boolean revoke(Scope scope, String key) {
                                return super.revoke(scope == Scope.ADDRESS ? scope : Scope.USER, key);
                            }
                        },
                "required_revoke_whatIsTakenIsTold (forgotten)",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public List<Revocation> revoked(Duration within) {
                                return List.of();
                            }
                        },
                "optional_revoke_allNodesAreTold",
                        (places, clock) -> new Broken(places, clock) {
                            private boolean own;

                            @Override
                            public boolean revoke(Scope scope, String key) {
                                own = true;
                                return super.revoke(scope, key);
                            }

                            @Override
                            public List<Revocation> revoked(Duration within) {
                                return own ? super.revoked(within) : List.of();
                            }
                        },
                "optional_revoke_hasAnAge (whatever its age)",
                        (places, clock) -> new Broken(places, clock) {
                            @Override
                            public List<Revocation> revoked(Duration within) {
                                return super.revoked(Duration.ofDays(1));
                            }
                        },
                "optional_revoke_hasAnAge (of the first time)",
                        (places, clock) -> new Broken(places, clock) {
                            private boolean known;

                            @Override
                            public boolean revoke(Scope scope, String key) {
                                boolean first = !known;
                                known = true;
                                return !first || super.revoke(scope, key);
                            }
                        });
    }

    static Stream<Map.Entry<String, Maker>> bugs() {
        return Stream.of(bugsOfAcquire(), bugsOfInterrupted(), bugsOfClose(), bugsOfNodes(), bugsOfRevoke())
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
    void aRightRegistryPassesAll() {
        maker = RIGHT;
        ContractRun.of(Subject.class)
                .assertPassedAndProved(
                        bugs().map(Map.Entry::getKey).toList(), "untested_everyCall_endsWithinThePluginTimeout");
    }

    /** It leaves that to another thread, as one may whose connection an interrupt would cut. */
    @Test
    void oneThatGivesPlacesOfAnInterruptedThreadBackAMomentLaterIsRight() {
        maker = (places, clock) -> new PlainSessionRegistry(places, clock, LIFE) {
            @Override
            public Optional<Permit> acquire(Claim claim) {
                return super.acquire(claim).map(permit -> () -> {
                    if (Thread.currentThread().isInterrupted()) {
                        CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS)
                                .execute(permit::close);
                    } else {
                        permit.close();
                    }
                });
            }
        };
        assertThat(ContractRun.of(Subject.class, "required_interrupt_losesNoPlace"))
                .extracting(ContractRun::passed, ContractRun::failures)
                .containsExactly(List.of("required_interrupt_losesNoPlace"), List.of());
    }

    static class Subject extends SessionRegistryContract {
        private final TestClock clock = new TestClock();

        @Override
        protected SessionRegistry newRegistry() {
            return maker.make(new Places(), clock);
        }

        @Override
        protected Optional<SessionRegistry> anotherNode(SessionRegistry first) {
            return Optional.of(maker.make(((PlainSessionRegistry) first).places, clock));
        }

        @Override
        protected Optional<Expiring<SessionRegistry>> newExpiringRegistry() {
            return Optional.of(new Expiring<>(newRegistry(), LIFE));
        }

        @Override
        protected boolean crash(SessionRegistry node) {
            ((PlainSessionRegistry) node).crash();
            return true;
        }

        @Override
        protected Optional<ContractTime> time() {
            return Optional.of(ContractTime.of(clock));
        }
    }
}
