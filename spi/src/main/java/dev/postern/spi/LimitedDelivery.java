package dev.postern.spi;

import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Holds a delivery to its limits; messages in excess wait, first come, first served. */
final class LimitedDelivery implements UpstreamDelivery {

    private static final int UNLIMITED = 1 << 30; // leaves room for what close gives back
    private static final int MOST_WAITING = 1 << 20;

    private final UpstreamDelivery delivery;
    private final RelayClock clock;
    private final Duration wait;
    private final Semaphore places;
    private final Turns turns;
    private final CountDownLatch closed = new CountDownLatch(1);

    LimitedDelivery(UpstreamDelivery delivery, DeliveryLimits limits, RelayClock clock) {
        this.delivery = Objects.requireNonNull(delivery, "delivery");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.wait = Objects.requireNonNull(limits, "limits").waitLimit();
        this.places = new Semaphore(Math.min(limits.messagesAtOnce(), UNLIMITED), true);
        this.turns = new Turns(limits, clock.nanoTime());
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        long begun = clock.nanoTime();
        long deadline = begun + submission.timeLeft(wait).toNanos();
        try {
            if (!takePlace(deadline)) {
                return refused(begun, "no place within " + millis(begun, deadline));
            }
            try {
                // within a place, so that turns are not saved up by messages that wait for one
                return inTurn(submission, begun, deadline);
            } finally {
                places.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused(begun, "interrupted");
        }
    }

    private DeliveryResult inTurn(Submission submission, long begun, long deadline) throws InterruptedException {
        int recipients = submission.envelope().recipients().size();
        long delay = turns.take(recipients, clock.nanoTime(), deadline);
        if (delay < 0) {
            return refused(begun, "no turn within " + millis(begun, deadline));
        }
        long turn = clock.nanoTime() + delay;
        for (long left = delay; left > 0; left = turn - clock.nanoTime()) {
            if (closed.await(clock.waitMillis(left), TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        return closed.getCount() == 0 ? refused(begun, "the relay has stopped") : delivery.deliver(submission);
    }

    private boolean takePlace(long deadline) throws InterruptedException {
        while (!places.tryAcquire(clock.waitMillis(deadline - clock.nanoTime()), TimeUnit.MILLISECONDS)) {
            if (deadline - clock.nanoTime() <= 0) {
                return false;
            }
        }
        return true;
    }

    private static String millis(long begun, long deadline) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - begun)) + " ms";
    }

    private Deferred refused(long begun, String why) {
        Duration took = Duration.ofNanos(clock.nanoTime() - begun);
        return DeliveryResult.deferred(toString(), Reason.UNREACHABLE, "limit: " + why)
                .withTook(took);
    }

    @Override
    public int maxRecipients() {
        return delivery.maxRecipients();
    }

    @Override
    public int maxRecipients(Identity identity, Envelope envelope) {
        return delivery.maxRecipients(identity, envelope);
    }

    @Override
    public Optional<String> trouble() {
        return delivery.trouble();
    }

    /** Wakes the waiting messages, none of which is delivered any more. */
    @Override
    public void close() {
        if (closed.getCount() > 0) {
            closed.countDown();
            places.release(MOST_WAITING);
            delivery.close();
        }
    }

    @Override
    public String toString() {
        return delivery.toString();
    }

    /** When the next message may begin. */
    private static final class Turns {

        private final Window messages;
        private final Window recipients;
        private long last; // none overtakes: one with few recipients waits for one with many before it

        Turns(DeliveryLimits limits, long now) {
            messages = new Window(limits.messages(), now);
            recipients = new Window(limits.recipients(), now);
            last = now;
        }

        /**
         * Takes the next turn if it comes in time.
         *
         * @return nanoseconds until the turn, 0 for now, negative when it comes too late
         */
        synchronized long take(int count, long now, long deadline) {
            long delay =
                    Math.max(Math.max(0, last - now), Math.max(messages.delay(1, now), recipients.delay(count, now)));
            if (delay > 0 && now + delay - deadline > 0) {
                return -1;
            }
            last = now + delay;
            messages.take(1, last);
            recipients.take(count, last);
            return delay;
        }
    }

    /** At most N in any period: each waits until the one N places before it is a period old. */
    private static final class Window {

        private final long period;
        private final long[] begun; // a ring, the oldest at next
        private int next;

        Window(DeliveryLimits.Rate rate, long now) {
            period = rate.period().toNanos();
            begun = new long[rate.unlimited() ? 0 : rate.max()];
            Arrays.fill(begun, now - period);
        }

        long delay(int count, long now) {
            return begun.length == 0 ? 0 : begun[(next + places(count) - 1) % begun.length] + period - now;
        }

        void take(int count, long moment) {
            for (int i = places(count); i > 0; i--) {
                begun[next] = moment;
                next = (next + 1) % begun.length;
            }
        }

        private int places(int count) {
            return Math.min(count, begun.length);
        }
    }
}
