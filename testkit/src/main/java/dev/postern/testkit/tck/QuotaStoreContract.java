package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaDecision.Exceeded;
import dev.postern.spi.QuotaDecision.Granted;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a {@link QuotaStore}: it never grants a unit too many and never loses one, whatever crashes in
 * between. Extend it, create the store in {@link #newStore}, return its time in {@link #time}, and run it with JUnit.
 * The contract moves a {@link TestClock}, or else waits; a store on a server's clock needs about 15 s.
 */
@ExtendWith(ContractDeadline.class)
public abstract class QuotaStoreContract {

    private static final int THREADS = 8;
    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);

    private final String account = Tck.unique("acme");
    private final List<QuotaStore> opened = new ArrayList<>();
    private QuotaStore store;

    /** For subclasses, which test an implementation. */
    protected QuotaStoreContract() {}

    /**
     * Creates the store under test; called once before each test.
     *
     * @return a store; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract QuotaStore newStore() throws Exception;

    /**
     * Returns the stores' time.
     *
     * @return the time of the running test's stores
     */
    protected abstract ContractTime time();

    /**
     * Creates a store that takes back unsettled reservations, such as those of a dead node.
     *
     * @return a store, closed after the test, and how long it waits
     * @throws Exception fails the test
     */
    protected abstract Expiring<QuotaStore> newExpiringStore() throws Exception;

    /**
     * Opens a store's counts a second time, like another node.
     *
     * @param first a store of this test
     * @return a store that shares its counts, closed after the test; empty, as by default, for one that counts only in
     *     its process
     * @throws Exception fails the test
     */
    protected Optional<QuotaStore> anotherNode(QuotaStore first) throws Exception {
        return Optional.empty();
    }

    /**
     * Creates the store.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openStore() throws Exception {
        store = opened(newStore());
    }

    /**
     * Closes the test's stores.
     *
     * @throws Exception when one cannot be closed
     */
    @AfterEach
    public final void closeStores() throws Exception {
        for (QuotaStore one : opened) {
            Tck.close(one);
        }
    }

    // usage

    /** Nothing is used or reserved before the first request, and the period ends when the plan says. */
    @Test
    public final void required_usage_isNothingForAnAccountThatHasNotSent() {
        Instant before = time().now();
        QuotaUsage usage = store.usage(account, TEN);
        assertThat(usage).as("usage of a new account").isNotNull();
        assertCounts(0, 0);
        assertThat(usage.limit()).as("limit").isEqualTo(10);
        assertThat(usage.periodEnd()).as("end of the period").isIn(TEN.periodEnd(before), TEN.periodEnd(time().now()));
    }

    // reserve

    /** The whole limit is granted, and not one unit more; a refused request adds nothing. */
    @Test
    public final void required_reserve_grantsTheLimitAndNotOneUnitMore() {
        assertExceeded("one more than the limit", request("a", 11));
        assertCounts(0, 0);
        granted("b", 10);
        assertExceeded("one more than nothing", request("c", 1));
        assertCounts(0, 10);
    }

    /** A refusal has the usage that it is based on. */
    @Test
    public final void required_reserve_refusesWithTheUsage() {
        granted("a", 7);
        QuotaDecision decision = store.reserve(request("b", 4));
        assertThat(decision).isInstanceOf(Exceeded.class);
        QuotaUsage usage = ((Exceeded) decision).usage();
        assertThat(List.of(usage.used(), usage.reserved(), usage.limit()))
                .as("used, reserved and limit of the refusal")
                .containsExactly(0L, 7L, 10L);
        granted("c", 3);
    }

    /** No number of units overflows into a grant. */
    @Test
    public final void required_reserve_isNotFooledByAnOverflow() {
        granted("a", 1);
        assertExceeded("all the units there are", request("b", Long.MAX_VALUE));
        assertExceeded("the same for the reservation that is held", request("a", Long.MAX_VALUE));
        assertCounts(0, 1);
    }

    /** Units for the same reservation add up; the grant has the total. */
    @Test
    public final void required_reserve_addsToTheReservationOfTheSameId() {
        Reservation first = granted("a", 1);
        assertThat(first.units()).as("units of the first grant").isEqualTo(1);
        Reservation grown = granted("a", 4);
        assertThat(List.of(grown.id(), grown.account(), grown.plan(), grown.units()))
                .as("the grown reservation")
                .containsExactly(first.id(), account, TEN, 5L);
        assertThat(grown.periodStart()).as("beginning of its period").isEqualTo(TEN.periodStart(time().now()));
        assertCounts(0, 5);
        store.release(grown);
        assertCounts(0, 0);
    }

    /** A refused request leaves the reservation as it was. */
    @Test
    public final void required_reserve_refusedUnitsLeaveTheReservationAsItWas() {
        Reservation held = granted("a", 8);
        assertExceeded("three more", request("a", 3));
        assertCounts(0, 8);
        store.commit(held);
        assertCounts(8, 0);
    }

    /** Accounts are counted separately, however similar their names look to a database. */
    @Test
    public final void required_reserve_tellsAccountsApart() {
        granted("a", 10);
        for (String other : List.of(
                account.toUpperCase(java.util.Locale.ROOT),
                account + " ",
                account + "%",
                account.substring(0, account.length() - 1) + "_",
                account + ":a",
                account + "'; --",
                account + "\u00e9",
                account + "e\u0301")) {
            QuotaRequest request = QuotaRequest.of(Tck.unique("m"), other, TEN, 10);
            assertThat(store.reserve(request)).as("account \"%s\"", other).isInstanceOf(Granted.class);
            assertExceeded("account \"" + other + "\" again", QuotaRequest.of(Tck.unique("m"), other, TEN, 1));
        }
    }

    /** Reservations of different messages are settled separately. */
    @Test
    public final void required_reserve_tellsReservationsApart() {
        Reservation first = granted("m", 2);
        Reservation second = granted("M", 3);
        store.commit(first);
        assertCounts(2, 3);
        store.release(second);
        assertCounts(2, 0);
    }

    /** Plans of one account share one count; each request is checked against its own limit. */
    @Test
    public final void required_reserve_countsAnAccountOnceWhateverTheLimit() {
        store.commit(granted("a", 6));
        assertExceeded("limit 6", QuotaRequest.of(id("b"), account, QuotaPlan.perMonth(6), 1));
        assertExceeded("limit 7", QuotaRequest.of(id("c"), account, QuotaPlan.perMonth(7), 2));
        assertThat(store.reserve(QuotaRequest.of(id("d"), account, QuotaPlan.perMonth(7), 1)))
                .as("limit 7")
                .isInstanceOf(Granted.class);
        assertThat(store.usage(account, QuotaPlan.perMonth(3)).remaining())
                .as("what is left of less than is used")
                .isZero();
    }

    /** Recipients, messages and octets of one account are counted separately. */
    @Test
    public final void required_reserve_countsEachUnitApart() {
        for (QuotaPlan.Unit unit : QuotaPlan.Unit.values()) {
            QuotaPlan plan = TEN.counting(unit);
            QuotaRequest all = QuotaRequest.of(id(unit.name()), account, plan, 10);
            QuotaDecision decision = store.reserve(all);
            assertThat(decision).as("10 of 10 %s", unit).isInstanceOf(Granted.class);
            assertThat(((Granted) decision).reservation().plan()).as("plan").isEqualTo(plan);
            assertExceeded("one more of " + unit, QuotaRequest.of(id("more " + unit), account, plan, 1));
            store.commit(((Granted) decision).reservation());
        }
        for (QuotaPlan.Unit unit : QuotaPlan.Unit.values()) {
            assertThat(store.usage(account, TEN.counting(unit)).used())
                    .as("used %s", unit)
                    .isEqualTo(10);
        }
    }

    /** An unlimited plan grants everything, but still counts. */
    @Test
    public final void required_reserve_unlimitedPlanGrantsEverything() {
        for (long units : new long[] {1, 1_000_000, Integer.MAX_VALUE}) {
            QuotaRequest request = QuotaRequest.of(Tck.unique("m"), account, QuotaPlan.unlimited(), units);
            QuotaDecision decision = store.reserve(request);
            assertThat(decision).as("%s units", units).isInstanceOf(Granted.class);
            store.commit(((Granted) decision).reservation());
        }
        assertThat(store.usage(account, QuotaPlan.unlimited()).used())
                .as("used")
                .isEqualTo(1 + 1_000_000L + Integer.MAX_VALUE);
    }

    // commit and release

    /** Reserved units become used ones. */
    @Test
    public final void required_commit_turnsReservedUnitsIntoUsedOnes() {
        store.commit(granted("a", 4));
        assertCounts(4, 0);
        granted("b", 6);
        assertExceeded("nothing is left", request("c", 1));
    }

    /** Units of a reservation that are not committed are given back. */
    @Test
    public final void required_commit_givesBackWhatItDoesNotUse() {
        store.commit(granted("a", 6).withUnits(4));
        assertCounts(4, 0);
        store.commit(granted("b", 6).withUnits(0));
        assertCounts(4, 0);
        granted("c", 6);
    }

    /** A commit never uses more units than were held, whatever the reservation says. */
    @Test
    public final void required_commit_usesNoMoreThanWasHeld() {
        store.commit(granted("a", 2).withUnits(9));
        assertCounts(2, 0);
    }

    /** A commit that returns the usage includes the committed units. */
    @Test
    public final void required_commitAndTell_tellsTheUsageRightAfter() {
        granted("other", 2);
        QuotaUsage usage = store.commitAndTell(granted("a", 3));
        assertThat(List.of(usage.used(), usage.reserved(), usage.limit()))
                .as("used, reserved and limit")
                .containsExactly(3L, 2L, 10L);
        assertCounts(3, 2);
    }

    /** The second commit, and a release after it, do nothing. */
    @Test
    public final void required_commit_countsOnce() {
        Reservation held = granted("a", 3);
        store.commit(held);
        store.commit(held);
        assertCounts(3, 0);
        store.release(held);
        assertCounts(3, 0);
    }

    /** Units given back can be granted again; the second release, and a commit after it, do nothing. */
    @Test
    public final void required_release_givesBackOnce() {
        granted("other", 4);
        Reservation held = granted("a", 6);
        store.release(held);
        assertCounts(0, 4);
        store.release(held);
        assertCounts(0, 4);
        store.commit(held);
        assertCounts(0, 4);
        granted("b", 6);
    }

    /** An unknown reservation is neither counted nor given back. */
    @Test
    public final void required_settlingAnUnknownReservation_doesNothing() {
        Reservation unknown = new Reservation(id("x"), account, TEN, 5, TEN.periodStart(time().now()));
        store.commit(unknown);
        store.release(unknown);
        assertCounts(0, 0);
        granted("a", 1);
        store.commit(unknown);
        store.release(unknown);
        assertCounts(0, 1);
    }

    // holds

    /** A valid reservation is always held; otherwise no message would be sent. */
    @Test
    public final void required_holds_whatIsHeld() {
        Reservation held = granted("a", 1);
        assertThat(store.holds(held)).as("holds what was just granted").isTrue();
        Reservation grown = granted("a", 9);
        assertThat(store.holds(grown)).as("holds what has grown").isTrue();
        assertExceeded("one more", request("b", 1));
        assertThat(store.holds(grown)).as("holds it still").isTrue();
        assertCounts(0, 10);
        store.release(grown);
        assertThat(store.holds(grown)).as("holds what was given back").isFalse();
    }

    // adjust

    /** An operator's change of the used units leaves reservations alone, and applies to the next request. */
    @Test
    public final void optional_adjust_changesWhatIsUsedAndNothingElse() {
        store.commit(granted("a", 4));
        granted("b", 2);
        QuotaUsage usage = adjusted(QuotaAdjustment.Kind.ADD, 3);
        assertThat(List.of(usage.used(), usage.reserved())).as("after 3 more").containsExactly(7L, 2L);
        assertCounts(7, 2);
        assertExceeded("two more", request("c", 2));
        adjusted(QuotaAdjustment.Kind.SET, 0);
        assertCounts(0, 2);
        granted("d", 8);
    }

    /** No change makes usage negative or overflow; each unit is changed separately. */
    @Test
    public final void optional_adjust_staysWithinBoundsAndItsUnit() {
        store.commit(granted("a", 4));
        adjusted(QuotaAdjustment.Kind.ADD, -5);
        assertCounts(0, 0);
        QuotaPlan octets = TEN.counting(QuotaPlan.Unit.OCTETS);
        store.adjust(new QuotaAdjustment(account, octets, QuotaAdjustment.Kind.ADD, 7, "contract"));
        assertCounts(0, 0);
        assertThat(store.usage(account, octets).used()).as("used octets").isEqualTo(7);
        for (int i = 0; i < 2; i++) {
            adjusted(QuotaAdjustment.Kind.ADD, Long.MAX_VALUE);
            assertExceeded("when all the units there are were added", request("b", 1));
        }
    }

    private QuotaUsage adjusted(QuotaAdjustment.Kind kind, long units) {
        try {
            return store.adjust(new QuotaAdjustment(account, TEN, kind, units, "contract"));
        } catch (UnsupportedOperationException e) {
            Tck.skip("nothing to try it with: the store does not override adjust()");
            throw e;
        }
    }

    // periods

    /** At the end of the period, in the account's zone, the count starts again. */
    @Test
    public final void required_period_beginsAnewInTheAccountsZone() {
        QuotaPlan plan = dayThatEndsSoon(1);
        Reservation held = ((Granted) store.reserve(QuotaRequest.of(id("a"), account, plan, 1))).reservation();
        store.commit(held);
        assertExceeded("the same day", QuotaRequest.of(id("b"), account, plan, 1));
        toTheEndOf(plan);
        QuotaUsage usage = store.usage(account, plan);
        assertThat(usage.used()).as("used on the next day").isZero();
        assertThat(usage.periodEnd()).as("end of the next day").isEqualTo(plan.periodEnd(time().now()));
        assertThat(store.reserve(QuotaRequest.of(id("c"), account, plan, 1)))
                .as("the next day")
                .isInstanceOf(Granted.class);
        assertExceeded("the next day, again", QuotaRequest.of(id("d"), account, plan, 1));
    }

    /** Days, weeks and months begin and end when the plan says, in any zone, even when a day is shorter or longer. */
    @Test
    public final void required_period_isThePlans() {
        for (QuotaPlan.Period period : QuotaPlan.Period.values()) {
            for (String zone : List.of("UTC", "Pacific/Auckland", "America/New_York")) {
                assertPeriod(new QuotaPlan(10, period, ZoneId.of(zone)));
            }
        }
        time().clock().ifPresent(clock -> {
            QuotaPlan plan = QuotaPlan.perDay(1).in(ZoneId.of("Europe/Berlin"));
            for (int i = 0; i < 2; i++) { // to summer time and back, whichever is next
                Instant tomorrow = clock.now().plus(Duration.ofDays(1)); // the day of a change may have begun
                Instant change = plan.zone().getRules().nextTransition(tomorrow).getInstant();
                clock.advance(Duration.between(clock.now(), plan.periodStart(change)));
                assertUsedUpUntil(plan.periodEnd(change), plan, clock);
            }
        });
    }

    private void assertPeriod(QuotaPlan plan) {
        Instant before = time().now();
        String own = Tck.unique("acme");
        QuotaDecision decision = store.reserve(QuotaRequest.of(Tck.unique("m"), own, plan, 1));
        Instant end = store.usage(own, plan).periodEnd();
        Instant after = time().now();
        assertThat(decision).as("a unit of %s", plan).isInstanceOf(Granted.class);
        assertThat(((Granted) decision).reservation().periodStart())
                .as("beginning of the period of %s", plan)
                .isIn(plan.periodStart(before), plan.periodStart(after));
        assertThat(end).as("end of the period of %s", plan).isIn(plan.periodEnd(before), plan.periodEnd(after));
    }

    private void assertUsedUpUntil(Instant end, QuotaPlan plan, TestClock clock) {
        String own = Tck.unique("acme");
        QuotaDecision all = store.reserve(QuotaRequest.of(Tck.unique("m"), own, plan, 1));
        assertThat(all).as("at the beginning of a day that ends %s", end).isInstanceOf(Granted.class);
        store.commit(((Granted) all).reservation());
        clock.advance(Duration.between(clock.now(), end).minusMillis(1));
        assertExceeded("a moment before " + end, QuotaRequest.of(Tck.unique("m"), own, plan, 1));
        clock.advance(Duration.ofMillis(1));
        assertThat(store.reserve(QuotaRequest.of(Tck.unique("m"), own, plan, 1)))
                .as("at %s", end)
                .isInstanceOf(Granted.class);
    }

    /** Units reserved before the period's end and settled after it neither use nor free the new period's units. */
    @Test
    public final void required_period_unitsCountForTheOneTheyWereReservedIn() {
        QuotaPlan plan = dayThatEndsSoon(10);
        Reservation taken = ((Granted) store.reserve(QuotaRequest.of(id("a"), account, plan, 4))).reservation();
        Reservation refused = ((Granted) store.reserve(QuotaRequest.of(id("b"), account, plan, 6))).reservation();
        toTheEndOf(plan);
        assertThat(store.reserve(QuotaRequest.of(id("c"), account, plan, 9))).isInstanceOf(Granted.class);
        store.commit(taken);
        store.release(refused);
        QuotaUsage usage = store.usage(account, plan);
        assertThat(List.of(usage.used(), usage.reserved()))
                .as("used and reserved in the new period")
                .containsExactly(0L, 9L);
    }

    /** Setting the wall clock back into an earlier period gives nothing back. */
    @Test
    public final void required_period_aClockThatIsPutBackGivesNothingBack() {
        TestClock clock = Tck.orSkip(time().clock(), "time(), with a clock that the contract may move");
        store.commit(granted("a", 10));
        clock.jumpWallClock(Duration.ofDays(-40));
        assertExceeded("in the month before", request("b", 1));
    }

    // crash in between

    /**
     * A reservation that is never settled, because its node died, expires, but not before its time.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_crash_whatNobodySettlesComesBackInTime() throws Exception {
        Expiring<QuotaStore> expiring = newExpiringStore();
        store = opened(expiring.plugin());
        granted("a", 10);
        assertExceeded("while it is held", request("b", 1));
        time().clock().ifPresent(clock -> {
            clock.advance(expiring.life().minusNanos(1));
            assertExceeded("a moment before its time", request("c", 1));
            clock.advance(Duration.ofNanos(1));
        });
        if (time().clock().isEmpty()) {
            time().pass(expiring.life());
        }
        assertCounts(0, 0);
        granted("d", 10);
    }

    /**
     * A slow node cannot use or give back an expired reservation a second time.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_crash_settlingWhatHasComeBackDoesNothing() throws Exception {
        Expiring<QuotaStore> expiring = newExpiringStore();
        store = opened(expiring.plugin());
        Reservation slow = granted("a", 4);
        Reservation slower = granted("b", 6);
        time().pass(expiring.life());
        Reservation next = granted("c", 10);
        store.commit(slow);
        store.release(slower);
        assertCounts(0, 10);
        store.commit(next);
        assertCounts(10, 0);
    }

    /**
     * An expired reservation whose units went to others is not held: its message must not be sent.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_crash_whatWentToOthersIsNotHeld() throws Exception {
        Expiring<QuotaStore> expiring = newExpiringStore();
        store = opened(expiring.plugin());
        Reservation slow = granted("a", 10);
        assertThat(store.holds(slow)).as("holds what was just granted").isTrue();
        time().pass(expiring.life());
        granted("b", 10);
        assertThat(store.holds(slow)).as("holds what went to others").isFalse();
    }

    /**
     * A node that opens the counts again finds the used units.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_crash_aNewNodeFindsWhatWasUsed() throws Exception {
        store.commit(granted("a", 3));
        granted("b", 2);
        store = node(store);
        assertCounts(3, 2);
    }

    // several at once

    /** Concurrent requests are granted exactly what the plan has. */
    @Test
    public final void required_concurrency_grantsTheLimitExactly() {
        QuotaPlan plan = QuotaPlan.perMonth(100);
        List<Long> used = Tck.together(THREADS, thread -> () -> {
            long mine = 0;
            for (int message = 0; message < 25; message++) {
                QuotaRequest request = QuotaRequest.of(Tck.unique("m"), account, plan, 1 + message % 3);
                QuotaDecision decision = store.reserve(request);
                if (decision instanceof Granted granted && message % 5 == 0) {
                    store.release(granted.reservation());
                } else if (decision instanceof Granted granted) {
                    store.commit(granted.reservation());
                    mine += granted.reservation().units();
                }
            }
            return mine;
        });
        long sum = used.stream().mapToLong(Long::longValue).sum();
        assertThat(sum).as("units granted by %s threads of 100", THREADS).isLessThanOrEqualTo(100);
        QuotaUsage usage = store.usage(account, plan);
        assertThat(List.of(usage.used(), usage.reserved()))
                .as("used and reserved when all have settled")
                .containsExactly(sum, 0L);
        while (sum <= 100 && store.reserve(QuotaRequest.of(id("rest"), account, plan, 1)) instanceof Granted) {
            sum++;
        }
        assertThat(sum).as("granted in all, of 100").isEqualTo(100);
    }

    /** Concurrent requests for one reservation all count. */
    @Test
    public final void required_concurrency_losesNoUnitOfOneReservation() {
        List<Long> held = Tck.together(THREADS, thread -> () -> granted("a", 1).units());
        assertThat(held)
                .as("units that the grants tell of")
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, THREADS).boxed().toList());
        assertCounts(0, THREADS);
    }

    /** Concurrent commits and releases of one reservation settle it once. */
    @Test
    public final void required_concurrency_settlesAReservationOnce() {
        for (int round = 0; round < 20; round++) {
            String roundsAccount = Tck.unique("acme");
            QuotaRequest request = QuotaRequest.of(id("m"), roundsAccount, TEN, 3);
            Reservation held = ((Granted) store.reserve(request)).reservation();
            Callable<Boolean> commit = () -> {
                store.commit(held);
                return true;
            };
            Tck.together(THREADS, thread -> commit);
            QuotaUsage usage = store.usage(roundsAccount, TEN);
            assertThat(List.of(usage.used(), usage.reserved()))
                    .as("used and reserved after %s commits of 3 units", THREADS)
                    .containsExactly(3L, 0L);
        }
    }

    /**
     * Two nodes share one count: together they are granted exactly the limit.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_nodes_grantTheLimitTogether() throws Exception {
        QuotaStore other = node(store);
        QuotaPlan plan = QuotaPlan.perMonth(100);
        List<Long> granted = Tck.together(THREADS, thread -> () -> {
            QuotaStore mine = thread % 2 == 0 ? store : other;
            long units = 0;
            while (units <= 100
                    && mine.reserve(QuotaRequest.of(Tck.unique("m"), account, plan, 1)) instanceof Granted) {
                units++;
            }
            return units;
        });
        assertThat(granted.stream().mapToLong(Long::longValue).sum())
                .as("units granted by two nodes of 100")
                .isEqualTo(100);
    }

    /**
     * One node can settle another's reservation, once.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_nodes_settleEachOthersReservationsOnce() throws Exception {
        Reservation held = granted("a", 4);
        QuotaStore other = node(store);
        other.commit(held);
        assertCounts(4, 0);
        store.commit(held);
        store.release(held);
        assertCounts(4, 0);
        assertThat(other.usage(account, TEN).used())
                .as("used, on the other node")
                .isEqualTo(4);
    }

    // errors

    /** A call that was interrupted because it took too long does not affect later calls. */
    @Test
    public final void required_interrupt_breaksNoLaterCall() {
        Reservation held = granted("a", 2);
        String other = Tck.unique("acme");
        Tck.interrupted(() -> store.reserve(QuotaRequest.of(Tck.unique("m"), other, TEN, 1)));
        Tck.interrupted(() -> store.usage(other, TEN));
        Tck.interrupted(() -> store.holds(held));
        assertThat(store.holds(held)).as("holds it still").isTrue();
        store.commit(held);
        assertCounts(2, 0);
        granted("b", 8);
        assertExceeded("nothing is left", request("c", 1));
    }

    /** Null causes an exception, and counts nothing. */
    @Test
    public final void required_null_isAnException() {
        assertThat(Tck.throwsException(() -> store.reserve(Tck.missing())))
                .as("reserve(null) throws")
                .isTrue();
        assertThat(Tck.throwsException(() -> store.usage(Tck.missing(), TEN)))
                .as("usage(null, plan) throws")
                .isTrue();
        assertThat(Tck.throwsException(() -> store.commit(Tck.missing())))
                .as("commit(null) throws")
                .isTrue();
        assertThat(Tck.throwsException(() -> store.release(Tck.missing())))
                .as("release(null) throws")
                .isTrue();
        assertThat(Tck.throwsException(() -> store.holds(Tck.missing())))
                .as("holds(null) throws")
                .isTrue();
        assertCounts(0, 0);
    }

    /**
     * A closed store grants nothing, and can be closed again.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_close_nothingIsGrantedAfterIt() throws Exception {
        if (!(store instanceof AutoCloseable)) {
            Tck.skip("the store is not AutoCloseable");
        }
        Tck.close(store);
        Tck.close(store);
        assertThat(Tck.throwsException(() -> store.reserve(request("a", 1))))
                .as("reserve after close throws")
                .isTrue();
    }

    /** Each call ends well within the relay's plug-in time-out, even when the database or its network is slow. */
    @Test
    public final void untested_everyCall_endsWithinThePluginTimeout() {
        Tck.skip("it would measure time; bound the waits of the store's own client, and measure it under load");
    }

    private QuotaStore node(QuotaStore first) throws Exception {
        return opened(Tck.orSkip(anotherNode(first), "anotherNode()"));
    }

    private QuotaStore opened(QuotaStore one) {
        opened.add(one);
        return one;
    }

    private String id(String name) {
        return account + "/" + name;
    }

    private QuotaRequest request(String id, long units) {
        return QuotaRequest.of(id(id), account, TEN, units);
    }

    private Reservation granted(String id, long units) {
        QuotaDecision decision = store.reserve(request(id, units));
        assertThat(decision).as("%s units of 10 for message %s", units, id).isInstanceOf(Granted.class);
        return ((Granted) decision).reservation();
    }

    private void assertExceeded(String what, QuotaRequest request) {
        assertThat(store.reserve(request)).as(what).isInstanceOf(Exceeded.class);
    }

    private void assertCounts(long used, long reserved) {
        QuotaUsage usage = store.usage(account, TEN);
        assertThat(List.of(usage.used(), usage.reserved()))
                .as("used and reserved")
                .containsExactly(used, reserved);
    }

    /** A daily plan, in a zone where midnight comes in a few ticks. */
    private QuotaPlan dayThatEndsSoon(long limit) {
        Instant midnight = time().now().plus(time().tick().multipliedBy(3)).plusSeconds(1);
        int secondOfDay = midnight.atOffset(ZoneOffset.UTC).toLocalTime().toSecondOfDay();
        int toMidnight = LocalTime.MAX.toSecondOfDay() + 1 - secondOfDay;
        boolean west = toMidnight > ZoneOffset.MAX.getTotalSeconds();
        ZoneId zone = ZoneOffset.ofTotalSeconds(west ? -secondOfDay : toMidnight);
        return QuotaPlan.perDay(limit).in(zone);
    }

    private void toTheEndOf(QuotaPlan plan) {
        Instant now = time().now();
        time().pass(Duration.between(now, plan.periodEnd(now)));
    }
}
