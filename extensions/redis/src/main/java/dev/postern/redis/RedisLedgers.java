package dev.postern.redis;

import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.RelayClock;
import dev.postern.stores.Ledgers;
import dev.postern.stores.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ledgers in Redis, and what this process holds of them: each hold has a lease of its own, which the heart renews. Safe
 * for use by several threads.
 */
final class RedisLedgers implements Ledgers {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLedgers.class);
    private static final int MAX_IDS = 500;
    private static final int MAX_KEYS = 500;
    private static final List<String> REVOCATIONS = List.of("postern:revocations");

    /** What an id of this process holds, and how long surely, by this process's monotonic clock. */
    private record Held(long units, long sureUntil) {}

    /** What was asked of one ledger, and when. */
    private record Renewal(Key key, List<String> ids, List<CompletableFuture<List<Long>>> answers, long asked) {}

    private final Redis redis;
    private final Duration lease;
    private final RelayClock clock;
    private final Map<Key, Map<String, Held>> mine = new ConcurrentHashMap<>();

    RedisLedgers(Redis redis, Duration lease, RelayClock clock) {
        this.redis = redis;
        this.lease = lease;
        this.clock = clock;
    }

    @Override
    public Answer hold(Terms terms, String id, long units) {
        long asked = clock.nanoTime();
        List<Long> answer;
        try {
            answer = redis.run(
                    Script.HOLD,
                    keys(terms.key()),
                    Long.toString(terms.start()),
                    Long.toString(terms.end()),
                    terms.limit() == Long.MAX_VALUE ? "-1" : Long.toString(terms.limit()),
                    Long.toString(lease.toMillis()),
                    id,
                    Long.toString(units));
        } catch (StoreException e) {
            forget(terms.key(), id);
            throw e;
        }
        long held = answer.get(4);
        if (held > 0) {
            remember(terms.key(), id, new Held(held, asked + lease.toNanos()));
        }
        return new Answer(held > 0, held, standing(answer));
    }

    @Override
    public Standing settle(Key key, String id, long units) {
        // first forgotten, so that a heartbeat that is on its way arrives before and not after
        forget(key, id);
        return standing(redis.run(Script.SETTLE, keys(key), id, Long.toString(units)));
    }

    @Override
    public Standing standing(Key key) {
        return standing(redis.run(Script.STANDING, keys(key)));
    }

    @Override
    public Standing adjust(Key key, long start, QuotaAdjustment adjustment) {
        return standing(redis.run(
                Script.ADJUST,
                keys(key),
                Long.toString(start),
                adjustment.kind().name(),
                Long.toString(adjustment.units())));
    }

    /** Asks the server only when the hold's lease may be over soon. */
    @Override
    public boolean holds(Key key, String id) {
        Held held = mine.getOrDefault(key, Map.of()).get(id);
        if (held == null) {
            return false;
        }
        long now = clock.nanoTime();
        if (held.sureUntil - now > lease.toNanos() / 2) {
            return true;
        }
        List<Long> lost =
                redis.run(Script.RENEW, keys(key), Long.toString(lease.toMillis()), "0", id, Long.toString(held.units));
        if (lost.isEmpty()) {
            remember(key, id, new Held(held.units, now + lease.toNanos()));
        }
        return lost.isEmpty();
    }

    @Override
    public boolean revoke(Key key) {
        List<Long> done = redis.run(
                Script.REVOKE, REVOCATIONS, key.kind() + ":" + key.name(), Long.toString(REVOKED_KEPT.toMillis()));
        return !done.isEmpty();
    }

    @Override
    public List<Revoked> revoked(Duration within) {
        List<String> answer = redis.runForTexts(Script.REVOKED, REVOCATIONS, Long.toString(within.toMillis()));
        long now = Long.parseLong(answer.get(0));
        List<Revoked> revoked = new ArrayList<>();
        for (int i = 1; i < answer.size(); i += 2) {
            String[] key = answer.get(i).split(":", 2);
            long age = now - (long) Double.parseDouble(answer.get(i + 1));
            revoked.add(new Revoked(new Key(key[0], key[1]), Duration.ofMillis(Math.max(0, age))));
        }
        return revoked;
    }

    /** Of one hash tag, so that a cluster has them in one place. */
    private static List<String> keys(Key key) {
        String tag = "postern:{" + key.kind() + ":" + key.name() + "}";
        return List.of(tag, tag + ":units", tag + ":leases");
    }

    private static Standing standing(List<Long> answer) {
        return new Standing(answer.get(0), answer.get(1), answer.get(2), answer.get(3));
    }

    private void remember(Key key, String id, Held held) {
        mine.compute(key, (same, ids) -> {
            Map<String, Held> known = ids == null ? new ConcurrentHashMap<>() : ids;
            known.put(id, held);
            return known;
        });
    }

    private void forget(Key key, String id) {
        mine.computeIfPresent(key, (same, ids) -> {
            ids.remove(id);
            return ids.isEmpty() ? null : ids;
        });
    }

    /**
     * Renews all leases of this process. What one server of a cluster does not answer keeps none from being renewed that
     * another has: many are asked for before any is waited for, and a failure is thrown when all have been.
     */
    void renew() {
        List<Key> keys = List.copyOf(mine.keySet());
        List<StoreException> failures = new ArrayList<>();
        for (int i = 0; i < keys.size(); i += MAX_KEYS) {
            List<Renewal> asked = keys.subList(i, Math.min(i + MAX_KEYS, keys.size())).stream()
                    .map(this::ask)
                    .toList();
            asked.forEach(renewal -> finish(renewal, failures));
        }
        if (!failures.isEmpty()) {
            throw new StoreException(failures.size() + " renewals failed, the first for this", failures.get(0));
        }
    }

    private Renewal ask(Key key) {
        List<String> ids = new ArrayList<>();
        List<CompletableFuture<List<Long>>> answers = new ArrayList<>();
        long asked = clock.nanoTime();
        mine.computeIfPresent(key, (same, holds) -> {
            List<String> arguments = new ArrayList<>();
            holds.forEach((id, held) -> {
                ids.add(id);
                arguments.add(id);
                arguments.add(Long.toString(held.units));
            });
            for (int i = 0; i < arguments.size(); i += 2 * MAX_IDS) {
                List<String> some =
                        new ArrayList<>(List.of(Long.toString(lease.toMillis()), key.ofSessions() ? "1" : "0"));
                some.addAll(arguments.subList(i, Math.min(i + 2 * MAX_IDS, arguments.size())));
                answers.add(redis.begin(Script.RENEW, keys(key), some.toArray(String[]::new)));
            }
            return holds;
        });
        return new Renewal(key, ids, answers, asked);
    }

    private void finish(Renewal renewal, List<StoreException> failures) {
        for (int i = 0; i < renewal.answers.size(); i++) {
            List<String> some = renewal.ids.subList(i * MAX_IDS, Math.min((i + 1) * MAX_IDS, renewal.ids.size()));
            try {
                renewed(renewal.key, some, redis.await(renewal.answers.get(i)), renewal.asked);
            } catch (StoreException e) {
                failures.add(e);
            }
        }
    }

    private void renewed(Key key, List<String> ids, List<Long> lost, long asked) {
        if (!lost.isEmpty()) {
            LOG.warn("{} leases of {} had ended", lost.size(), key.kind());
        }
        mine.computeIfPresent(key, (same, holds) -> {
            for (int place = 1; place <= ids.size(); place++) {
                boolean gone = lost.contains((long) place) && !key.ofSessions();
                holds.computeIfPresent(
                        ids.get(place - 1), (id, held) -> gone ? null : new Held(held.units, asked + lease.toNanos()));
            }
            return holds.isEmpty() ? null : holds;
        });
    }

    /** Gives back what is still held. */
    void giveBack() {
        try {
            for (Map.Entry<Key, Map<String, Held>> ledger : mine.entrySet()) {
                for (String id : ledger.getValue().keySet()) {
                    settle(ledger.getKey(), id, 0);
                }
            }
        } catch (StoreException e) {
            LOG.warn("not everything was given back; it returns by itself within {}", lease, e);
        }
    }
}
