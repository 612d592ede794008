package dev.postern.internal.quota;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InProcessQuotaStoreTest {

    private static final String ACME = "acme";
    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);

    private final TestClock clock = new TestClock();
    private final QuotaStore store = QuotaGate.inProcessStore(clock);

    private QuotaDecision reserve(String id, long units) {
        return store.reserve(QuotaRequest.of(id, ACME, TEN, units));
    }

    private Reservation granted(String id, long units) {
        QuotaDecision decision = reserve(id, units);
        assertThat(decision).isInstanceOf(Granted.class);
        return ((Granted) decision).reservation();
    }

    private void assertUsage(long used, long reserved) {
        QuotaUsage usage = store.usage(ACME, TEN);
        assertThat(usage).isEqualTo(new QuotaUsage(used, reserved, 10, Instant.parse("2026-02-01T00:00:00Z")));
        assertThat(usage.remaining()).isEqualTo(10 - used - reserved);
    }

    @Test
    void anAccountBeginsWithNothingUsed() {
        assertUsage(0, 0);
    }

    @Test
    void grantsUpToTheLimitAndNotOneMore() {
        assertThat(reserve("m", 11)).isInstanceOf(Exceeded.class);
        assertUsage(0, 0);
        granted("m", 10);
        assertThat(reserve("n", 1)).isEqualTo(new Exceeded(store.usage(ACME, TEN)));
        assertUsage(0, 10);
        assertThat(reserve("n", Long.MAX_VALUE)).isInstanceOf(Exceeded.class);
    }

    @Test
    void aReservationGrows() {
        assertThat(granted("m", 1).units()).isEqualTo(1);
        Reservation grown = granted("m", 4);
        assertThat(grown).isEqualTo(new Reservation("m", ACME, TEN, 5, Instant.parse("2026-01-01T00:00:00Z")));
        assertUsage(0, 5);
        store.release(grown);
        assertUsage(0, 0);
    }

    @Test
    void aRefusedGrowthLeavesTheReservationAsItWas() {
        Reservation held = granted("m", 8);
        assertThat(reserve("m", 3)).isInstanceOf(Exceeded.class);
        assertUsage(0, 8);
        store.commit(held);
        assertUsage(8, 0);
    }

    @Test
    void commitReleasesWhatWasNotUsed() {
        store.commit(granted("m", 6).withUnits(4));
        assertUsage(4, 0);
    }

    @Test
    void commitNeverUsesMoreThanWasHeld() {
        store.commit(granted("m", 2).withUnits(9));
        assertUsage(2, 0);
    }

    @Test
    void settlingTwiceDoesNothing() {
        Reservation held = granted("m", 3);
        store.commit(held);
        store.commit(held);
        store.release(held);
        assertUsage(3, 0);
        Reservation other = granted("n", 3);
        store.release(other);
        store.release(other);
        store.commit(other);
        assertUsage(3, 0);
    }

    @Test
    void settlingAnUnknownReservationDoesNothing() {
        Reservation unknown = new Reservation("x", ACME, TEN, 5, TEN.periodStart(clock.now()));
        store.commit(unknown);
        store.release(unknown);
        assertUsage(0, 0);
        granted("m", 1);
        store.commit(unknown);
        store.release(unknown);
        assertUsage(0, 1);
    }

    @Test
    void accountsCountForThemselves() {
        granted("m", 10);
        assertThat(store.reserve(QuotaRequest.of("n", "beta", TEN, 10))).isInstanceOf(Granted.class);
    }

    @Test
    void beginsAnewWithThePeriodInTheAccountsZone() {
        QuotaPlan plan = QuotaPlan.perDay(1).in(ZoneId.of("America/New_York"));
        clock.setWallClock(Instant.parse("2026-01-16T04:59:59.999999999Z"));
        QuotaRequest request = QuotaRequest.of("m", ACME, plan, 1);
        Reservation held = ((Granted) store.reserve(request)).reservation();
        store.commit(held);
        assertThat(store.reserve(QuotaRequest.of("n", ACME, plan, 1))).isInstanceOf(Exceeded.class);
        clock.advance(Duration.ofNanos(1));
        assertThat(store.usage(ACME, plan)).isEqualTo(new QuotaUsage(0, 0, 1, Instant.parse("2026-01-17T05:00:00Z")));
        assertThat(store.reserve(QuotaRequest.of("n", ACME, plan, 1))).isInstanceOf(Granted.class);
    }

    @Test
    void whatIsCommittedAfterThePeriodsEndCountsForThatPeriodOnly() {
        Reservation held = granted("m", 10);
        clock.advance(Duration.ofDays(17));
        assertThat(clock.now()).isAfter("2026-02-01T00:00:00Z");
        granted("n", 4);
        store.commit(held);
        assertThat(store.usage(ACME, TEN).used()).isZero();
        assertThat(store.usage(ACME, TEN).reserved()).isEqualTo(4);
    }

    @Test
    void aReservationThatNobodySettlesReturnsAfterAnHour() {
        Reservation lost = granted("m", 10);
        clock.advance(Duration.ofHours(1).minusNanos(1));
        assertThat(reserve("n", 1)).isInstanceOf(Exceeded.class);
        clock.advance(Duration.ofNanos(1));
        granted("n", 10);
        store.commit(lost);
        store.release(lost);
        assertUsage(0, 10);
    }

    @Test
    void usageDoesNotCountWhatHasExpired() {
        granted("m", 10);
        clock.advance(Duration.ofHours(1));
        assertUsage(0, 0);
    }

    @Test
    void holdsWhatIsReservedAndNothingElse() {
        Reservation held = granted("m", 3);
        assertThat(store.holds(held)).isTrue();
        store.release(held);
        assertThat(store.holds(held)).isFalse();
        assertThat(store.holds(new Reservation("x", "nobody", TEN, 1, held.periodStart())))
                .isFalse();
    }

    /** Nobody else can have got units of a period that is over. */
    @Test
    void holdsWhatIsOfAPeriodThatIsOver() {
        Reservation held = granted("m", 3);
        clock.advance(Duration.ofDays(32));
        granted("n", 1);
        assertThat(store.holds(held)).isTrue();
    }

    @Test
    void aReservationTakesExactlyWhatIsLeftWithoutLookingForWhatExpired() {
        granted("m", 4);
        granted("n", 6);
        assertThat(reserve("o", 1)).isInstanceOf(Exceeded.class);
    }

    @Test
    void aClockThatIsPutBackGivesNothingBack() {
        store.commit(granted("m", 10));
        clock.jumpWallClock(Duration.ofDays(-30));
        assertThat(reserve("n", 1)).isInstanceOf(Exceeded.class);
    }

    @Test
    void usageOutlivesAMonthOfSilence() {
        clock.setWallClock(Instant.parse("2026-01-01T00:00:00Z"));
        store.commit(granted("m", 10));
        clock.advance(Duration.ofDays(31).minusNanos(1));
        assertThat(reserve("n", 1)).isInstanceOf(Exceeded.class);
    }

    @Test
    void neverGrantsOneTooManyToSixteenThreads() throws Exception {
        QuotaPlan plan = QuotaPlan.perMonth(1000);
        ConcurrentLinkedQueue<Long> committed = new ConcurrentLinkedQueue<>();
        AtomicLong ids = new AtomicLong();
        Callable<Void> sender = () -> {
            for (int message = 0; message < 200; message++) {
                int units = 1 + message % 3;
                QuotaDecision decision = store.reserve(QuotaRequest.of("m" + ids.incrementAndGet(), ACME, plan, units));
                if (decision instanceof Granted granted) {
                    assertThat(store.usage(ACME, plan).remaining()).isNotNegative();
                    if (message % 5 == 0) {
                        store.release(granted.reservation());
                    } else {
                        store.commit(granted.reservation());
                        committed.add(granted.reservation().units());
                    }
                }
            }
            return null;
        };
        ExecutorService executor = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Void>> senders =
                    IntStream.range(0, 16).mapToObj(i -> sender).toList();
            for (Future<Void> done : executor.invokeAll(senders)) {
                done.get();
            }
        } finally {
            executor.shutdownNow();
        }
        long used = committed.stream().mapToLong(Long::longValue).sum();
        assertThat(store.usage(ACME, plan).used()).isEqualTo(used).isLessThanOrEqualTo(1000);
        assertThat(store.usage(ACME, plan).reserved()).isZero();
        while (store.reserve(QuotaRequest.of("rest", ACME, plan, 1)) instanceof Granted) {
            used++;
        }
        assertThat(used).as("and not one less").isEqualTo(1000);
    }
}
