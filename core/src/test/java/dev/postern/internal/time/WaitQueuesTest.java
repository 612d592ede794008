package dev.postern.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayClock;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitQueuesTest {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final TestClock clock = new TestClock();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger free = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private WaitQueues<String> queues = new WaitQueues<>(clock, 2);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Optional<Integer> ask() {
        asked.incrementAndGet();
        int before = free.getAndUpdate(places -> Math.max(0, places - 1));
        return before > 0 ? Optional.of(before) : Optional.empty();
    }

    private void giveBack(int places) {
        free.addAndGet(places);
        queues.wake("ann");
    }

    private Optional<Integer> take(AtomicBoolean gone) {
        return queues.take("ann", this::ask, clock.nanoTime() + LIMIT.toNanos(), gone::get);
    }

    /** Begins to wait; returns when it has asked, so that the next one is behind it. */
    private Future<Optional<Integer>> waiting(AtomicBoolean gone) {
        CountDownLatch inQueue = new CountDownLatch(1);
        Future<Optional<Integer>> result =
                threads.submit(() -> queues.take("ann", this::ask, clock.nanoTime() + LIMIT.toNanos(), () -> {
                    inQueue.countDown();
                    return gone.get();
                }));
        try {
            assertThat(inQueue.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return result;
    }

    @Test
    void takesWhatIsThereWithoutAWait() {
        free.set(1);
        assertThat(take(new AtomicBoolean())).isPresent();
        assertThat(asked).hasValue(1);
    }

    @Test
    void withoutTimeToWaitAsksOnce() {
        assertThat(queues.take("ann", this::ask, clock.nanoTime(), () -> false)).isEmpty();
        assertThat(asked).hasValue(1);
    }

    @Test
    void takesWhatIsGivenBackInTurnAndIsNotOvertaken() throws Exception {
        Future<Optional<Integer>> first = waiting(new AtomicBoolean());
        Future<Optional<Integer>> second = waiting(new AtomicBoolean());
        giveBack(1);
        assertThat(first.get(30, TimeUnit.SECONDS)).isPresent();
        assertThat(second.isDone()).isFalse();
        giveBack(1);
        assertThat(second.get(30, TimeUnit.SECONDS)).isPresent();
        assertThat(free).hasValue(0);
    }

    @Test
    void placesThatAreGivenBackTogetherGoToAllWhoWait() throws Exception {
        List<Future<Optional<Integer>>> all = new ArrayList<>();
        all.add(waiting(new AtomicBoolean()));
        all.add(waiting(new AtomicBoolean()));
        giveBack(2);
        for (Future<Optional<Integer>> one : all) {
            assertThat(one.get(30, TimeUnit.SECONDS)).isPresent();
        }
    }

    @Test
    void findsWhatWasGivenBackElsewhere() throws Exception {
        queues = new WaitQueues<>(RelayClock.system(), 2);
        Future<Optional<Integer>> one = threads.submit(() -> queues.take(
                "ann",
                this::ask,
                RelayClock.system().nanoTime() + Duration.ofMinutes(1).toNanos(),
                () -> {
                    free.set(1); // nobody tells
                    return false;
                }));
        assertThat(one.get(30, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void givesUpAtTheMoment() throws Exception {
        Future<Optional<Integer>> one = waiting(new AtomicBoolean());
        clock.advance(LIMIT.minusNanos(1));
        assertThat(one.isDone()).isFalse();
        clock.advance(Duration.ofNanos(1));
        assertThat(one.get(30, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whoIsGoneTakesNothingAndLetsTheNextOneAsk() throws Exception {
        AtomicBoolean gone = new AtomicBoolean();
        Future<Optional<Integer>> first = waiting(gone);
        Future<Optional<Integer>> second = waiting(new AtomicBoolean());
        gone.set(true);
        assertThat(first.get(30, TimeUnit.SECONDS)).isEmpty();
        giveBack(1);
        assertThat(second.get(30, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void aQueueThatIsFullRefusesAtOnce() throws Exception {
        Future<Optional<Integer>> first = waiting(new AtomicBoolean());
        Future<Optional<Integer>> second = waiting(new AtomicBoolean());
        assertThat(take(new AtomicBoolean())).isEmpty();
        assertThat(queues.<Integer>take("bert", () -> Optional.of(1), clock.nanoTime(), () -> false))
                .as("another queue")
                .isPresent();
        giveBack(2);
        assertThat(first.get(30, TimeUnit.SECONDS)).isPresent();
        assertThat(second.get(30, TimeUnit.SECONDS)).isPresent();
        free.set(1);
        assertThat(take(new AtomicBoolean())).as("the queue is gone").isPresent();
    }
}
