package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LimitedDeliveryTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final MovedClock clock = new MovedClock(Long.MAX_VALUE - 1_000); // overflows early
    private final Gate gate = new Gate();

    @Test
    void noMoreAtOnceThanAllowed() throws Exception {
        UpstreamDelivery delivery = limited(DeliveryLimits.none().withMessagesAtOnce(2));
        List<FutureTask<DeliveryResult>> running = start(delivery, 6);
        for (int i = 0; i < 6; i++) {
            gate.inside.take();
            assertThat(gate.now).hasValueLessThanOrEqualTo(2);
            gate.leave.release();
        }
        for (FutureTask<DeliveryResult> each : running) {
            assertThat(each.get()).isInstanceOf(Accepted.class);
        }
        assertThat(gate.most).hasValue(2);
    }

    @Test
    void aMessageWithoutAPlaceInTimeIsRefusedForNow() throws Exception {
        UpstreamDelivery delivery =
                limited(DeliveryLimits.none().withMessagesAtOnce(1).withWait(SECOND));
        FutureTask<DeliveryResult> inside = start(delivery, 1).get(0);
        gate.inside.take();
        FutureTask<DeliveryResult> waiting = start(delivery, 1).get(0);
        Deferred refused = (Deferred) inTime(waiting);
        assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(refused.upstream()).isEqualTo("gate");
        assertThat(refused.detail()).isEqualTo("limit: no place within 1000 ms");
        assertThat(refused.took()).isGreaterThanOrEqualTo(SECOND);
        gate.leave.release(2);
        assertThat(inside.get()).isInstanceOf(Accepted.class);
        assertThat(delivery.deliver(Mail.simple())).isInstanceOf(Accepted.class);
    }

    /** However long a message may wait: its client does not. */
    @Test
    void nobodyWaitsUntilTheReplyIsOverdue() throws Exception {
        UpstreamDelivery delivery = limited(DeliveryLimits.none()
                .withMessagesAtOnce(1)
                .withMessages(1, Duration.ofHours(1))
                .withWait(Duration.ofHours(2)));
        FutureTask<DeliveryResult> inside = start(delivery, 1).get(0);
        gate.inside.take();
        FutureTask<DeliveryResult> waiting = new FutureTask<>(() -> delivery.deliver(dueIn(SECOND)));
        new Thread(waiting).start();
        assertThat(((Deferred) inTime(waiting)).detail()).startsWith("limit: no place within ");
        gate.leave.release();
        assertThat(inside.get()).isInstanceOf(Accepted.class);
        assertThat(((Deferred) delivery.deliver(dueIn(SECOND))).detail()).isEqualTo("limit: no turn within 1000 ms");
    }

    private Submission dueIn(Duration time) {
        return Mail.simple().withTimeLeft(time, clock);
    }

    @Test
    void noMoreBeginInAnyPeriodThanAllowed() throws Exception {
        UpstreamDelivery delivery = limited(DeliveryLimits.none().withMessages(3, SECOND));
        gate.leave.release(20);
        deliverNow(delivery, 2);
        clock.advance(Duration.ofMillis(500));
        List<FutureTask<DeliveryResult>> running = start(delivery, 10);
        for (FutureTask<DeliveryResult> each : running) {
            assertThat(inTime(each)).isInstanceOf(Accepted.class);
        }
        List<Long> begun = gate.begun.stream().sorted().toList();
        assertThat(begun).hasSize(12);
        for (int i = 3; i < begun.size(); i++) {
            assertThat(begun.get(i) - begun.get(i - 3)).isGreaterThanOrEqualTo(SECOND.toNanos());
        }
    }

    @Test
    void aTurnThatWouldComeTooLateIsRefusedAtOnce() {
        UpstreamDelivery delivery = limited(
                DeliveryLimits.none().withMessages(2, Duration.ofMinutes(1)).withWait(SECOND));
        gate.leave.release(20);
        deliverNow(delivery, 2);
        Deferred refused = (Deferred) delivery.deliver(Mail.simple()); // nobody moves the clock
        assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(refused.detail()).isEqualTo("limit: no turn within 1000 ms");
        clock.advance(Duration.ofMinutes(1));
        deliverNow(delivery, 2);
    }

    @Test
    void recipientsCountToo() {
        UpstreamDelivery delivery =
                limited(DeliveryLimits.none().withRecipients(3, SECOND).withWait(Duration.ZERO));
        gate.leave.release(20);
        Submission two = Mail.to("a@dest.test", "b@dest.test");
        assertThat(delivery.deliver(two)).isInstanceOf(Accepted.class);
        assertThat(delivery.deliver(two)).isInstanceOf(Deferred.class);
        assertThat(delivery.deliver(Mail.simple()))
                .as("a refused one takes nothing")
                .isInstanceOf(Accepted.class);
        clock.advance(SECOND);
        Submission five = Mail.to("a@dest.test", "b@dest.test", "c@dest.test", "d@dest.test", "e@dest.test");
        assertThat(delivery.deliver(five)).as("more than a period has").isInstanceOf(Accepted.class);
        assertThat(delivery.deliver(Mail.simple())).isInstanceOf(Deferred.class);
        clock.advance(SECOND);
        assertThat(delivery.deliver(Mail.simple())).isInstanceOf(Accepted.class);
    }

    @Test
    void firstComeFirstServed() throws Exception {
        List<String> order = new ArrayList<>(); // one at once
        UpstreamDelivery delivery = UpstreamDelivery.limited(
                submission -> {
                    order.add(submission.identity().user());
                    return gate.deliver(submission);
                },
                DeliveryLimits.none().withMessagesAtOnce(1).withWait(Duration.ofMinutes(1)),
                RelayClock.system());
        List<FutureTask<DeliveryResult>> running = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Submission submission = Mail.of(Identity.of("user" + i), ReversePath.empty(), "b@dest.test");
            FutureTask<DeliveryResult> task = new FutureTask<>(() -> delivery.deliver(submission));
            Thread thread = new Thread(task);
            thread.start();
            while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            running.add(task);
        }
        gate.leave.release(10);
        for (FutureTask<DeliveryResult> each : running) {
            each.get();
        }
        assertThat(order)
                .containsExactly(
                        "user0", "user1", "user2", "user3", "user4", "user5", "user6", "user7", "user8", "user9");
    }

    static Stream<Arguments> endlessWaits() {
        DeliveryLimits patient = DeliveryLimits.none().withWait(Duration.ofDays(1));
        return Stream.of(
                arguments(patient.withMessagesAtOnce(1)), arguments(patient.withMessages(1, Duration.ofDays(1))));
    }

    @ParameterizedTest
    @MethodSource("endlessWaits")
    void closingEndsTheWaitsAndClosesOnce(DeliveryLimits limits) throws Exception {
        UpstreamDelivery delivery = UpstreamDelivery.limited(gate, limits, RelayClock.system());
        FutureTask<DeliveryResult> first = start(delivery, 1).get(0);
        gate.inside.take();
        List<FutureTask<DeliveryResult>> waiting = start(delivery, 3);
        delivery.close();
        delivery.close();
        for (FutureTask<DeliveryResult> each : waiting) {
            assertThat(((Deferred) each.get()).reason()).isEqualTo(Reason.UNREACHABLE);
        }
        gate.leave.release();
        assertThat(first.get()).isInstanceOf(Accepted.class);
        assertThat(gate.closed).hasValue(1);
        assertThat(gate.begun).hasSize(1);
    }

    @Test
    void anInterruptedWaitIsRefusedForNow() {
        UpstreamDelivery delivery = limited(DeliveryLimits.none().withMessagesAtOnce(1));
        Thread.currentThread().interrupt();
        Deferred refused = (Deferred) delivery.deliver(Mail.simple());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(refused.detail()).isEqualTo("limit: interrupted");
    }

    @Test
    void whatIsTooMuchForOneGoesToTheNext() {
        UpstreamDelivery first =
                limited(DeliveryLimits.none().withMessages(2, SECOND).withWait(Duration.ZERO));
        CountingDelivery second = CountingDelivery.accepting("second");
        UpstreamDelivery delivery = UpstreamDelivery.inOrder(List.of(first, second));
        gate.leave.release(20);
        deliverNow(delivery, 5);
        assertThat(gate.begun).hasSize(2);
        assertThat(second.calls()).isEqualTo(3);
    }

    static Stream<Arguments> wrong() {
        DeliveryLimits none = DeliveryLimits.none();
        return Stream.of(
                wrong("messagesAtOnce", () -> none.withMessagesAtOnce(0)),
                wrong("messages", () -> none.withMessages(0, SECOND)),
                wrong("messages", () -> none.withMessages(100_001, SECOND)),
                wrong("period", () -> none.withMessages(1, Duration.ZERO)),
                wrong("period", () -> none.withRecipients(1, Duration.ofDays(2))),
                wrong("recipients", () -> none.withRecipients(-1, SECOND)),
                wrong("wait", () -> none.withWait(SECOND.negated())),
                wrong("wait", () -> none.withWait(Duration.ofDays(2))));
    }

    private static Arguments wrong(String parameter, Supplier<DeliveryLimits> call) {
        return arguments(parameter, call);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongLimitFailsAtItsCallByName(String parameter, Supplier<DeliveryLimits> call) {
        assertThatIllegalArgumentException().isThrownBy(call::get).withMessageStartingWith(parameter + " ");
    }

    private UpstreamDelivery limited(DeliveryLimits limits) {
        return UpstreamDelivery.limited(gate, limits, clock);
    }

    private static void deliverNow(UpstreamDelivery delivery, int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(delivery.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        }
    }

    private static List<FutureTask<DeliveryResult>> start(UpstreamDelivery delivery, int messages) {
        List<FutureTask<DeliveryResult>> all = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            FutureTask<DeliveryResult> task = new FutureTask<>(() -> delivery.deliver(Mail.simple()));
            new Thread(task).start();
            all.add(task);
        }
        return all;
    }

    private DeliveryResult inTime(FutureTask<DeliveryResult> task) throws Exception {
        while (true) {
            try {
                return task.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                clock.advance(Duration.ofMillis(100));
            }
        }
    }

    /** A delivery that lets nobody leave before the test says so. */
    private final class Gate implements UpstreamDelivery {

        final BlockingQueue<Submission> inside = new LinkedBlockingQueue<>();
        final Semaphore leave = new Semaphore(0);
        final AtomicInteger now = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        final ConcurrentLinkedQueue<Long> begun = new ConcurrentLinkedQueue<>();

        @Override
        public DeliveryResult deliver(Submission submission) {
            begun.add(clock.elapsed());
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            inside.add(submission);
            leave.acquireUninterruptibly();
            now.decrementAndGet();
            return DeliveryResult.accepted("gate", Reply.fromUpstream(250, List.of("Ok")));
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }

        @Override
        public String toString() {
            return "gate";
        }
    }
}
