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
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What a relay has replied since it began, and its last refusals. Safe for use by several threads. */
final class Counts {

    private static final int LAST = 50;

    private final LongAdder[] rows = adders(StandardReply.values().length);
    private final LongAdder[] messages = adders(Outcome.values().length);
    private final LongAdder ofUpstreams = new LongAdder();
    private final Deque<Refusal> refusals = new ArrayDeque<>(LAST); // guarded by itself
    private long refused; // guarded by refusals

    /** A refusal, when it was, and its number among all of them. */
    record Refusal(long number, Instant at, RelayEvent.Refused event) {}

    private static LongAdder[] adders(int number) {
        return Stream.generate(LongAdder::new).limit(number).toArray(LongAdder[]::new);
    }

    void greeted() {
        rows[StandardReply.GREETING.ordinal()].increment();
    }

    void add(Reply reply) {
        reply.standard().map(row -> rows[row.ordinal()]).orElse(ofUpstreams).increment();
    }

    void add(Outcome outcome) {
        messages[outcome.ordinal()].increment();
    }

    void add(RelayEvent.Refused event) {
        add(event.reply());
        Instant now = RelayClock.system().now();
        synchronized (refusals) { // for as long as this takes: who reads copies
            if (refusals.size() == LAST) {
                refusals.removeFirst();
            }
            refused++;
            refusals.addLast(new Refusal(refused, now, event));
        }
    }

    long of(StandardReply row) {
        return rows[row.ordinal()].sum();
    }

    long of(Outcome outcome) {
        return messages[outcome.ordinal()].sum();
    }

    /** Replies in an upstream's words. */
    long ofUpstreams() {
        return ofUpstreams.sum();
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
