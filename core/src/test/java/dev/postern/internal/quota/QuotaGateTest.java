package dev.postern.internal.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reservation;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.spi.Verdict;
import dev.postern.testkit.TestClock;
import dev.postern.tools.OnAnyJdk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@OnAnyJdk
class QuotaGateTest {

    private static final Identity ANN = Identity.of("ann").withAccount("acme");
    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);

    private final TestClock clock = new TestClock();
    private final QuotaStore counts = QuotaGate.inProcessStore(clock);
    private final List<RelayEvent> events = new ArrayList<>();
    private int messages;

    /** Counts in process; can be away, and can have given reservations to others. */
    private final class Shared implements QuotaStore {
        private boolean away;
        private boolean lost;
        private boolean slow; // when something is released
        private final List<Reservation> releasing = new ArrayList<>();

        private QuotaStore there() {
            if (away) {
                throw new IllegalStateException("the store is away");
            }
            return counts;
        }

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return there().reserve(request);
        }

        @Override
        public void commit(Reservation reservation) {
            there().commit(reservation);
        }

        @Override
        public void release(Reservation reservation) {
            if (slow) {
                releasing.add(reservation);
                throw new IllegalStateException("given up, and still under way");
            }
            there().release(reservation);
        }

        @Override
        public boolean holds(Reservation reservation) {
            return !lost && there().holds(reservation);
        }

        @Override
        public QuotaUsage usage(String account, QuotaPlan plan) {
            return there().usage(account, plan);
        }
    }

    private QuotaGate gate(QuotaStore store, QuotaPlan plan) {
        return new QuotaGate(Guarded.inline("QuotaStore", store), plan, RelayListener.of(events::add));
    }

    private QuotaGate.QuotaHold open(QuotaGate gate) {
        return gate.open(ANN, "m" + messages++, 0);
    }

    private boolean send(QuotaGate gate, int recipients, long octets) {
        try (QuotaGate.QuotaHold tab = open(gate)) {
            boolean sent = tab.cover(1) instanceof Verdict.Proceed
                    && tab.cover(recipients) instanceof Verdict.Proceed
                    && tab.confirm(recipients, octets) instanceof Verdict.Proceed;
            if (sent) {
                tab.commit(recipients);
            }
            return sent;
        }
    }

    private static void assertRefused(Verdict verdict, StandardReply row) {
        assertThat(verdict.refusal().flatMap(reply -> reply.standard())).contains(row);
    }

    @Test
    void tellsOfEachThresholdOnce() {
        QuotaGate gate = gate(counts, TEN);
        assertThat(send(gate, 7, 1)).isTrue();
        assertThat(events).isEmpty();
        assertThat(send(gate, 1, 1)).isTrue();
        assertThat(send(gate, 1, 1)).isTrue();
        assertThat(send(gate, 1, 1)).isTrue();
        assertThat(send(gate, 1, 1)).isFalse();
        assertThat(events).hasSize(2);
        assertThat(events.get(0))
                .isEqualTo(RelayEvent.QuotaThreshold.of(
                        "acme", TEN, new QuotaUsage(8, 0, 10, TEN.periodEnd(clock.now())), 80));
        assertThat(events.get(1))
                .isEqualTo(RelayEvent.QuotaThreshold.of(
                        "acme", TEN, new QuotaUsage(10, 0, 10, TEN.periodEnd(clock.now())), 100));
    }

    @Test
    void oneMessageMayCrossBothThresholds() {
        assertThat(send(gate(counts, TEN), 10, 1)).isTrue();
        assertThat(events)
                .extracting(event -> ((RelayEvent.QuotaThreshold) event).percent())
                .containsExactly(80, 100);
    }

    @Test
    void countsMessagesHoweverManyRecipients() {
        QuotaGate gate = gate(counts, QuotaPlan.perDay(2).counting(QuotaPlan.Unit.MESSAGES));
        assertThat(send(gate, 50, 1)).isTrue();
        assertThat(send(gate, 50, 1)).isTrue();
        assertThat(send(gate, 1, 1)).isFalse();
    }

    @Test
    void countsOctetsAtTheEndOfTheContent() {
        QuotaGate gate = gate(counts, QuotaPlan.perDay(1000).counting(QuotaPlan.Unit.OCTETS));
        assertThat(send(gate, 3, 600)).isTrue();
        QuotaGate.QuotaHold tab = open(gate);
        assertThat(tab.cover(1)).isInstanceOf(Verdict.Proceed.class);
        assertRefused(tab.confirm(1, 401), StandardReply.QUOTA_EXCEEDED);
        tab.close();
        assertRefused(gate.open(ANN, "declared", 401).cover(1), StandardReply.QUOTA_EXCEEDED);
        assertThat(send(gate, 1, 400)).isTrue();
        assertThat(gate.usage("acme", gate.planOf("acme")).orElseThrow().used()).isEqualTo(1000);
    }

    @Test
    void countsWhatIsWithoutLimitToo() {
        QuotaGate gate = gate(counts, QuotaPlan.unlimited());
        assertThat(send(gate, 3, 1)).isTrue();
        assertThat(gate.usage("acme", QuotaPlan.unlimited()).orElseThrow().used())
                .isEqualTo(3);
        assertThat(events).isEmpty();
    }

    @Test
    void doesNotSendAMessageWhoseUnitsWentToOthers() {
        Shared shared = new Shared();
        QuotaGate gate = gate(shared, TEN);
        shared.lost = true;
        QuotaGate.QuotaHold reservedAnew = open(gate);
        assertThat(reservedAnew.cover(4)).isInstanceOf(Verdict.Proceed.class);
        assertThat(reservedAnew.confirm(4, 1)).isInstanceOf(Verdict.Proceed.class);
        reservedAnew.commit(4);
        assertThat(counts.usage("acme", TEN).used()).isEqualTo(4);

        QuotaGate.QuotaHold lost = open(gate);
        assertThat(lost.cover(2)).isInstanceOf(Verdict.Proceed.class);
        counts.adjust(new QuotaAdjustment("acme", TEN, QuotaAdjustment.Kind.SET, 10, "others have them"));
        assertRefused(lost.confirm(2, 1), StandardReply.QUOTA_EXCEEDED);
        lost.close();
        assertThat(counts.usage("acme", TEN).reserved()).isZero();
    }

    @Test
    void doesNotSendAMessageWhoseUnitsAReleaseMayStillTake() {
        Shared shared = new Shared();
        QuotaGate gate = gate(shared, TEN);
        QuotaGate.QuotaHold hold = open(gate);
        assertThat(hold.cover(2)).isInstanceOf(Verdict.Proceed.class);
        shared.lost = true;
        shared.slow = true;
        boolean sent = hold.confirm(2, 1) instanceof Verdict.Proceed;
        shared.releasing.forEach(counts::release);
        if (sent) {
            hold.commit(2);
        }
        assertThat(gate.usage("acme", TEN)).map(QuotaUsage::used).contains(sent ? 2L : 0L);
    }

    @Test
    void tellsOfAnAdjustment() {
        QuotaGate gate = gate(counts, TEN);
        assertThat(send(gate, 4, 1)).isTrue();
        QuotaAdjustment reset = new QuotaAdjustment("acme", TEN, QuotaAdjustment.Kind.SET, 0, "support, ticket 7");
        QuotaUsage usage = gate.adjust(reset).orElseThrow();
        assertThat(usage.used()).isZero();
        assertThat(events).containsExactly(RelayEvent.QuotaAdjusted.of(reset, usage));
        assertThat(gate(new Shared(), TEN).adjust(reset))
                .as("a store that cannot")
                .isEmpty();
    }

    @Test
    void theLimitOfAPlanMayChangeInMidPeriod() {
        QuotaGate gate = gate(counts, QuotaPlan.perMonth(1));
        assertThat(send(gate, 1, 1)).isTrue();
        assertThat(send(gate, 1, 1)).isFalse();
        Identity more = ANN.withLimits(IdentityLimits.none().withQuota(QuotaPlan.perMonth(3)));
        QuotaGate.QuotaHold tab = gate.open(more, "m", 0);
        assertThat(tab.cover(2)).isInstanceOf(Verdict.Proceed.class);
        assertRefused(tab.cover(3), StandardReply.QUOTA_EXCEEDED);
        assertThat(gate.planOf("acme").limit()).isEqualTo(3);
        assertThat(gate.planOf("other").limit()).isEqualTo(1);
    }

    // a store that is away

    private QuotaGate degrading(Shared shared) {
        Guarded<QuotaStore> guarded = Guarded.<QuotaStore>inline("QuotaStore", shared)
                .breaking(RelayListener.of(events::add), StoreFailure.COUNT_IN_PROCESS);
        return gate(QuotaGate.degrading(guarded, clock), TEN);
    }

    @Test
    void refusesWithoutItsStore() {
        Shared shared = new Shared();
        QuotaGate gate = gate(shared, TEN);
        shared.away = true;
        assertRefused(open(gate).cover(1), StandardReply.UPSTREAM_RELAY_FAILED);
    }

    @Test
    void countsInProcessFromWhatWasLastSeenAndTellsTheStoreAfterwards() {
        Shared shared = new Shared();
        QuotaGate gate = degrading(shared);
        assertThat(send(gate, 6, 1)).isTrue();
        shared.away = true;
        assertThat(send(gate, 3, 1)).isTrue();
        assertThat(send(gate, 2, 1)).isFalse();
        assertThat(counts.usage("acme", TEN).used()).isEqualTo(6);
        shared.away = false;
        assertThat(send(gate, 2, 1)).isFalse();
        assertThat(counts.usage("acme", TEN).used()).isEqualTo(9);
        assertThat(send(gate, 1, 1)).isTrue();
        assertThat(counts.usage("acme", TEN)).isEqualTo(new QuotaUsage(10, 0, 10, TEN.periodEnd(clock.now())));
    }

    @Test
    void aMessageEndsWithTheStoreThatItBeganWith() {
        Shared shared = new Shared();
        QuotaGate gate = degrading(shared);
        QuotaGate.QuotaHold before = open(gate);
        assertThat(before.cover(1)).isInstanceOf(Verdict.Proceed.class);
        shared.away = true;
        assertRefused(before.cover(2), StandardReply.UPSTREAM_RELAY_FAILED);
        before.close();
        QuotaGate.QuotaHold during = open(gate);
        assertThat(during.cover(1)).isInstanceOf(Verdict.Proceed.class);
        shared.away = false;
        assertThat(during.cover(3)).isInstanceOf(Verdict.Proceed.class);
        assertThat(during.confirm(3, 1)).isInstanceOf(Verdict.Proceed.class);
        during.commit(3);
        assertThat(gate.usage("acme", TEN).orElseThrow().used()).isEqualTo(3);
    }

    @Test
    void releasesInTheStoreWhatAMessageHeld() {
        Shared shared = new Shared();
        QuotaGate gate = degrading(shared);
        QuotaGate.QuotaHold held = open(gate);
        assertThat(held.cover(4)).isInstanceOf(Verdict.Proceed.class);
        assertThat(counts.usage("acme", TEN).reserved()).isEqualTo(4);
        held.close();
        assertThat(counts.usage("acme", TEN).reserved()).isZero();
    }

    @Test
    void asksTheStoreWhetherItStillHolds() {
        Shared shared = new Shared();
        QuotaStore store = QuotaGate.degrading(Guarded.inline("QuotaStore", shared), clock);
        Reservation held = ((QuotaDecision.Granted) store.reserve(QuotaRequest.of("m", "acme", TEN, 1))).reservation();
        assertThat(store.holds(held)).isTrue();
        shared.lost = true;
        assertThat(store.holds(held)).isFalse();
    }

    @Test
    void usageIsTheStoresOrWithoutItWhatIsCountedHere() {
        Shared shared = new Shared();
        QuotaGate gate = degrading(shared);
        counts.adjust(new QuotaAdjustment("acme", TEN, QuotaAdjustment.Kind.SET, 6, "others"));
        assertThat(gate.usage("acme", TEN).orElseThrow().used()).isEqualTo(6);
        shared.away = true;
        assertThat(send(gate, 2, 1)).isTrue();
        assertThat(gate.usage("acme", TEN).orElseThrow().used()).isEqualTo(2);
    }

    @Test
    void aGrantThatCameTooLateIsGivenBack() {
        QuotaGate.giveBack(counts, counts.reserve(QuotaRequest.of("m", "acme", TEN, 10)));
        assertThat(counts.usage("acme", TEN).reserved()).isZero();
        QuotaGate.giveBack(counts, counts.reserve(QuotaRequest.of("n", "acme", TEN, 11)));
        assertThat(counts.usage("acme", TEN).reserved()).isZero();
    }

    @Test
    void anAccountWithoutAPlanOfItsOwnHasTheDefault() {
        QuotaGate gate = gate(counts, TEN);
        Identity more = ANN.withLimits(IdentityLimits.none().withQuota(QuotaPlan.perMonth(3)));
        gate.open(more, "m", 0).close();
        assertThat(gate.planOf("acme").limit()).isEqualTo(3);
        gate.open(ANN, "n", 0).close();
        assertThat(gate.planOf("acme")).as("no longer its own").isEqualTo(TEN);
    }

    @Test
    void aMessageWhoseGrantCameTooLateIsNotSent() {
        Shared shared = new Shared();
        QuotaGate gate = gate(shared, TEN);
        QuotaGate.QuotaHold hold = open(gate);
        assertThat(hold.cover(1)).isInstanceOf(Verdict.Proceed.class);
        shared.away = true;
        assertThat(hold.cover(2)).isNotInstanceOf(Verdict.Proceed.class);
        shared.away = false;
        QuotaDecision late = counts.reserve(QuotaRequest.of("m" + (messages - 1), "acme", TEN, 1));
        Verdict confirmed = hold.confirm(1, 10);
        QuotaGate.giveBack(counts, late); // it came while the upstream takes the message
        if (confirmed instanceof Verdict.Proceed) {
            hold.commit(1);
        }
        assertThat(counts.usage("acme", TEN).used()).isEqualTo(confirmed instanceof Verdict.Proceed ? 1 : 0);
    }
}
