package dev.postern.internal.time;

import dev.postern.spi.RelayClock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Lets threads wait in turn for something that others have taken; one queue for each key. The first of a queue asks
 * again when something is given back in this process, and some times a second for what is given back elsewhere. Those
 * who come later do not overtake it. Nothing is locked while somebody asks. Safe for use by several threads.
 *
 * @param <K> what queues are told apart by
 */
public final class WaitQueues<K> {

    /** Rare enough that a queue of any length costs a shared store next to nothing. */
    private static final int POLL_MILLIS = 100;

    private final RelayClock clock;
    private final int longest;
    private final ConcurrentMap<K, Deque<Waiter>> queues = new ConcurrentHashMap<>();

    /** Somebody who waits. */
    private static final class Waiter {
        private final Semaphore woken = new Semaphore(0);
        private volatile boolean first;
    }

    /** At most so many may wait in one queue. */
    public WaitQueues(RelayClock clock, int longest) {
        this.clock = clock;
        this.longest = longest;
    }

    /**
     * Takes what can be had at once or, in turn, before a moment.
     *
     * @param ask takes it; empty when others have all
     * @param deadline the moment, as {@link RelayClock#nanoTime()} counts
     * @param gone tells whether nobody waits for it any more; asked from time to time by the waiting thread
     * @return what was taken; empty when the moment came first, nobody waits any more, or too many others do
     */
    public <T> Optional<T> take(K key, Supplier<Optional<T>> ask, long deadline, BooleanSupplier gone) {
        if (!queues.containsKey(key)) {
            Optional<T> taken = ask.get();
            if (taken.isPresent()) {
                return taken;
            }
        }
        Waiter waiter = new Waiter();
        if (deadline - clock.nanoTime() <= 0 || !enter(key, waiter)) {
            return Optional.empty();
        }
        try {
            return await(waiter, ask, deadline, gone);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            leave(key, waiter);
        }
    }

    /** Tells that something was given back, so that the first of a queue asks again. */
    public void wake(K key) {
        queues.computeIfPresent(key, (k, queue) -> {
            queue.element().woken.release();
            return queue;
        });
    }

    private <T> Optional<T> await(Waiter waiter, Supplier<Optional<T>> ask, long deadline, BooleanSupplier gone)
            throws InterruptedException {
        while (true) {
            if (waiter.first) {
                waiter.woken.drainPermits(); // before it asks: what is given back from now on wakes it again
                Optional<T> taken = ask.get();
                if (taken.isPresent()) {
                    return taken;
                }
            }
            long left = deadline - clock.nanoTime();
            if (left <= 0 || gone.getAsBoolean()) {
                return Optional.empty();
            }
            boolean unused =
                    waiter.woken.tryAcquire(Math.min(POLL_MILLIS, clock.waitMillis(left)), TimeUnit.MILLISECONDS);
        }
    }

    private boolean enter(K key, Waiter waiter) {
        boolean[] entered = {false};
        queues.compute(key, (k, existing) -> {
            Deque<Waiter> queue = existing == null ? new ArrayDeque<>() : existing;
            entered[0] = queue.size() < longest;
            if (entered[0]) {
                waiter.first = queue.isEmpty();
                queue.addLast(waiter);
            }
            return queue.isEmpty() ? null : queue;
        });
        return entered[0];
    }

    private void leave(K key, Waiter waiter) {
        queues.computeIfPresent(key, (k, queue) -> {
            queue.remove(waiter);
            Waiter next = queue.peekFirst();
            if (next == null) {
                return null;
            }
            if (!next.first) {
                next.first = true;
                next.woken.release();
            }
            return queue;
        });
    }
}
