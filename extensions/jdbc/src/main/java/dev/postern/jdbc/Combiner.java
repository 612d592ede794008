package dev.postern.jdbc;

import dev.postern.stores.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests that come for the same row while a statement for it is under way share the next statement, so that a row
 * that everybody wants costs one lock and one commit for many of them. A thread whose request is done hands the lead to
 * one that waits. Safe for use by several threads.
 */
final class Combiner<K, Q, A> {

    private static final int MAX_BATCH = 256;

    private static final class Ticket<Q, A> {
        private final Q request;
        private @Nullable A answer;
        private @Nullable RuntimeException failure;
        private boolean done;

        private Ticket(Q request) {
            this.request = request;
        }
    }

    private static final class Line<Q, A> {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final List<Ticket<Q, A>> waiting = new ArrayList<>();
        private boolean led;
        private int users; // changed in the map's atomic operations alone
    }

    private final BiFunction<K, List<Q>, List<A>> batch;
    private final long timeoutNanos;
    private final Map<K, Line<Q, A>> lines = new ConcurrentHashMap<>();

    /**
     * Makes a combiner.
     *
     * @param batch answers requests of one key, in their order
     * @param timeoutNanos how long a request may wait for its turn
     */
    Combiner(BiFunction<K, List<Q>, List<A>> batch, long timeoutNanos) {
        this.batch = batch;
        this.timeoutNanos = timeoutNanos;
    }

    A ask(K key, Q request) {
        Line<Q, A> line = lines.compute(key, (k, existing) -> {
            Line<Q, A> found = existing == null ? new Line<>() : existing;
            found.users++;
            return found;
        });
        try {
            return ask(key, line, new Ticket<>(request));
        } finally {
            lines.computeIfPresent(key, (k, found) -> --found.users == 0 ? null : found);
        }
    }

    private A ask(K key, Line<Q, A> line, Ticket<Q, A> ticket) {
        List<Ticket<Q, A>> mine = lead(line, ticket);
        if (!mine.isEmpty()) {
            try {
                answer(key, mine);
            } finally {
                handOver(line, mine);
            }
        }
        if (ticket.failure != null) {
            throw new StoreException("the database failed", ticket.failure);
        }
        A answer = ticket.answer;
        if (answer == null) {
            throw new StoreException("the batch has no answer to this request");
        }
        return answer;
    }

    /** Waits until the ticket is done, or takes the lead: then returns what is to be done. */
    private List<Ticket<Q, A>> lead(Line<Q, A> line, Ticket<Q, A> ticket) {
        long remaining = timeoutNanos;
        line.lock.lock();
        try {
            line.waiting.add(ticket);
            while (!ticket.done && (line.led || !among(line, ticket))) {
                if (remaining <= 0) {
                    // one that is being asked already may still be granted; its caller must take it for unknown
                    line.waiting.remove(ticket);
                    throw new StoreException("the database did not answer in time");
                }
                remaining = line.changed.awaitNanos(remaining);
            }
            if (ticket.done) {
                return List.of();
            }
            line.led = true;
            List<Ticket<Q, A>> first = line.waiting.subList(0, Math.min(MAX_BATCH, line.waiting.size()));
            List<Ticket<Q, A>> mine = new ArrayList<>(first);
            first.clear();
            return mine;
        } catch (InterruptedException e) {
            line.waiting.remove(ticket);
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting for the database", e);
        } finally {
            line.lock.unlock();
        }
    }

    /** Whether the ticket is in the next batch, so that a leader's own request is always among those it does. */
    private static <Q, A> boolean among(Line<Q, A> line, Ticket<Q, A> ticket) {
        int place = line.waiting.indexOf(ticket);
        return place >= 0 && place < MAX_BATCH;
    }

    private void answer(K key, List<Ticket<Q, A>> tickets) {
        try {
            List<A> answers =
                    batch.apply(key, tickets.stream().map(t -> t.request).toList());
            for (int i = 0; i < tickets.size(); i++) {
                tickets.get(i).answer = answers.get(i);
            }
        } catch (RuntimeException e) {
            tickets.forEach(ticket -> ticket.failure = e);
        }
    }

    private static <Q, A> void handOver(Line<Q, A> line, List<Ticket<Q, A>> done) {
        line.lock.lock();
        try {
            line.led = false;
            done.forEach(ticket -> ticket.done = true);
            line.changed.signalAll();
        } finally {
            line.lock.unlock();
        }
    }
}
