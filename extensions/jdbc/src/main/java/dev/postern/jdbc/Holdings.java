package dev.postern.jdbc;

import dev.postern.jdbc.Ledgers.Ask;
import dev.postern.jdbc.Ledgers.Outcome;
import dev.postern.jdbc.Ledgers.Standing;
import dev.postern.jdbc.Ledgers.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node holds of the ledgers. Requests for one ledger that come at the same time share a statement; what could
 * not be settled, or may have been held by a statement whose answer was lost, is settled with the next heartbeats. Safe
 * for use by several threads.
 */
final class Holdings {

    private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);
    private static final int MAX_ATTEMPTS = 100;
    private static final int MAX_UNSETTLED = 100_000;

    /** Whether units were held; how many the id holds in all; how the ledger stands. */
    record Answer(boolean granted, long held, Standing standing) {}

    /** What to settle later, so many times: a lost statement may be done by the database after it was given up. */
    private record Unsettled(Ledgers.Key key, Ask ask, int times) {}

    private final Ledgers ledgers;
    private final Lease lease;
    private final Combiner<Terms, Ask, Answer> holds;
    private final Combiner<Ledgers.Key, Ask, Standing> settlements;
    private final LinkedBlockingQueue<Unsettled> unsettled = new LinkedBlockingQueue<>(MAX_UNSETTLED);

    Holdings(Ledgers ledgers, Lease lease, Duration timeout) {
        this.ledgers = ledgers;
        this.lease = lease;
        this.holds = new Combiner<>(this::hold, timeout.toNanos());
        this.settlements = new Combiner<>(
                (key, asks) -> {
                    Standing standing = ledgers.settle(key, asks);
                    return asks.stream().map(ask -> standing).toList();
                },
                timeout.toNanos());
        lease.onBeat(this::settleLeftovers);
    }

    Answer hold(Terms terms, Ask ask) {
        try {
            lease.ensure();
            return holds.ask(terms, ask);
        } catch (StoreException e) {
            later(new Unsettled(terms.key(), new Ask(ask.id(), 0), 2));
            throw e;
        }
    }

    Standing settle(Ledgers.Key key, Ask ask) {
        try {
            return settlements.ask(key, ask);
        } catch (StoreException e) {
            later(new Unsettled(key, ask, 1));
            throw e;
        }
    }

    /** Whether an id still holds what it held, asked after the lease was made sure of. */
    boolean holds(String id) {
        lease.ensure();
        return lease.neverLost() || ledgers.holds(id);
    }

    private List<Answer> hold(Terms terms, List<Ask> asks) {
        List<@Nullable Answer> answers = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < asks.size(); i++) {
            answers.add(null);
            open.add(i);
        }
        long free = Long.MAX_VALUE;
        boolean reaped = false;
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            List<Integer> chosen = fitting(open, asks, free);
            Outcome outcome = ledgers.hold(terms, chosen.stream().map(asks::get).toList(), lease.node());
            Standing standing = outcome.standing();
            free = terms.limit() - standing.used() - standing.held();
            if (!outcome.held().isEmpty()) {
                for (int i : chosen) {
                    answers.set(
                            i,
                            new Answer(
                                    true,
                                    outcome.held().getOrDefault(asks.get(i).id(), 0L),
                                    standing));
                }
                open.removeAll(chosen);
            }
            boolean inPeriod = standing.now() >= terms.start() && standing.now() < terms.end();
            if (inPeriod
                    && outcome.stale()
                    && !reaped
                    && fitting(open, asks, free).isEmpty()) {
                reaped = reap(terms.key());
                free = reaped ? Long.MAX_VALUE : free;
            }
            if (open.isEmpty() || !inPeriod || fitting(open, asks, free).isEmpty()) {
                open.forEach(i -> answers.set(i, new Answer(false, 0, standing)));
                return List.copyOf(answers);
            }
        }
        throw new StoreException("other nodes were faster " + MAX_ATTEMPTS + " times");
    }

    private boolean reap(Ledgers.Key key) {
        lease.reap();
        return ledgers.reap(key) > 0;
    }

    /** Those that fit together, the first first; each id once, for a statement can change its row only once. */
    private static List<Integer> fitting(List<Integer> open, List<Ask> asks, long free) {
        List<Integer> chosen = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        long left = free;
        for (int i : open) {
            if (asks.get(i).units() <= left && ids.add(asks.get(i).id())) {
                chosen.add(i);
                left -= asks.get(i).units();
            }
        }
        return chosen;
    }

    private void later(Unsettled entry) {
        if (!unsettled.offer(entry)) {
            LOG.error("{} of {} not settled: {} others wait for the database", entry.ask, entry.key, MAX_UNSETTLED);
        }
    }

    /** On the heart's thread, after a renewal, so that the database answers. */
    private void settleLeftovers() {
        List<Unsettled> now = new ArrayList<>();
        unsettled.drainTo(now);
        for (Unsettled entry : now) {
            try {
                ledgers.settle(entry.key, List.of(entry.ask));
                if (entry.times > 1) {
                    later(new Unsettled(entry.key, entry.ask, entry.times - 1));
                }
            } catch (StoreException e) {
                later(entry);
                LOG.warn("{} of {} not settled; it is tried again", entry.ask, entry.key, e);
            }
        }
    }
}
