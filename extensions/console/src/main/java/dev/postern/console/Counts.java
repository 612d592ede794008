package dev.postern.console;

import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayEvent.Outcome;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What a relay has replied since it began, and its last refusals. Safe for use by several threads. */
final class Counts {

    private static final int LAST = 50;

    private final Map<StandardReply, LongAdder> rows = adders(StandardReply.class);
    private final Map<Outcome, LongAdder> messages = adders(Outcome.class);
    private final LongAdder ofUpstreams = new LongAdder();
    private final Deque<Refusal> refusals = new ArrayDeque<>(LAST); // guarded by itself
    private long refused; // guarded by refusals
    private final History history;
    private final RelayClock clock;

    /** A refusal, when it was, and its number among all of them. */
    record Refusal(long number, Instant at, RelayEvent.Refused event) {}

    Counts(RelayClock clock) {
        this.clock = clock;
        history = new History(clock);
    }

    /** One for each constant; not changed any more, so that any thread may read it. */
    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> LongAdder adder(Map<E, LongAdder> adders, E constant) {
        return Objects.requireNonNull(adders.get(constant));
    }

    void greeted() {
        adder(rows, StandardReply.GREETING).increment();
    }

    void add(Reply reply) {
        reply.standard().map(row -> adder(rows, row)).orElse(ofUpstreams).increment();
    }

    void add(Outcome outcome) {
        adder(messages, outcome).increment();
        if (outcome == Outcome.ACCEPTED) {
            history.accepted();
        }
    }

    void add(RelayEvent.Refused event) {
        add(event.reply());
        history.refused();
        Instant now = clock.now();
        synchronized (refusals) { // for as long as this takes: who reads copies
            if (refusals.size() == LAST) {
                refusals.removeFirst();
            }
            refused++;
            refusals.addLast(new Refusal(refused, now, event));
        }
    }

    long of(StandardReply row) {
        return adder(rows, row).sum();
    }

    long of(Outcome outcome) {
        return adder(messages, outcome).sum();
    }

    /** Replies in an upstream's words. */
    long ofUpstreams() {
        return ofUpstreams.sum();
    }

    long refused() {
        synchronized (refusals) {
            return refused;
        }
    }

    History history() {
        return history;
    }

    /** The last refusals, the newest first. */
    List<Refusal> refusals() {
        List<Refusal> all;
        synchronized (refusals) {
            all = new ArrayList<>(refusals);
        }
        Collections.reverse(all);
        return all;
    }
}
