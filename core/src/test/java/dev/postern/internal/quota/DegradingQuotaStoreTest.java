package dev.postern.internal.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginFailure;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reservation;
import dev.postern.spi.StoreFailure;
import dev.postern.testkit.TestClock;
import dev.postern.tools.OnAnyJdk;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Messages of one account at the same moment, when its store goes and when it returns. */
@OnAnyJdk
class DegradingQuotaStoreTest {

    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);
    private static final int SOON_MILLIS = 200;
    private static final Executor THREADS = task -> new Thread(task).start();

    private final TestClock clock = new TestClock();
    private final Held shared = new Held();
    private final Held local = new Held();
    private final QuotaStore store = new DegradingQuotaStore(
            Guarded.<QuotaStore>inline("QuotaStore", shared)
                    .breaking(RelayListener.none(), StoreFailure.COUNT_IN_PROCESS),
            local);

    /** Counts in process; can be away, and can keep one call waiting. */
    private final class Held implements QuotaStore {
        private final QuotaStore counts = QuotaGate.inProcessStore(clock);
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch free = new CountDownLatch(1);
        private volatile boolean away;
        private volatile String answering = ""; // the method that is there all the same
        private volatile String holding = ""; // the method whose next call waits
        private volatile boolean mute; // does the next commit, whose answer is lost

        private QuotaStore there(String method) {
            if (method.equals(holding)) {
                holding = "";
                begun.countDown();
                await(free);
            } else if (away && !method.equals(answering)) {
                throw new IllegalStateException("the store is away");
            }
            return counts;
        }

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return there("reserve").reserve(request);
        }

        @Override
        public void commit(Reservation reservation) {
            commitAndTell(reservation);
        }

        @Override
        public QuotaUsage commitAndTell(Reservation reservation) {
            QuotaUsage usage = there("commit").commitAndTell(reservation);
            if (mute) {
                mute = false;
                throw new IllegalStateException("the answer was lost");
            }
            return usage;
        }

        @Override
        public void release(Reservation reservation) {
            there("release").release(reservation);
        }

        @Override
        public boolean holds(Reservation reservation) {
            return there("holds").holds(reservation);
        }

        @Override
        public QuotaUsage usage(String account, QuotaPlan plan) {
            return there("usage").usage(account, plan);
        }

        @Override
        public QuotaUsage adjust(QuotaAdjustment adjustment) {
            return there("adjust").adjust(adjustment);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a message gets so many units; it uses them then. */
    private boolean send(String id, long units) {
        boolean granted = store.reserve(QuotaRequest.of(id, "acme", TEN, units)) instanceof QuotaDecision.Granted;
        if (granted) {
            commit(id, units);
        }
        return granted;
    }

    private void commit(String id, long units) {
        store.commit(new Reservation(id, "acme", TEN, units, TEN.periodStart(clock.now())));
    }

    @Test
    void whileTheStoreIsToldWhatWasUsedItGrantsNothingOfIt() {
        shared.away = true;
        assertThat(send("a", 6)).isTrue();
        shared.away = false;
        shared.holding = "reserve"; // which tells of it
        CompletableFuture<Boolean> teller = CompletableFuture.supplyAsync(() -> send("b", 2), THREADS);
        await(shared.begun);
        assertThat(send("c", 5)).as("of the 4 that are left").isFalse();
        assertThat(send("d", 3)).isTrue();
        shared.free.countDown();
        assertThat(teller.join()).as("of the one that is left").isFalse();
        assertThat(send("e", 1)).isTrue();
        assertThat(send("f", 1)).isFalse();
        assertThat(shared.counts.usage("acme", TEN).used()).isEqualTo(10);
    }

    @Test
    void whatWasSeenOfTheStoreCountsForTheFirstMessageWithoutItAndForTheOneBesideIt() throws Exception {
        assertThat(send("a", 10)).isTrue();
        shared.away = true;
        local.holding = "usage"; // asked on the way from what was seen
        CompletableFuture<Boolean> first = CompletableFuture.supplyAsync(() -> send("b", 1), THREADS);
        await(local.begun);
        CompletableFuture<Boolean> beside = CompletableFuture.supplyAsync(() -> send("c", 1), THREADS);
        try {
            beside.get(SOON_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // it waits for the first
        }
        local.free.countDown();
        assertThat(first.join()).isFalse();
        assertThat(beside.join()).isFalse();
    }

    @Test
    void whatTheStoreSaysAfterItWasLostIsSeenBesideWhatWasUsedWithoutIt() {
        assertThat(store.reserve(QuotaRequest.of("a", "acme", TEN, 1))).isInstanceOf(QuotaDecision.Granted.class);
        shared.holding = "commit";
        CompletableFuture<Void> late = CompletableFuture.runAsync(() -> commit("a", 1), THREADS);
        await(shared.begun);
        shared.away = true;
        assertThat(send("b", 6)).isTrue();
        shared.free.countDown();
        late.join();
        assertThat(send("c", 4)).as("of the 3 that are left").isFalse();
        assertThat(send("d", 3)).isTrue();
    }

    @Test
    void whatTheStoreLentAndCouldNotBeToldOfCountsWithoutIt() {
        assertThat(send("a", 2)).isTrue();
        assertThat(store.reserve(QuotaRequest.of("b", "acme", TEN, 5))).isInstanceOf(QuotaDecision.Granted.class);
        shared.away = true;
        assertThatExceptionOfType(PluginFailure.class).isThrownBy(() -> commit("b", 5));
        assertThat(send("c", 4)).as("of the 3 that are left").isFalse();
        assertThat(send("d", 3)).isTrue();
    }

    @Test
    void whatTheStoreWasToldCountsWhenItIsLostAgain() {
        shared.away = true;
        assertThat(send("a", 10)).isTrue();
        shared.away = false;
        assertThat(send("b", 1)).isFalse();
        shared.away = true;
        assertThat(send("c", 1)).isFalse();
    }

    @Test
    void whatTheStoreRefusedOthersHaveUsedWhenItIsLost() {
        shared.counts.commit(
                ((QuotaDecision.Granted) shared.counts.reserve(QuotaRequest.of("of another relay", "acme", TEN, 10)))
                        .reservation());
        assertThat(send("a", 1)).isFalse();
        shared.away = true;
        assertThat(send("b", 1)).isFalse();
    }

    @Test
    void whatTheStoreWasToldAndDidNotAnswerCountsOnce() {
        shared.away = true;
        assertThat(send("a", 6)).isTrue();
        shared.away = false;
        shared.mute = true;
        assertThat(send("b", 4)).isTrue();
        assertThat(shared.counts.usage("acme", TEN).used()).isEqualTo(10);
    }

    @Test
    void whatAnAccountUsedThatSendsNothingMoreIsToldBehindTheNextAnswer() {
        shared.away = true;
        assertThat(send("a", 6)).isTrue();
        shared.away = false;
        assertThat(store.usage("beta", TEN).used()).isZero();
        assertThat(shared.counts.usage("acme", TEN).used()).isEqualTo(6);
    }

    @Test
    void whatCouldNotBeToldIsToldBehindALaterAnswer() {
        shared.away = true;
        assertThat(send("a", 6)).isTrue();
        shared.answering = "usage";
        assertThat(store.usage("beta", TEN).used()).isZero();
        shared.away = false;
        assertThat(store.usage("beta", TEN).used()).isZero();
        assertThat(shared.counts.usage("acme", TEN).used()).isEqualTo(6);
    }
}
