package dev.postern.internal.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.robustness.Await;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginGuardTest {

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final TestClock clock = new TestClock();
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        executor.shutdownNow();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private Guarded<Object> guard(boolean timed) {
        return timed ? guarded(executor, 2) : Guarded.inline("Plugin", new Object());
    }

    private Guarded<Object> guarded(ExecutorService threads, int most) {
        return Guarded.of("Plugin", new Object(), PluginGuard.timed(threads, clock, LIMIT, most));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesTheAnswer(boolean timed) {
        assertThat(guard(timed).call(plugin -> "yes")).contains("yes");
        assertThat(guard(timed).<String>require(plugin -> "yes")).isEqualTo("yes");
        assertThat(guard(timed).run(plugin -> {})).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hasNoAnswerOfOneThatThrows(boolean timed) {
        assertThat(guard(timed).call(plugin -> broken())).isEmpty();
        assertThat(guard(timed).run(plugin -> broken())).isFalse();
        assertThatExceptionOfType(PluginFailure.class)
                .isThrownBy(() -> guard(timed).require(plugin -> broken()))
                .withMessage("Plugin has no answer")
                .withNoCause();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hasNoAnswerOfOneThatAnswersNull(boolean timed) {
        assertThat(guard(timed).call(plugin -> nothing())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsAnErrorThrough(boolean timed) {
        assertThatExceptionOfType(StackOverflowError.class)
                .isThrownBy(() -> guard(timed).call(plugin -> {
                    throw new StackOverflowError();
                }));
    }

    @Test
    void inlineRunsOnTheCallersThread() {
        assertThat(guard(false).call(plugin -> Thread.currentThread())).contains(Thread.currentThread());
        assertThat(guard(true).call(plugin -> Thread.currentThread()))
                .isNotEqualTo(Optional.of(Thread.currentThread()));
    }

    @Test
    void givesUpOneThatIsTooSlowAndInterruptsIt() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        CompletableFuture<Optional<String>> answer =
                CompletableFuture.supplyAsync(() -> guard(true).call(plugin -> {
                    begun.countDown();
                    return hangs(interrupted);
                }));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(answer).as("before the limit").isNotDone();
        clock.advance(LIMIT);
        assertThat(answer).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Optional.empty());
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void handsOnTheAnswerOfOneThatWasGivenUp() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> late = new CompletableFuture<>();
        CompletableFuture<Optional<String>> answer = CompletableFuture.supplyAsync(() -> guard(true)
                .call(
                        plugin -> {
                            begun.countDown();
                            return hangs(new CountDownLatch(1));
                        },
                        (plugin, text) -> late.complete(text)));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(late).as("while somebody waits").isNotDone();
        clock.advance(LIMIT);
        assertThat(answer).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Optional.empty());
        assertThat(late).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("late");
    }

    @Test
    void handsNoAnswerOnThatWasWaitedFor() {
        List<String> late = new ArrayList<>();
        assertThat(guard(true).call(plugin -> "yes", (plugin, answer) -> late.add(answer)))
                .contains("yes");
        assertThat(late).isEmpty();
    }

    @Test
    void callsThatWereGivenUpKeepTheirPlaceWhileTheyRun() throws InterruptedException {
        Guarded<Object> one = guarded(executor, 1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<Optional<String>> hanging = CompletableFuture.supplyAsync(() -> one.call(plugin -> {
            begun.countDown();
            ignoringInterrupts(release);
            ended.countDown();
            return "late";
        }));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        clock.advance(LIMIT);
        assertThat(hanging).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Optional.empty());
        AtomicBoolean called = new AtomicBoolean();
        assertThat(one.run(plugin -> called.set(true))).isFalse();
        assertThat(called).isFalse();
        release.countDown();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        while (!one.run(plugin -> called.set(true))) {
            Thread.onSpinWait(); // the place is given back just behind the call
        }
        assertThat(called).isTrue();
    }

    /** On a machine with too much to do a call may be given up before its thread has begun. */
    @Test
    void aCallThatNeverBeganGivesItsPlaceBack() {
        Waiting waiting = new Waiting();
        Guarded<Object> one = guarded(waiting, 1);
        for (int i = 0; i < 3; i++) {
            AtomicBoolean called = new AtomicBoolean();
            assertThat(clock.advanceUntil(LIMIT, () -> one.run(plugin -> called.set(true))))
                    .isFalse();
            assertThat(waiting.tasks).as("tasks of round %s", i).hasSize(1);
            waiting.tasks.remove().run();
            assertThat(called).as("called after it was given up").isFalse();
        }
        waiting.onSubmit = () -> waiting.tasks.remove().run();
        assertThat(one.call(plugin -> "yes")).contains("yes");
    }

    @Test
    void anExecutorThatIsShutDownGivesNoAnswer() {
        Guarded<Object> one = guarded(executor, 1);
        executor.shutdown();
        assertThat(one.call(plugin -> "yes")).isEmpty();
        assertThat(one.call(plugin -> "yes")).as("the place was given back").isEmpty();
    }

    @Test
    void anInterruptedCallerStaysInterrupted() {
        Thread.currentThread().interrupt();
        assertThat(guard(true).call(plugin -> hangs(new CountDownLatch(1)))).isEmpty();
        assertThat(Thread.interrupted()).isTrue();
    }

    private static String broken() {
        throw new IllegalStateException("broken");
    }

    @SuppressWarnings("NullAway") // a host that breaks the rules
    private static String nothing() {
        return null;
    }

    private static String hangs(CountDownLatch interrupted) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
        }
        return "late";
    }

    private static void ignoringInterrupts(CountDownLatch release) {
        while (true) {
            try {
                release.await();
                return;
            } catch (InterruptedException e) {
                // as a host's code may do
            }
        }
    }

    /** Keeps tasks, for the test to run. */
    private static final class Waiting extends AbstractExecutorService {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private Runnable onSubmit = () -> {};

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            onSubmit.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long time, TimeUnit unit) {
            return false;
        }
    }

    @Test
    void aStoreThatFailedThreeTimesInARowIsNotCalledForASecond() {
        List<RelayEvent> events = new ArrayList<>();
        Guarded<Object> guard = Guarded.of("Store", new Object(), PluginGuard.timed(executor, clock, LIMIT, 2))
                .breaking(RelayListener.of(events::add), StoreFailure.REFUSE);
        assertThat(guard.run(store -> broken())).isFalse();
        assertThat(guard.run(store -> broken())).isFalse();
        assertThat(guard.run(store -> {})).isTrue(); // not in a row
        for (int i = 0; i < 3; i++) {
            assertThat(events).isEmpty();
            assertThat(guard.run(store -> broken())).isFalse();
        }
        assertThat(events).containsExactly(RelayEvent.StoreLost.of("Store", StoreFailure.REFUSE));
        clock.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(guard.run(store -> {})).as("in the pause").isFalse();

        clock.advance(Duration.ofNanos(1));
        assertThat(guard.run(store -> broken())).as("the probe").isFalse();
        assertThat(guard.run(store -> {})).as("in the next pause").isFalse();
        clock.advance(Duration.ofSeconds(1));
        assertThat(guard.run(store -> {})).isTrue();
        assertThat(guard.run(store -> {})).isTrue();
        assertThat(events).hasSize(2).last().isEqualTo(RelayEvent.StoreFound.of("Store"));
    }

    @Test
    void whatIsToBeSettledInThePauseIsSettledBehindTheNextAnswer() {
        Guarded<Object> guard = Guarded.of("Store", new Object(), PluginGuard.timed(executor, clock, LIMIT, 2))
                .breaking(RelayListener.none(), StoreFailure.REFUSE);
        for (int i = 0; i < 3; i++) {
            assertThat(guard.run(store -> broken())).isFalse();
        }
        CompletableFuture<String> settled = new CompletableFuture<>();
        assertThat(guard.settle(store -> broken())).isFalse();
        assertThat(guard.settle(store -> settled.complete("settled"))).isFalse();
        clock.advance(Duration.ofSeconds(1));
        // the first of them fails once more, and the others wait for one more answer
        Await.until("settled", () -> guard.run(store -> {}) && settled.isDone());
    }

    @Test
    void aStoreThatHangsOnOneThingToSettleIsGivenUpAndAskedForTheNext() {
        Guarded<Object> guard = Guarded.of("Store", new Object(), PluginGuard.timed(executor, clock, LIMIT, 3))
                .breaking(RelayListener.none(), StoreFailure.REFUSE);
        for (int i = 0; i < 3; i++) {
            assertThat(guard.run(store -> broken())).isFalse();
        }
        CompletableFuture<String> settled = new CompletableFuture<>();
        assertThat(guard.settle(store -> hangs(new CountDownLatch(1)))).isFalse();
        assertThat(guard.settle(store -> settled.complete("settled"))).isFalse();
        Await.until("settled", () -> {
            clock.advance(LIMIT);
            return guard.run(store -> {}) && settled.isDone();
        });
    }

    @Test
    void whatThereIsNoThreadForIsSettledLater() {
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        Executor scarce = task -> {
            if (left.getAndDecrement() == 0) {
                throw new InternalError("unable to create native thread"); // JUnit ends over an OutOfMemoryError
            }
            executor.execute(task);
        };
        Guarded<Object> guard = Guarded.of("Store", new Object(), PluginGuard.timed(scarce, clock, LIMIT, 3))
                .breaking(RelayListener.none(), StoreFailure.REFUSE);
        CompletableFuture<String> settled = new CompletableFuture<>();
        left.set(0);
        assertThatExceptionOfType(InternalError.class)
                .isThrownBy(() -> guard.settle(store -> settled.complete("settled")));
        left.set(1);
        assertThat(guard.run(store -> {})).as("its own thread is there").isTrue();
        Await.until("settled", () -> guard.run(store -> {}) && settled.isDone());
    }

    @Test
    void aLostStoreIsProbedByOneCallAtATime() throws Exception {
        Guarded<Object> guard = Guarded.of("Store", new Object(), PluginGuard.timed(executor, clock, LIMIT, 2))
                .breaking(RelayListener.none(), StoreFailure.REFUSE);
        for (int i = 0; i < 3; i++) {
            assertThat(guard.run(store -> broken())).isFalse();
        }
        clock.advance(Duration.ofSeconds(1));
        CountDownLatch probing = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        CompletableFuture<Boolean> probe = CompletableFuture.supplyAsync(
                () -> guard.run(store -> {
                    probing.countDown();
                    try {
                        assertThat(answer.await(10, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }),
                executor);
        assertThat(probing.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(guard.run(store -> {})).isFalse();
        answer.countDown();
        assertThat(probe.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(guard.run(store -> {})).isTrue();
    }
}
