package dev.postern.jdbc;

import dev.postern.jdbc.LedgerRows.Ask;
import dev.postern.jdbc.LedgerRows.Outcome;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.stores.Ledgers;
import dev.postern.stores.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Ledgers in a database. Requests for one ledger that come at the same time share a statement. A hold belongs to this
 * process's lease; when that was lost, places of sessions are taken again. Safe for use by several threads.
 */
final class JdbcLedgers implements Ledgers {

    private static final int MAX_ATTEMPTS = 100;

    private final LedgerRows rows;
    private final Lease lease;
    private final Combiner<Terms, Ask, Answer> holds;
    private final Combiner<Key, Ask, Standing> settlements;
    private final Set<String> reserved = ConcurrentHashMap.newKeySet(); // as many as there are messages in flight
    private final Map<String, Key> places = new ConcurrentHashMap<>(); // as many as there are sessions, three times

    JdbcLedgers(LedgerRows rows, Lease lease, Duration timeout) {
        this.rows = rows;
        this.lease = lease;
        this.holds = new Combiner<>(this::hold, timeout.toNanos());
        this.settlements = new Combiner<>(
                (key, asks) -> {
                    Standing standing = rows.settle(key, asks);
                    return asks.stream().map(ask -> standing).toList();
                },
                timeout.toNanos());
        lease.onLost(this::takeAgain);
    }

    @Override
    public Answer hold(Terms terms, String id, long units) {
        lease.ensure();
        String node = lease.node();
        Answer answer;
        try {
            answer = holds.ask(terms, new Ask(id, units));
        } catch (StoreException e) {
            reserved.remove(id); // it is given back, with what it held before
            throw e;
        }
        if (answer.granted() && terms.key().ofSessions()) {
            places.put(id, terms.key());
            if (!node.equals(lease.node())) { // it may be the former name's, whose places were taken again before
                takeAgain(id);
            }
        } else if (answer.granted()) {
            reserved.add(id);
        }
        return answer;
    }

    @Override
    public Standing settle(Key key, String id, long units) {
        places.remove(id);
        reserved.remove(id);
        return settlements.ask(key, new Ask(id, units));
    }

    @Override
    public boolean holds(Key key, String id) {
        lease.ensure();
        return reserved.contains(id) && (lease.neverLost() || rows.holds(id));
    }

    @Override
    public Standing standing(Key key) {
        return rows.standing(key);
    }

    @Override
    public Standing adjust(Key key, long start, QuotaAdjustment adjustment) {
        return rows.adjust(key, start, adjustment::applyTo);
    }

    @Override
    public boolean revoke(Key key) {
        rows.revoke(key);
        return true;
    }

    @Override
    public List<Revoked> revoked(Duration within) {
        return rows.revoked(within);
    }

    private void takeAgain() {
        places.keySet().forEach(this::takeAgain);
    }

    /** A place that is given back meanwhile waits for this, and then gives back what was taken again. */
    private void takeAgain(String id) {
        places.computeIfPresent(id, (same, key) -> {
            rows.adopt(key, new Ask(id, 1), lease.node());
            return key;
        });
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
            Outcome outcome = rows.hold(terms, chosen.stream().map(asks::get).toList(), lease.node());
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

    private boolean reap(Key key) {
        lease.reap();
        return rows.reap(key) > 0;
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
}
