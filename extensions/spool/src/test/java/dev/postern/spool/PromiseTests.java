package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.postern.internal.quota.QuotaGate;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.RefusedRecipient;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spool.BreakingEngine.Break;
import dev.postern.spool.Engine.Step;
import dev.postern.spool.Scene.Arrived;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.testkit.TestMessage;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a spool promises, whatever engine keeps it: nothing accepted is lost, nothing is sent twice but what is marked. */
@Execution(ExecutionMode.CONCURRENT) // each has a clock and a store of its own, and waits for threads most of the time
abstract class PromiseTests {

    private static final SpoolFilter PARKED = SpoolFilter.all().withState(SpooledMessage.State.UNREACHABLE);

    private static final Reply REFUSED = Reply.fromUpstream(550, List.of("5.1.1 no such user"));

    private Scene scene;

    abstract SpoolStore newStore() throws Exception;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(newStore());
    }

    @AfterEach
    void tearDown() {
        scene.close();
    }

    static Stream<Arguments> windows() {
        return Stream.of(Step.PUT, Step.CLAIM, Step.PROGRESS, Step.SETTLE, Step.RELEASE, Step.BEAT)
                .flatMap(step -> Stream.of(Break.values()).map(how -> Arguments.of(step, how)));
    }

    /** Before and after each durable step, a process is killed or a commit fails; then another one goes on. */
    @ParameterizedTest
    @MethodSource("windows")
    void breaksOfDurableSteps_loseNothing_andDoubleOnlyWhatIsMarked(Step step, Break how) {
        CompletableFuture<BreakingEngine> engine = new CompletableFuture<>();
        Spool first = scene.open(scene.store.wrapped(whole -> {
            BreakingEngine breaking = new BreakingEngine(whole, step, how);
            engine.complete(breaking);
            return breaking;
        }));
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> {
            int before = asked.getAndIncrement();
            // a busy machine may take a node for dead whose lease has run out, and try once more: so again until it has
            // broken
            if (before < 2 || step == Step.RELEASE && !engine.join().hasBroken()) {
                return before % 2 == 0
                        ? DeliveryResult.deferred("up", Reason.FAILED, "not now") // so that a claim follows
                        : DeliveryResult.deferred("up", Reason.UNREACHABLE, "not there"); // so that a release follows
            }
            return Scene.accepted();
        };
        boolean accepted =
                first.deliver(Scene.message("one", "bob@example.net", "carl@example.net")) instanceof Accepted;
        scene.until(() -> engine.join().hasBroken());
        if (engine.join().isDead()) {
            first.close();
            scene.untilEmpty(scene.open());
        } else {
            scene.untilEmpty(first);
        }
        for (String recipient : List.of("bob@example.net", "carl@example.net")) {
            long copies = scene.arrived.stream()
                    .filter(one -> one.recipients().contains(recipient))
                    .count();
            if (accepted) {
                assertThat(copies).as("copies for " + recipient).isPositive();
            }
            if (!scene.told(Kind.POSSIBLY_DOUBLED)) {
                assertThat(copies).as("copies without a mark for " + recipient).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void nodeThatDiesAfterTheUpstreamHasTheMessage_sendsAgainAndMarks() {
        CompletableFuture<BreakingEngine> engine = new CompletableFuture<>();
        Spool first = scene.open(scene.store.wrapped(whole -> {
            BreakingEngine breaking = new BreakingEngine(whole, Step.SETTLE, Break.KILLED_BEFORE);
            engine.complete(breaking);
            return breaking;
        }));
        assertThat(first.deliver(Scene.message("one", "bob@example.net"))).isInstanceOf(Accepted.class);
        scene.until(() -> engine.join().isDead());
        first.close();
        Spool second = scene.open();
        scene.untilEmpty(second);
        assertThat(scene.arrived).hasSize(2);
        assertThat(scene.events.stream().map(SpoolEvent::kind)).contains(Kind.POSSIBLY_DOUBLED);
        assertThat(second.figures().possiblyDoubled()).isEqualTo(1);
    }

    /** The look at what a node owns and never began is under way while the spool closes and an end cannot be stored. */
    @Test
    @Timeout(60)
    void endThatCannotBeStored_isMarkedWhateverIsGivenBackMeanwhile() throws Exception {
        CountDownLatch delivering = new CountDownLatch(1);
        CountDownLatch givingBack = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Spool first = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.SETTLE) {
                    throw new SpoolException("the connection was lost");
                }
                if (step == Step.RELEASE && delivering.getCount() == 0 && givingBack.getCount() == 1) {
                    givingBack.countDown();
                    Scene.await(ended);
                }
                return super.transact(step, work);
            }
        }));
        scene.answer = message -> {
            delivering.countDown();
            Scene.await(givingBack);
            return Scene.accepted();
        };
        first.deliver(Scene.message("one", "bob@example.net"));
        scene.until(() -> givingBack.getCount() == 0);
        Thread closing = new Thread(first::close);
        closing.start();
        scene.until(() -> first.figures().sending() == 0);
        ended.countDown();
        closing.join();
        scene.untilEmpty(scene.open());
        assertThat(scene.arrived).hasSize(2);
        assertThat(scene.told(Kind.POSSIBLY_DOUBLED)).isTrue();
    }

    /** As one that was interrupted and says so to whoever calls it, who is the spool; pools of connections heed that. */
    @Test
    void deliveryThatLeavesItsThreadInterrupted_isStoredAllTheSame() {
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new SpoolException("interrupted while waiting for a connection");
                }
                return super.transact(step, work);
            }
        }));
        scene.answer = message -> {
            Thread.currentThread().interrupt();
            return Scene.accepted();
        };
        spool.deliver(Scene.message("one", "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(1);
    }

    /** The commit's answer is lost, and comes to be known only when the message is claimed again: that attempt keeps it. */
    @Test
    void endInDoubt_doesNotLetGoWhatTheNextAttemptSends() {
        CountDownLatch claimedAgain = new CountDownLatch(1);
        AtomicBoolean inDoubt = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                T result = super.transact(step, work);
                if (step == Step.SETTLE && inDoubt.compareAndSet(false, true)) {
                    awaitSoon(claimedAgain);
                    throw new SpoolException("the answer was lost");
                }
                if (step == Step.CLAIM && inDoubt.get() && result instanceof List<?> claimed && !claimed.isEmpty()) {
                    claimedAgain.countDown();
                }
                return result;
            }
        }));
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch third = new CountDownLatch(3);
        scene.answer = message -> {
            third.countDown();
            if (asked.getAndIncrement() == 0) {
                return DeliveryResult.deferred("up", Reason.FAILED, "not now");
            }
            awaitSoon(third); // another attempt, if there is one
            return Scene.accepted();
        };
        assertThat(spool.deliver(Scene.message("one", "bob@example.net"))).isInstanceOf(Accepted.class);
        scene.untilEmpty(spool);
        assertThat(claimedAgain.getCount())
                .as("claimed while its end was in doubt")
                .isZero();
        assertThat(scene.arrived).hasSize(1);
    }

    private static void awaitSoon(CountDownLatch latch) {
        try {
            boolean unused = latch.await(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The answer to a claim is lost, and while what nobody begins is given back, a message comes and is sent. */
    @Test
    @Timeout(60)
    void claimInDoubt_doesNotLetGoWhatComesMeanwhile() {
        CompletableFuture<Spool> opened = new CompletableFuture<>();
        CompletableFuture<Boolean> stillSending = new CompletableFuture<>();
        AtomicBoolean inDoubt = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.CLAIM && inDoubt.compareAndSet(false, true)) {
                    throw new SpoolException("the answer was lost");
                }
                if (step != Step.RELEASE || !inDoubt.get() || stillSending.isDone()) {
                    return super.transact(step, work);
                }
                opened.join().deliver(Scene.message("two", "carl@example.net"));
                T result = super.transact(step, work);
                stillSending.complete(
                        opened.join().list(SpoolFilter.all(), 10).stream().anyMatch(SpooledMessage::sending));
                return result;
            }
        }));
        opened.complete(spool);
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> {
            if (asked.getAndIncrement() == 0) {
                return DeliveryResult.deferred("up", Reason.FAILED, "not now"); // so that a claim follows
            }
            stillSending.join();
            return Scene.accepted();
        };
        spool.deliver(Scene.message("one", "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(stillSending).isCompletedWithValue(true);
        assertThat(scene.arrived).hasSize(2);
    }

    /** The server commits when its answer was given up, and what there was to look for looked for: as one without its standby. */
    @ParameterizedTest
    @CsvSource({"PUT, FORGET", "CLAIM, RELEASE"})
    void commitThatComesLate_leavesNothingThatNobodySends(Step step, Step behind) {
        CompletableFuture<Runnable> late = new CompletableFuture<>();
        AtomicBoolean due = new AtomicBoolean(true);
        AtomicBoolean committed = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step asked, Work<T> work) {
                if (asked == step && late.complete(() -> super.transact(asked, work))) {
                    throw new SpoolException("no answer in time");
                }
                T result = super.transact(asked, work);
                if (asked == behind && late.isDone() && due.getAndSet(false)) {
                    late.join().run();
                    committed.set(true);
                }
                return result;
            }
        }));
        AtomicBoolean asked = new AtomicBoolean(step == Step.PUT);
        scene.answer = message -> asked.compareAndSet(false, true)
                ? DeliveryResult.deferred("up", Reason.FAILED, "not now") // so that a claim follows
                : Scene.accepted();
        spool.deliver(Scene.message("one", "bob@example.net"));
        scene.until(committed::get);
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(1);
        assertThat(scene.told(Kind.POSSIBLY_DOUBLED)).isFalse();
    }

    /** As after a pause of the whole machine, in the middle of its look at what is there. */
    @Test
    void longPauseWhileItLooks_isNotTakenForTheCostOfALook() {
        AtomicInteger pauses = new AtomicInteger();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T read(Work<T> work) {
                if (Thread.currentThread().getName().equals("postern-spool") && pauses.getAndDecrement() > 0) {
                    scene.clock.advance(Duration.ofHours(12));
                }
                return super.read(work);
            }
        }));
        spool.suspendDomain("slow.test", Duration.ofDays(30));
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        scene.until(() -> spool.list(SpoolFilter.all(), 10).stream().noneMatch(SpooledMessage::sending));
        pauses.set(5);
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(1);
    }

    /** What an operator asks for is looked for at the next second, and not when it is time for the next look at the whole. */
    @Test
    @Timeout(60)
    void lookThatFails_isRepeatedSoon() {
        AtomicBoolean slow = new AtomicBoolean();
        AtomicBoolean fails = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T read(Work<T> work) {
                if (Thread.currentThread().getName().equals("postern-spool")) {
                    if (slow.getAndSet(false)) {
                        scene.clock.advance(Duration.ofSeconds(14)); // after which there is none for minutes
                    }
                    if (fails.getAndSet(false)) {
                        throw new SpoolException("no answer in time");
                    }
                }
                return super.read(work);
            }
        }));
        scene.answer = message -> DeliveryResult.deferred("up", Reason.FAILED, "not now");
        spool.deliver(Scene.message("one", "bob@example.net"));
        awaitWithoutClock(
                () -> spool.count(SpoolFilter.all(), 2) == 1 && spool.figures().sending() == 0);
        String id = spool.list(SpoolFilter.all(), 1).get(0).id();
        assertThat(spool.hold(id)).isTrue();
        slow.set(true);
        scene.clock.advance(Duration.ofSeconds(1));
        awaitWithoutClock(() -> !slow.get());
        scene.answer = message -> Scene.accepted();
        fails.set(true);
        spool.release(id);
        awaitWithoutClock(() -> !fails.get());
        for (int i = 0; i < 20 && scene.arrived.isEmpty(); i++) {
            scene.clock.advance(Duration.ofSeconds(1));
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        assertThat(scene.arrived).hasSize(1);
    }

    /** Its sender hears of a refusal when the database is back, with what is returned of the message. */
    @Test
    void databaseAwayWhenANoticeIsMade_returnsTheHeaderAllTheSame() {
        AtomicInteger failures = new AtomicInteger();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T read(Work<T> work) {
                if (Thread.currentThread().getName().startsWith("postern-spool-")
                        && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    throw new SpoolException("no answer in time");
                }
                return super.read(work);
            }
        }));
        scene.answer = message -> {
            if (message.envelope().reversePath().address().isEmpty()) {
                return Scene.accepted();
            }
            failures.set(3);
            return DeliveryResult.rejected("up", Reply.fromUpstream(550, List.of("5.1.1 no such user")), List.of());
        };
        spool.deliver(Scene.message("one", "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived)
                .singleElement()
                .satisfies(notice -> assertThat(notice.content()).contains("Message-ID: <one@example.org>"));
    }

    /** The relay's health says so, until one is stored. */
    @Test
    void messagesThatCannotBeStored_areATrouble() {
        AtomicBoolean away = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (away.get() && step == Step.PUT) {
                    throw new SpoolException("the database failed", new SQLException("no room\r\n on its disk"));
                }
                return super.transact(step, work);
            }
        }));
        assertThat(spool.trouble()).isEmpty();
        away.set(true);
        assertThat(spool.deliver(Scene.message("one", "bob@example.net"))).isInstanceOf(Deferred.class);
        assertThat(spool.trouble())
                .contains("spool: the database failed: java.sql.SQLException: no room?? on its disk");
        assertThat(spool.figures().notStored()).isOne();
        away.set(false);
        assertThat(spool.deliver(Scene.message("two", "bob@example.net"))).isInstanceOf(Accepted.class);
        assertThat(spool.trouble()).isEmpty();
    }

    /** Also while nobody sends. */
    @Test
    @Timeout(60)
    void databaseThatCannotBeLookedAt_isATrouble() {
        AtomicBoolean away = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T read(Work<T> work) {
                if (away.get()) {
                    throw new SpoolException("no answer in time");
                }
                return super.read(work);
            }
        }));
        away.set(true);
        scene.until(() -> spool.trouble().isPresent());
        away.set(false);
        scene.until(() -> spool.trouble().isEmpty());
    }

    /** It dies, or its commit fails, while it takes over: that a message may arrive twice must not be forgotten with it. */
    @ParameterizedTest
    @MethodSource("takeOvers")
    void nodeThatBreaksWhileItTakesOver_leavesTheMarkToTheNext(Step step, Break how) {
        CompletableFuture<BreakingEngine> sent = new CompletableFuture<>();
        Spool first = scene.open(scene.store.wrapped(whole -> breaking(whole, Step.SETTLE, Break.KILLED_BEFORE, sent)));
        assertThat(first.deliver(Scene.message("one", "bob@example.net"))).isInstanceOf(Accepted.class);
        scene.until(() -> sent.join().isDead());
        first.close();
        CompletableFuture<BreakingEngine> takingOver = new CompletableFuture<>();
        try {
            Spool second = scene.open(scene.store.wrapped(whole -> breaking(whole, step, how, takingOver)));
            scene.until(() -> takingOver.join().hasBroken());
            if (takingOver.join().isDead()) {
                second.close();
                scene.untilEmpty(scene.open());
            } else {
                scene.untilEmpty(second);
            }
        } catch (SpoolException e) { // one that is alone takes over before it starts
            scene.untilEmpty(scene.open());
        }
        assertThat(scene.arrived).hasSize(2);
        scene.until(() -> scene.told(Kind.POSSIBLY_DOUBLED)); // by the node, beside the pump
    }

    static Stream<Arguments> takeOvers() {
        return Stream.of(Step.TAKE_OVER, Step.TOLD)
                .flatMap(step -> Stream.of(Break.values()).map(how -> Arguments.of(step, how)));
    }

    private static BreakingEngine breaking(
            Engine engine, Step step, Break how, CompletableFuture<BreakingEngine> opened) {
        BreakingEngine breaking = new BreakingEngine(engine, step, how);
        opened.complete(breaking);
        return breaking;
    }

    @Test
    void upstreamThatWorks_hasTheMessageAtOnceAndOnce() {
        Spool spool = scene.open();
        DeliveryResult result = spool.deliver(Scene.message("hello", "bob@example.net", "carl@example.net"));
        assertThat(((Accepted) result).reply().toString()).startsWith("250 2.0.0 Ok: queued as ");
        awaitWithoutClock(() -> scene.arrived.size() == 1);
        scene.untilEmpty(spool);
        Arrived one = scene.arrived.get(0);
        assertThat(one.sender()).isEqualTo("ann@example.org");
        assertThat(one.recipients()).containsExactly("bob@example.net", "carl@example.net");
        assertThat(one.content()).endsWith("hello\r\n");
        assertThat(scene.arrived).hasSize(1);
    }

    @Test
    void largeContent_goesThroughInPieces() {
        Spool spool = scene.open();
        String text = "0123456789abcdef\r\n".repeat(60_000);
        spool.deliver(Scene.message(text, "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived.get(0).content()).endsWith(text + "\r\n");
    }

    @Test
    void refusedForNow_isTriedAgainAfterThePause() {
        Spool spool = scene.open();
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> asked.getAndIncrement() < 2
                ? DeliveryResult.deferred("up", Reason.FAILED, "not now")
                : Scene.accepted();
        spool.deliver(Scene.message("hello", "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(1);
        assertThat(scene.events.stream().map(SpoolEvent::kind))
                .containsExactlyInAnyOrder(Kind.SPOOLED, Kind.DEFERRED, Kind.DEFERRED, Kind.RELAYED);
    }

    @Test
    void ambiguous_isSentAgainAndMarked() {
        Spool spool = scene.open();
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> asked.getAndIncrement() == 0
                ? DeliveryResult.deferred("up", Reason.AMBIGUOUS, "lost")
                : Scene.accepted();
        spool.deliver(Scene.message("hello", "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.told(Kind.POSSIBLY_DOUBLED)).isTrue();
        assertThat(scene.arrived).hasSize(1);
    }

    /** One is refused for good: the others get it, and the sender hears of the one. */
    @Test
    void oneRecipientRefused_bouncesAloneAndTheRestArrives() {
        Spool spool = scene.open();
        scene.answer = message -> refuses(message, "gone@example.net");
        spool.deliver(Scene.message("hello", "bob@example.net", "gone@example.net", "carl@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived.stream().map(Arrived::recipients))
                .containsExactlyInAnyOrder(List.of("bob@example.net", "carl@example.net"), List.of("ann@example.org"));
        Arrived bounce = scene.arrived.stream()
                .filter(one -> one.sender().isEmpty())
                .findFirst()
                .orElseThrow();
        assertThat(bounce.content())
                .contains("Final-Recipient: rfc822; gone@example.net", "Status: 5.1.1", "Action: failed")
                .doesNotContain("Final-Recipient: rfc822; bob");
    }

    private static DeliveryResult refuses(Submission message, String address) {
        boolean there = message.envelope().recipients().stream()
                .anyMatch(recipient -> recipient.address().toString().equals(address));
        return there
                ? DeliveryResult.rejected(
                        "up", REFUSED, List.of(new RefusedRecipient(MailAddress.parse(address), REFUSED)))
                : Scene.accepted();
    }

    /** One that is always "not now" must not keep the message from the others. */
    @Test
    void oneRecipientDeferred_doesNotHoldTheOthersBack() {
        scene.settings = scene.settings.withDelayNotice(Duration.ofMinutes(5)).withGiveUp(Duration.ofMinutes(40));
        Spool spool = scene.open();
        scene.answer = message -> message.envelope().recipients().stream()
                        .anyMatch(one -> one.address().toString().startsWith("busy"))
                ? DeliveryResult.deferred("up", Reason.FAILED, "450 4.2.1 busy")
                : Scene.accepted();
        spool.deliver(Scene.message("hello", "bob@example.net", "busy@example.net", "carl@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived.stream().flatMap(one -> one.recipients().stream()))
                .containsExactlyInAnyOrder("bob@example.net", "carl@example.net", "ann@example.org", "ann@example.org");
        assertThat(scene.told(Kind.DELAYED)).isTrue();
    }

    @Test
    void unreachableUpstream_holdsAllBackAndIsProbedByOne() {
        Spool spool = scene.open();
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> {
            asked.incrementAndGet();
            return DeliveryResult.deferred("up", Reason.UNREACHABLE, "connection refused");
        };
        for (int i = 0; i < 20; i++) {
            spool.deliver(Scene.message("m" + i, "bob@example.net"));
        }
        scene.until(() -> spool.list(SpoolFilter.all().withState(SpooledMessage.State.UNREACHABLE), 100)
                        .size()
                == 20);
        int before = asked.get();
        scene.until(() -> asked.get() >= before + 3);
        assertThat(asked.get()).as("probes go one by one").isLessThan(before + 10);
        scene.answer = message -> Scene.accepted();
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(20);
        assertThat(scene.told(Kind.FAILED)).isFalse();
    }

    /** A spool with five messages that wait for an upstream, which is looked for each hour. */
    private Spool fiveWaitFor(String upstream) {
        scene.settings = scene.settings.withProbe(Duration.ofHours(1)).withLease(Duration.ofHours(12));
        Spool spool = scene.open();
        scene.answer = message -> DeliveryResult.deferred(upstream, Reason.UNREACHABLE, "connection refused");
        for (int i = 0; i < 5; i++) {
            spool.deliver(Scene.message("m" + i, "bob@example.net"));
        }
        awaitWithoutClock(() -> spool.count(PARKED, 10) == 5);
        return spool;
    }

    /** Of two upstreams, the one by whose name messages wait stays away, and the other one is there again. */
    @Test
    @Timeout(60)
    void oneOfTwoUpstreamsIsBack_letsAllGoOn() {
        Spool spool = fiveWaitFor("first");
        scene.answer = message -> Scene.accepted(); // by "up"
        scene.clock.advance(Duration.ofHours(1));
        awaitWithoutClock(() -> scene.arrived.size() == 5);
    }

    /** A delivery that fails by itself says nothing of an upstream, and all others would fail by it as well. */
    @Test
    @Timeout(60)
    void probeThatThrows_letsNoneGoOn() {
        Spool spool = fiveWaitFor("up");
        scene.answer = message -> {
            throw new IllegalStateException("as the test wants it");
        };
        scene.clock.advance(Duration.ofHours(1));
        awaitWithoutClock(
                () -> scene.told(Kind.POSSIBLY_DOUBLED) && spool.figures().sending() == 0);
        scene.answer = message -> DeliveryResult.accepted("other", Reply.fromUpstream(250, List.of("2.0.0 taken")));
        spool.deliver(Scene.message("next", "bob@example.net"));
        awaitWithoutClock(() -> scene.arrived.size() == 1);
        assertThat(spool.count(PARKED, 10)).isEqualTo(4);
    }

    /** The database fails each time that an upstream is to be probed, more often than there are attempts at a time. */
    @Test
    @Timeout(60)
    void probesThatFailAtTheDatabase_keepNoAttemptFromTheRest() {
        scene.settings = scene.settings.withAttempts(2).withProbe(Duration.ofSeconds(1));
        AtomicInteger failures = new AtomicInteger();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.CLAIM && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    throw new SpoolException("no room on the disk");
                }
                return super.transact(step, work);
            }
        }));
        scene.answer = message -> DeliveryResult.deferred("up", Reason.UNREACHABLE, "connection refused");
        spool.deliver(Scene.message("one", "bob@example.net"));
        awaitWithoutClock(() -> spool.count(SpoolFilter.all().withState(SpooledMessage.State.UNREACHABLE), 10) == 1);
        failures.set(3);
        scene.until(() -> failures.get() == 0);
        scene.answer = message -> Scene.accepted();
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(1);
    }

    /** RFC 5321 section 4.5.1: the one recipient without a domain, as it goes on where the relay does not complete it. */
    @Test
    @Timeout(60)
    void postmasterWithoutADomain_isTriedAgain() {
        Spool spool = scene.open();
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> asked.getAndIncrement() == 0
                ? DeliveryResult.deferred("up", Reason.FAILED, "not now")
                : Scene.accepted();
        spool.deliver(TestMessage.of("Subject: hello\r\n\r\nhello\r\n")
                .withRecipients(List.of(new Recipient(new MailAddress("Postmaster", ""), EsmtpParameters.none())))
                .submission());
        scene.untilEmpty(spool);
        assertThat(scene.arrived).extracting(Arrived::recipients).containsExactly(List.of("Postmaster"));
    }

    /** A spool with a message that was put off, and that message's id. */
    private record Damaged(Spool spool, String id) {}

    /** Changes rows of a message behind the back of its spool. */
    private Damaged damaged(String statement, Object... parameters) {
        CompletableFuture<Engine> engine = new CompletableFuture<>();
        Spool spool = scene.open(scene.store.wrapped(whole -> {
            engine.complete(whole);
            return whole;
        }));
        scene.answer = message -> DeliveryResult.deferred("up", Reason.FAILED, "not now");
        spool.deliver(Scene.message("damaged", "bob@example.net"));
        scene.until(() -> spool.list(SpoolFilter.all(), 2).stream().anyMatch(one -> one.attempts() > 0));
        String id = spool.list(SpoolFilter.all(), 2).get(0).id();
        engine.join().transact(Step.CONTROL, connection -> Sql.update(connection, statement, parameters));
        return new Damaged(spool, id);
    }

    /** What it kept of one message is damaged, or of a version that is not known: that one is held, and all others go on. */
    @Test
    @Timeout(60)
    void messageThatCannotBeRead_isHeldAlone() {
        Damaged damaged = damaged("UPDATE postern_spool_message SET envelope = ?", new byte[] {99});
        Spool spool = damaged.spool;
        spool.deliver(Scene.message("whole", "bob@example.net"));
        scene.answer = message -> Scene.accepted();
        scene.until(() -> scene.arrived.size() == 1);
        scene.until(() -> spool.count(SpoolFilter.all().withState(SpooledMessage.State.HELD), 2) == 1);
        scene.until(() -> spool.count(SpoolFilter.all(), 2) == 1); // the other one has left
        assertThat(spool.list(SpoolFilter.all(), 2)).isEmpty();
        assertThat(spool.remove(damaged.id)).isTrue();
        assertThat(spool.count(SpoolFilter.all(), 2)).isZero();
    }

    /** It must not look as if all had it. */
    @Test
    @Timeout(60)
    void messageWithoutItsRecipients_isHeld() {
        Spool spool = damaged("DELETE FROM postern_spool_recipient").spool;
        scene.until(() -> spool.count(SpoolFilter.all().withState(SpooledMessage.State.HELD), 2) == 1
                || spool.count(SpoolFilter.all(), 2) == 0);
        assertThat(spool.count(SpoolFilter.all(), 2)).isOne();
    }

    /** As when memory is short for a moment: the threads that look after messages and after the node go on. */
    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"CLAIM", "BEAT"})
    @Timeout(120)
    void errorOnceInAThread_doesNotEndIt(Step step) {
        AtomicBoolean thrown = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step asked, Work<T> work) {
                if (asked == step && thrown.compareAndSet(false, true)) {
                    throw new OutOfMemoryError("as the test wants it");
                }
                return super.transact(asked, work);
            }
        }));
        AtomicInteger asked = new AtomicInteger();
        scene.answer = message -> asked.getAndIncrement() == 0
                ? DeliveryResult.deferred("up", Reason.FAILED, "not now") // so that a claim follows
                : Scene.accepted();
        spool.deliver(Scene.message("one", "bob@example.net"));
        scene.until(thrown::get);
        scene.clock.advance(scene.settings.lease());
        spool.deliver(Scene.message("two", "bob@example.net"));
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(2);
    }

    /** A listener that is not all there, as when a class is missing, changes nothing of what became of a message. */
    @Test
    void errorOfTheListener_changesNothing() {
        AtomicInteger arrived = new AtomicInteger();
        try (Spool spool = Spool.builder(scene.store)
                .listener(RelayListener.of(event -> {
                    throw new NoClassDefFoundError("as the test wants it");
                }))
                .start(message -> {
                    arrived.incrementAndGet();
                    return Scene.accepted();
                })) {
            assertThat(spool.deliver(Scene.message("one", "bob@example.net"))).isInstanceOf(Accepted.class);
            scene.untilEmpty(spool);
        }
        assertThat(arrived).hasValue(1);
    }

    @Test
    void timeIsOver_senderHearsOfTheDelayAndOfTheEnd() {
        Spool spool = scene.open();
        scene.answer = message -> message.envelope().reversePath().address().isEmpty()
                ? Scene.accepted()
                : DeliveryResult.deferred("up", Reason.UNREACHABLE, "connection refused");
        spool.deliver(Scene.message("hello", "bob@example.net"));
        scene.clock.advance(Duration.ofHours(5));
        scene.until(() -> scene.arrived.size() == 1);
        scene.clock.advance(Duration.ofDays(2));
        scene.untilEmpty(spool);
        assertThat(scene.arrived.stream().map(Arrived::sender)).containsExactly("", "");
        assertThat(scene.arrived.get(0).content()).contains("Action: delayed", "Will-Retry-Until: ");
        assertThat(scene.arrived.get(1).content()).contains("Action: failed", "Status: 4.4.7");
    }

    /** Whose message is single does not wait for all of another's. */
    @Test
    void accountsTakeTurns() throws Exception {
        scene.settings = scene.settings.withAttempts(1);
        Spool spool = scene.open();
        CountDownLatch all = new CountDownLatch(1);
        scene.answer = message -> {
            Scene.await(all);
            return Scene.accepted();
        };
        for (int i = 0; i < 30; i++) {
            spool.deliver(Scene.message("many", "bob@example.net"));
        }
        spool.deliver(dev.postern.testkit.TestMessage.of("Subject: single\r\n\r\nsingle\r\n")
                .withIdentity(dev.postern.spi.Identity.of("eve@other.test"))
                .submission());
        all.countDown();
        scene.untilEmpty(spool);
        List<String> contents = scene.arrived.stream().map(Arrived::content).toList();
        assertThat(contents).hasSize(31);
        assertThat(contents.indexOf("Subject: single\r\n\r\nsingle\r\n"))
                .as("turn of the single one")
                .isLessThan(5);
    }

    @Test
    void beyondTheCapacity_isRefusedForNow() {
        scene.settings = scene.settings.withCapacityPerAccount(2, 1 << 20);
        Spool spool = scene.open();
        scene.answer = message -> DeliveryResult.deferred("up", Reason.FAILED, "not now");
        assertThat(spool.deliver(Scene.message("1", "bob@example.net"))).isInstanceOf(Accepted.class);
        assertThat(spool.deliver(Scene.message("2", "bob@example.net"))).isInstanceOf(Accepted.class);
        assertThat(spool.deliver(Scene.message("3", "bob@example.net")))
                .isInstanceOfSatisfying(
                        DeliveryResult.Deferred.class,
                        full -> assertThat(full.reason()).isEqualTo(Reason.NO_ROOM));
    }

    /** What is there could not leave any more if the last of the disk were used for what comes. */
    @Test
    void diskThatIsNearlyFull_takesNoMore_andLetsGo() {
        AtomicBoolean full = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public long room() {
                return full.get() ? 64 << 20 : super.room();
            }
        }));
        scene.answer = message -> DeliveryResult.deferred("up", Reason.FAILED, "not now");
        assertThat(spool.deliver(Scene.message("1", "bob@example.net"))).isInstanceOf(Accepted.class);
        full.set(true);
        assertThat(spool.deliver(Scene.message("2", "bob@example.net")))
                .isInstanceOfSatisfying(
                        DeliveryResult.Deferred.class,
                        result -> assertThat(result.reason()).isEqualTo(Reason.NO_ROOM));
        scene.answer = message -> Scene.accepted();
        scene.untilEmpty(spool);
        assertThat(scene.arrived).hasSize(1);
    }

    @Test
    void operator_holdsReleasesBouncesAndRemoves() {
        Spool spool = scene.open();
        scene.answer = message -> message.envelope().reversePath().address().isEmpty()
                ? Scene.accepted()
                : DeliveryResult.deferred("up", Reason.FAILED, "not now");
        spool.deliver(Scene.message("held", "bob@example.net"));
        spool.deliver(Scene.message("bounced", "bob@example.net"));
        spool.deliver(Scene.message("removed", "bob@example.net"));
        scene.until(() -> scene.events.stream()
                        .filter(event -> event.kind() == Kind.DEFERRED)
                        .count()
                >= 3);
        List<SpooledMessage> all = spool.list(SpoolFilter.all().withDomain("EXAMPLE.net"), 10);
        assertThat(all).hasSize(3);
        assertThat(spool.count(SpoolFilter.all().withDomain("EXAMPLE.net"), 10)).isEqualTo(3);
        assertThat(spool.count(SpoolFilter.all(), 2)).isEqualTo(2);
        assertThat(spool.count(SpoolFilter.all().withState(SpooledMessage.State.HELD), 10))
                .isZero();
        scene.until(() ->
                spool.accounts(10).size() == 1 && spool.accounts(10).get(0).messages() == 3);
        scene.until(() -> spool.hold(all.get(0).id()));
        scene.until(() -> spool.bounce(all.get(1).id()));
        scene.until(() -> spool.remove(all.get(2).id()));
        scene.until(() -> scene.arrived.size() == 1);
        scene.clock.advance(Duration.ofDays(5));
        assertThat(spool.find(all.get(0).id()).orElseThrow().state()).isEqualTo(SpooledMessage.State.HELD);
        scene.answer = message -> Scene.accepted();
        assertThat(spool.release(all.get(0).id())).isTrue();
        scene.untilEmpty(spool);
        assertThat(scene.arrived.stream().map(Arrived::content))
                .anyMatch(content -> content.endsWith("held\r\n"))
                .anyMatch(
                        content -> content.contains("has given it up") // RFC 3464 section 2.3.7: not when it was tried
                                && !content.contains("Last-Attempt-Date"));
        assertThat(scene.told(Kind.BOUNCED)).isTrue();
    }

    /** Each stands in memory with all of its recipients. */
    @Test
    void listOfMessagesWithManyRecipients_endsEarlier() {
        scene.answer = message -> DeliveryResult.deferred("up", Reason.UNREACHABLE, "away");
        Spool spool = scene.open();
        String[] many = IntStream.range(0, 2_500)
                .mapToObj(i -> "bob" + i + "@" + "a-long-label.".repeat(17) + "example.net")
                .toArray(String[]::new);
        spool.deliver(Scene.message("one", many));
        spool.deliver(Scene.message("two", many));
        spool.deliver(Scene.message("three", "bob@example.net"));
        assertThat(spool.list(SpoolFilter.all(), 10))
                .singleElement()
                .satisfies(first -> assertThat(first.recipients()).hasSize(many.length));
        assertThat(spool.count(SpoolFilter.all(), 10)).isEqualTo(3);
        assertThat(spool.list(SpoolFilter.all().withDomain("example.net"), 10)).hasSize(1);
    }

    /** An account's messages wait for their time, also those that come meanwhile and after a restart; another's do not. */
    @Test
    void suspendedAccount_waitsAlone() {
        Spool first = scene.open();
        // of which a busy machine may need one until what is not suspended is sent
        Duration hours = Duration.ofHours(3);
        Instant end = scene.clock.now().plus(hours);
        first.suspendAccount("OTHER.test", hours);
        first.deliver(Scene.message("eve", Identity.of("eve@other.test"), "bob@example.net"));
        first.deliver(Scene.message("ann", "bob@example.net"));
        awaitWithoutClock(() -> scene.arrived.size() == 1);
        first.close();
        Spool second = scene.open();
        assertThat(second.suspensions())
                .extracting(Suspension::of, Suspension::name)
                .containsExactly(tuple(Suspension.Of.ACCOUNT, "other.test"));
        scene.clock.advance(Duration.ofMinutes(50));
        second.deliver(Scene.message("ann2", "bob@example.net"));
        scene.until(() -> scene.arrived.size() == 2);
        assertThat(scene.arrived).noneMatch(one -> one.content().contains("eve"));
        scene.clock.advance(Duration.between(scene.clock.now(), end).plusMinutes(1));
        scene.untilEmpty(second);
        assertThat(scene.arrived).hasSize(3);
        assertThat(second.suspensions()).isEmpty();
    }

    /** Only those of a message's recipients wait whose domain is suspended; none of them uses up an attempt. */
    @Test
    void suspendedDomain_waitsAloneAndGoesOnWhenResumed() {
        Spool spool = scene.open();
        spool.suspendDomain("SLOW.test", Duration.ofDays(1));
        spool.deliver(Scene.message("both", "bob@example.net", "carl@slow.test"));
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        awaitWithoutClock(() -> scene.arrived.size() == 1);
        assertThat(scene.arrived.get(0).recipients()).containsExactly("bob@example.net");
        scene.until(() -> spool.list(SpoolFilter.all().withDomain("slow.test"), 10).stream()
                .noneMatch(SpooledMessage::sending));
        assertThat(spool.list(SpoolFilter.all(), 10)).allSatisfy(one -> {
            assertThat(one.attempts()).isZero();
            assertThat(one.due()).isAfter(scene.clock.now().plus(Duration.ofMinutes(30)));
        });
        assertThat(spool.resumeDomain("slow.test")).isTrue();
        assertThat(spool.resumeDomain("slow.test")).isFalse();
        awaitWithoutClock(() -> scene.arrived.size() == 3);
        scene.untilEmpty(spool);
        assertThat(scene.arrived.stream().flatMap(one -> one.recipients().stream()))
                .containsExactlyInAnyOrder("bob@example.net", "carl@slow.test", "dora@slow.test");
    }

    /** One that waits for its upstream and is suspended then does not keep another from trying it. */
    @Test
    void suspendedProbe_leavesItsTurnToAnother() {
        Spool spool = scene.open();
        scene.answer = message -> DeliveryResult.deferred("up", Reason.UNREACHABLE, "connection refused");
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        spool.deliver(Scene.message("other", "bob@example.net"));
        scene.until(() -> spool.list(SpoolFilter.all().withState(SpooledMessage.State.UNREACHABLE), 10)
                        .size()
                == 2);
        spool.suspendDomain("slow.test", Duration.ofDays(1));
        scene.answer = message -> Scene.accepted();
        scene.until(() -> scene.arrived.size() == 1);
        assertThat(scene.arrived.get(0).recipients()).containsExactly("bob@example.net");
    }

    /** A suspension does not keep a message alive: its sender hears of the end. */
    @Test
    void suspendedForTooLong_senderHearsOfTheEnd() {
        Spool spool = scene.open();
        spool.suspendDomain("slow.test", Duration.ofDays(10));
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        scene.until(() -> spool.list(SpoolFilter.all(), 10).stream().noneMatch(SpooledMessage::sending));
        scene.clock.advance(Duration.ofDays(2));
        scene.untilEmpty(spool);
        assertThat(scene.arrived)
                .singleElement()
                .satisfies(one -> assertThat(one.content())
                        .contains("Final-Recipient: rfc822; dora@slow.test", "Action: failed"));
    }

    /** Quota that recipients used who bounced is given back, for each once, and not beyond the period. */
    @Test
    void bouncedRecipients_giveTheirQuotaBack() {
        QuotaPlan plan = QuotaPlan.perMonth(100);
        QuotaStore store = QuotaGate.inProcessStore(scene.clock);
        scene.refunds = store;
        scene.plan = plan;
        scene.clock.advance(Duration.between(scene.clock.now(), plan.periodEnd(scene.clock.now())));
        Submission message = Scene.message("hello", "bob@example.net", "gone@example.net", "carl@example.net");
        String account = message.identity().account();
        store.adjust(new QuotaAdjustment(account, plan, QuotaAdjustment.Kind.SET, 10, "the test"));
        Spool spool = scene.open();
        scene.answer = one -> refuses(one, "gone@example.net");
        spool.deliver(message);
        scene.untilEmpty(spool);
        scene.until(() -> store.usage(account, plan).used() == 9);
        scene.answer = one -> one.envelope().reversePath().address().isEmpty()
                ? Scene.accepted()
                : DeliveryResult.deferred("up", Reason.FAILED, "not now");
        spool.deliver(Scene.message("late", "bob@example.net"));
        scene.until(() -> spool.figures().sending() == 0);
        scene.clock.advance(Duration.between(scene.clock.now(), plan.periodEnd(scene.clock.now())));
        store.adjust(new QuotaAdjustment(account, plan, QuotaAdjustment.Kind.SET, 5, "the test"));
        scene.untilEmpty(spool);
        assertThat(store.usage(account, plan).used()).isEqualTo(5);
    }

    /** Others take the node for dead before an end is stored: the end is theirs, and so is what is given back. */
    @Test
    @Timeout(60)
    void takenOverBeforeTheEndIsStored_givesQuotaBackOnce() {
        QuotaPlan plan = QuotaPlan.perMonth(100);
        QuotaStore store = QuotaGate.inProcessStore(scene.clock);
        scene.refunds = store;
        scene.plan = plan;
        scene.clock.advance(Duration.between(scene.clock.now(), plan.periodEnd(scene.clock.now())));
        Submission message = Scene.message("hello", "gone@example.net");
        String account = message.identity().account();
        store.adjust(new QuotaAdjustment(account, plan, QuotaAdjustment.Kind.SET, 10, "the test"));
        AtomicBoolean takenOver = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.SETTLE && takenOver.compareAndSet(false, true)) {
                    scene.takeOver(whole, "another").told("another");
                    throw new SpoolException("the database was away");
                }
                return super.transact(step, work);
            }
        }));
        scene.answer = one -> refuses(one, "gone@example.net");
        spool.deliver(message);
        scene.untilEmpty(spool);
        scene.until(() -> spool.figures().sending() == 0);
        assertThat(store.usage(account, plan).used()).isEqualTo(9);
    }

    /** An operator is first, in the moment between the look at whose time is over and its end. */
    @Test
    @Timeout(60)
    void heldWhenItsTimeIsOver_isNotGivenUp() {
        AtomicBoolean late = new AtomicBoolean();
        CompletableFuture<Spool> opened = new CompletableFuture<>();
        CountDownLatch claimed = new CountDownLatch(1);
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step != Step.CLAIM || !late.compareAndSet(true, false)) {
                    return super.transact(step, work);
                }
                Spool operated = opened.join();
                assertThat(operated.hold(
                                operated.list(SpoolFilter.all(), 1).get(0).id()))
                        .isTrue();
                T result = super.transact(step, work);
                claimed.countDown();
                return result;
            }
        }));
        opened.complete(spool);
        spool.suspendDomain("slow.test", Duration.ofDays(10)); // so that only its end is due
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        scene.until(() -> spool.list(SpoolFilter.all(), 10).stream().noneMatch(SpooledMessage::sending));
        late.set(true);
        scene.clock.advance(Duration.ofDays(2));
        scene.until(() -> claimed.getCount() == 0);
        scene.until(() -> spool.list(SpoolFilter.all(), 10).stream().noneMatch(SpooledMessage::sending));
        assertThat(spool.list(SpoolFilter.all(), 10))
                .singleElement()
                .satisfies(one -> assertThat(one.state()).isEqualTo(SpooledMessage.State.HELD));
    }

    private static void awaitWithoutClock(java.util.function.BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Scene.pause();
        }
    }
}
