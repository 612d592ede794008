package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reservation;
import dev.postern.testkit.TestClock;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class QuotaStoreContractTest {

    /** Makes a node of a store. */
    private interface Maker {
        PlainQuotaStore make(PlainQuotaStore.Counts counts, RelayClock clock);
    }

    private static final Duration LIFE = Duration.ofHours(1);
    private static final Maker RIGHT = (counts, clock) -> new PlainQuotaStore(counts, clock, LIFE);

    private static volatile Maker maker = RIGHT;

    /** A store with something wrong. */
    private static class Broken extends PlainQuotaStore {
        final Map<String, Reservation> granted = new ConcurrentHashMap<>();
        final Set<String> settled = ConcurrentHashMap.newKeySet();

        Broken(Counts counts, RelayClock clock) {
            super(counts, clock, LIFE);
        }

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            QuotaDecision decision = super.reserve(request);
            if (decision instanceof QuotaDecision.Granted grant) {
                granted.put(request.reservationId(), grant.reservation());
            }
            return decision;
        }
    }

    private static QuotaRequest with(QuotaRequest request, String id, String account, QuotaPlan plan) {
        return QuotaRequest.of(id, account, plan, request.units());
    }

    private static Map<String, Maker> bugsOfReserve() {
        return Map.of(
                "required_usage_isNothingForAnAccountThatHasNotSent",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage usage(String account, QuotaPlan plan) {
                                QuotaUsage usage = super.usage(account, plan);
                                return new QuotaUsage(usage.used(), usage.reserved(), usage.limit(), Instant.MAX);
                            }
                        },
                "required_reserve_grantsTheLimitAndNotOneUnitMore",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                QuotaUsage usage = usage(request.account(), request.plan());
                                boolean oneTooMany = request.units() == usage.remaining() + 1;
                                return oneTooMany ? hold(request) : super.reserve(request);
                            }
                        },
                "required_reserve_refusesWithTheUsage",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                QuotaDecision decision = super.reserve(request);
                                return decision instanceof QuotaDecision.Exceeded exceeded
                                        ? new QuotaDecision.Exceeded(new QuotaUsage(
                                                0,
                                                0,
                                                request.plan().limit(),
                                                exceeded.usage().periodEnd()))
                                        : decision;
                            }
                        },
                "required_reserve_isNotFooledByAnOverflow",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                QuotaUsage usage = usage(request.account(), request.plan());
                                boolean fits = usage.used() + usage.reserved() + request.units()
                                        <= request.plan().limit();
                                return fits ? hold(request) : super.reserve(request);
                            }
                        },
                "required_reserve_addsToTheReservationOfTheSameId",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                Reservation before = granted.get(request.reservationId());
                                if (before != null) {
                                    release(before);
                                }
                                return super.reserve(request);
                            }
                        },
                "required_reserve_refusedUnitsLeaveTheReservationAsItWas",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                QuotaDecision decision = super.reserve(request);
                                Reservation before = granted.get(request.reservationId());
                                if (decision instanceof QuotaDecision.Exceeded && before != null) {
                                    release(before);
                                }
                                return decision;
                            }
                        },
                "required_reserve_tellsAccountsApart",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                String folded = request.account().toLowerCase(Locale.ROOT);
                                return super.reserve(with(request, request.reservationId(), folded, request.plan()));
                            }
                        },
                "required_reserve_tellsReservationsApart",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                String folded = request.reservationId().toLowerCase(Locale.ROOT);
                                return super.reserve(with(request, folded, request.account(), request.plan()));
                            }
                        },
                "required_reserve_countsAnAccountOnceWhateverTheLimit",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                String account =
                                        request.account() + request.plan().limit();
                                return super.reserve(with(request, request.reservationId(), account, request.plan()));
                            }
                        },
                "required_null_isAnException",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                return request == null
                                        ? new QuotaDecision.Exceeded(new QuotaUsage(0, 0, 1, Instant.MAX))
                                        : super.reserve(request);
                            }
                        });
    }

    private static Map<String, Maker> bugsOfSettling() {
        return Map.of(
                "required_reserve_unlimitedPlanGrantsEverything",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                if (reservation.plan().isUnlimited()) {
                                    release(reservation);
                                } else {
                                    super.commit(reservation);
                                }
                            }
                        },
                "required_commit_turnsReservedUnitsIntoUsedOnes",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                super.commit(reservation);
                                hold(QuotaRequest.of(reservation.id(), reservation.account(), reservation.plan(), 1));
                            }
                        },
                "required_commit_givesBackWhatItDoesNotUse",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                super.commit(reservation.withUnits(Long.MAX_VALUE));
                            }
                        },
                "required_commit_usesNoMoreThanWasHeld",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                if (settle(reservation) > 0) {
                                    use(reservation, reservation.units());
                                }
                            }
                        },
                "required_commit_countsOnce",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                settle(reservation);
                                use(reservation, reservation.units());
                            }
                        },
                "required_release_givesBackOnce",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void release(Reservation reservation) {
                                if (settle(reservation) == 0) {
                                    use(reservation, -reservation.units());
                                }
                            }
                        },
                "required_settlingAnUnknownReservation_doesNothing",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                if (granted.containsKey(reservation.id())) {
                                    super.commit(reservation);
                                } else {
                                    use(reservation, reservation.units());
                                }
                            }
                        },
                "required_crash_settlingWhatHasComeBackDoesNothing",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                if (settled.add(reservation.id()) && granted.containsKey(reservation.id())) {
                                    use(reservation, Math.max(settle(reservation), reservation.units()));
                                }
                            }
                        });
    }

    private static Map<String, Maker> bugsOfWhatIsRarelyCalled() {
        return Map.of(
                "required_reserve_countsEachUnitApart",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            String key(String account, QuotaPlan plan) {
                                return account;
                            }
                        },
                "required_commitAndTell_tellsTheUsageRightAfter",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage commitAndTell(Reservation reservation) {
                                QuotaUsage usage = usage(reservation.account(), reservation.plan());
                                commit(reservation);
                                return usage;
                            }
                        },
                "required_holds_whatIsHeld never",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public boolean holds(Reservation reservation) {
                                return false;
                            }
                        },
                "required_holds_whatIsHeld by the units of the first grant",
                        (counts, clock) -> new Broken(counts, clock) {
                            private final Map<String, Reservation> first = new ConcurrentHashMap<>();

                            @Override
                            public boolean holds(Reservation reservation) {
                                return first.computeIfAbsent(reservation.id(), id -> reservation)
                                        .equals(reservation);
                            }
                        },
                "required_holds_whatIsHeld though it was given back",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public boolean holds(Reservation reservation) {
                                return granted.containsKey(reservation.id());
                            }
                        },
                "required_crash_whatWentToOthersIsNotHeld",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public boolean holds(Reservation reservation) {
                                return true;
                            }
                        },
                "optional_adjust_changesWhatIsUsedAndNothingElse gives reservations back",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage adjust(QuotaAdjustment adjustment) {
                                granted.values().forEach(this::release);
                                return super.adjust(adjustment);
                            }
                        },
                "optional_adjust_changesWhatIsUsedAndNothingElse only adds",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage adjust(QuotaAdjustment adjustment) {
                                return super.adjust(new QuotaAdjustment(
                                        adjustment.account(),
                                        adjustment.plan(),
                                        QuotaAdjustment.Kind.ADD,
                                        adjustment.units(),
                                        adjustment.by()));
                            }
                        },
                "required_null_isAnException when it is released",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void release(Reservation reservation) {
                                if (reservation != null) {
                                    super.release(reservation);
                                }
                            }
                        });
    }

    private static Map<String, Maker> bugsOfTime() {
        return Map.of(
                "required_period_beginsAnewInTheAccountsZone",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage usage(String account, QuotaPlan plan) {
                                return super.usage(account, plan.in(ZoneId.of("UTC")));
                            }
                        },
                "required_period_unitsCountForTheOneTheyWereReservedIn",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                if (reservation
                                        .periodStart()
                                        .equals(reservation.plan().periodStart(clock.now()))) {
                                    super.commit(reservation);
                                } else {
                                    use(reservation, reservation.units());
                                }
                            }
                        },
                "required_period_aClockThatIsPutBackGivesNothingBack",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                Instant month = request.plan().periodStart(clock.now());
                                String account = request.account() + month;
                                return month.isBefore(TestClock.DEFAULT_START.minus(Duration.ofDays(20)))
                                        ? super.reserve(with(request, request.reservationId(), account, request.plan()))
                                        : super.reserve(request);
                            }
                        },
                "required_crash_whatNobodySettlesComesBackInTime",
                        (counts, clock) -> new PlainQuotaStore(counts, clock, LIFE.plusMinutes(1)));
    }

    private static Map<String, Maker> bugsOfPeriods() {
        return Map.of(
                "required_period_isThePlans but weeks begin on Thursdays",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            Instant start(QuotaPlan plan) {
                                long day = clock.now().getEpochSecond() / 86_400;
                                return plan.period() == QuotaPlan.Period.WEEK
                                        ? Instant.ofEpochSecond(day / 7 * 7 * 86_400)
                                        : super.start(plan);
                            }
                        },
                "required_period_isThePlans but it is never summer",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            Instant start(QuotaPlan plan) {
                                Instant now = clock.now();
                                boolean north = plan.zone().getId().contains("Berlin");
                                return north
                                        ? plan.in(plan.zone().getRules().getStandardOffset(now))
                                                .periodStart(now)
                                        : super.start(plan);
                            }
                        },
                "required_period_isThePlans but every day has 24 hours",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage usage(String account, QuotaPlan plan) {
                                QuotaUsage usage = super.usage(account, plan);
                                Instant begun = plan.periodStart(clock.now());
                                boolean over =
                                        Duration.between(begun, clock.now()).toHours() >= 24;
                                return plan.period() == QuotaPlan.Period.DAY && over
                                        ? new QuotaUsage(0, 0, usage.limit(), usage.periodEnd())
                                        : usage;
                            }
                        });
    }

    private static QuotaAdjustment ofRecipients(QuotaAdjustment adjustment) {
        return new QuotaAdjustment(
                adjustment.account(),
                adjustment.plan().counting(QuotaPlan.Unit.RECIPIENTS),
                adjustment.kind(),
                adjustment.units(),
                adjustment.by());
    }

    private static Map<String, Maker> bugsOfAdjusting() {
        return Map.of(
                "optional_adjust_staysWithinBoundsAndItsUnit takes every unit for recipients",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage adjust(QuotaAdjustment adjustment) {
                                return super.adjust(ofRecipients(adjustment));
                            }
                        },
                "optional_adjust_staysWithinBoundsAndItsUnit adds without a floor",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public QuotaUsage adjust(QuotaAdjustment adjustment) {
                                if (adjustment.kind() == QuotaAdjustment.Kind.SET) {
                                    return super.adjust(adjustment);
                                }
                                Instant now = clock.now();
                                use(
                                        new Reservation("", adjustment.account(), adjustment.plan(), 0, now),
                                        adjustment.units());
                                return usage(adjustment.account(), adjustment.plan());
                            }
                        },
                "required_interrupt_breaksNoLaterCall keeps a connection that was cut",
                        (counts, clock) -> new Broken(counts, clock) {
                            private volatile boolean cut;

                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                cut |= Thread.currentThread().isInterrupted();
                                if (cut) {
                                    throw new IllegalStateException("connection lost");
                                }
                                return super.reserve(request);
                            }
                        });
    }

    private static Map<String, Maker> bugsOfRaces() {
        return Map.of(
                "required_concurrency_grantsTheLimitExactly",
                        (counts, clock) -> new Broken(counts, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                QuotaUsage usage = usage(request.account(), request.plan());
                                gap.awaitOthers();
                                return request.units() <= usage.remaining()
                                        ? hold(request)
                                        : new QuotaDecision.Exceeded(usage);
                            }
                        },
                "required_concurrency_losesNoUnitOfOneReservation",
                        (counts, clock) -> new Broken(counts, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public QuotaDecision reserve(QuotaRequest request) {
                                long before = held(request);
                                gap.awaitOthers();
                                QuotaDecision decision = super.reserve(request);
                                return decision instanceof QuotaDecision.Granted grant
                                        ? new QuotaDecision.Granted(
                                                grant.reservation().withUnits(before + request.units()))
                                        : decision;
                            }
                        },
                "required_concurrency_settlesAReservationOnce",
                        (counts, clock) -> new Broken(counts, clock) {
                            private final Gap gap = new Gap();

                            @Override
                            public void commit(Reservation reservation) {
                                boolean first = !settled.contains(reservation.id());
                                gap.awaitOthers();
                                if (first) {
                                    settled.add(reservation.id());
                                    settle(reservation);
                                    use(reservation, reservation.units());
                                }
                            }
                        });
    }

    private static Map<String, Maker> bugsOfNodes() {
        return Map.of(
                "optional_nodes_grantTheLimitTogether",
                        (counts, clock) -> RIGHT.make(new PlainQuotaStore.Counts(), clock),
                "optional_crash_aNewNodeFindsWhatWasUsed",
                        (counts, clock) -> {
                            counts.clear();
                            return RIGHT.make(counts, clock);
                        },
                "optional_nodes_settleEachOthersReservationsOnce",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            public void commit(Reservation reservation) {
                                if (granted.containsKey(reservation.id())) {
                                    super.commit(reservation);
                                }
                            }
                        },
                "optional_close_nothingIsGrantedAfterIt",
                        (counts, clock) -> new Broken(counts, clock) {
                            @Override
                            void requireOpen() {}
                        });
    }

    static Stream<Map.Entry<String, Maker>> bugs() {
        return Stream.of(
                        bugsOfReserve(),
                        bugsOfSettling(),
                        bugsOfWhatIsRarelyCalled(),
                        bugsOfTime(),
                        bugsOfPeriods(),
                        bugsOfAdjusting(),
                        bugsOfRaces(),
                        bugsOfNodes())
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
    void aRightStorePassesAll() {
        maker = RIGHT;
        ContractRun.of(Subject.class)
                .assertPassedAndProved(
                        bugs().map(Map.Entry::getKey).toList(), "untested_everyCall_endsWithinThePluginTimeout");
    }

    /** A store in one process skips what it takes two nodes for, and says so. */
    @Test
    void whatCannotBeTriedIsSkipped() {
        maker = RIGHT;
        ContractRun run = ContractRun.of(Lonely.class);
        assertThat(run.failed()).isEmpty();
        assertThat(run.skipped())
                .containsExactlyInAnyOrder(
                        "untested_everyCall_endsWithinThePluginTimeout",
                        "optional_crash_aNewNodeFindsWhatWasUsed",
                        "optional_nodes_grantTheLimitTogether",
                        "optional_nodes_settleEachOthersReservationsOnce");
    }

    /** The contract can wait for a clock that nobody can move. */
    @Test
    void aStoreOnAClockThatRunsPassesToo() {
        maker = RIGHT;
        ContractRun run = ContractRun.of(OnARunningClock.class);
        assertThat(run.failed()).isEmpty();
        assertThat(run.skipped())
                .contains("required_period_aClockThatIsPutBackGivesNothingBack")
                .doesNotContain("required_crash_whatNobodySettlesComesBackInTime");
    }

    /** The contract can begin at any time, also when the day of a change has begun. */
    @Test
    void aStoreOnTheDayOfAChangeToSummerTimePassesToo() {
        maker = RIGHT;
        assertThat(ContractRun.of(OnTheDayOfAChange.class, "required_period_isThePlans")
                        .failures())
                .isEmpty();
    }

    static class OnTheDayOfAChange extends Subject {
        @Override
        Instant start() {
            return Instant.parse("2026-03-29T00:30:00Z");
        }
    }

    static class Subject extends QuotaStoreContract {
        private final TestClock clock = new TestClock(start());

        Instant start() {
            return TestClock.DEFAULT_START;
        }

        @Override
        protected QuotaStore newStore() {
            return maker.make(new PlainQuotaStore.Counts(), clock);
        }

        @Override
        protected ContractTime time() {
            return ContractTime.of(clock);
        }

        @Override
        protected Expiring<QuotaStore> newExpiringStore() {
            return new Expiring<>(newStore(), LIFE);
        }

        @Override
        protected Optional<QuotaStore> anotherNode(QuotaStore first) {
            return Optional.of(maker.make(((PlainQuotaStore) first).counts, clock));
        }
    }

    static class Lonely extends Subject {
        @Override
        protected Optional<QuotaStore> anotherNode(QuotaStore first) {
            return Optional.empty();
        }
    }

    static class OnARunningClock extends Subject {
        private static final Duration SHORT = Duration.ofSeconds(1);

        @Override
        protected QuotaStore newStore() {
            return new PlainQuotaStore(new PlainQuotaStore.Counts(), RelayClock.system(), LIFE);
        }

        @Override
        protected ContractTime time() {
            return ContractTime.ofServer(RelayClock.system()::now, Duration.ofMillis(200));
        }

        @Override
        protected Expiring<QuotaStore> newExpiringStore() {
            return new Expiring<>(new PlainQuotaStore(new PlainQuotaStore.Counts(), RelayClock.system(), SHORT), SHORT);
        }

        @Override
        protected Optional<QuotaStore> anotherNode(QuotaStore first) {
            return Optional.empty();
        }
    }
}
