package dev.postern.redis;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process holds of ledgers, each hold with a lease of its own that the heart renews. What could not be settled,
 * or may have been held by a request whose answer was lost, is settled with the next heartbeats. Safe for use by several
 * threads.
 */
final class Holdings implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);
    private static final int BEATS = 3;
    private static final int MAX_UNSETTLED = 100_000;
    private static final int MAX_IDS = 500;

    /** A ledger's key. */
    record Key(String kind, String name) {
        private List<String> keys() {
            String tag = "postern:{" + kind + ":" + name + "}";
            return List.of(tag, tag + ":units", tag + ":leases");
        }

        /** A session is there, whatever became of its lease; a reservation that was lost is not. */
        private boolean heldAgain() {
            return kind.startsWith("session-");
        }
    }

    /** What may be held: up to a limit, within a period of the server's clock. */
    record Terms(Key key, long start, long end, long limit) {}

    /** How a ledger stands, and the server's time. */
    record Standing(long now, long period, long used, long held) {
        private static Standing of(List<Long> answer) {
            return new Standing(answer.get(0), answer.get(1), answer.get(2), answer.get(3));
        }
    }

    /** Whether units were held; how many the id holds in all; how the ledger stands. */
    record Answer(boolean granted, long held, Standing standing) {}

    /** What an id of this process holds, and how long surely, by this process's monotonic clock. */
    private record Held(long units, long sureUntil) {}

    /** What to settle later, so many times: a lost request may be done by the server after it was given up. */
    private record Unsettled(Key key, String id, long units, int times) {}

    private final Redis redis;
    private final Duration lease;
    private final RelayClock clock;
    private final Map<Key, Map<String, Held>> mine = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Unsettled> unsettled = new LinkedBlockingQueue<>(MAX_UNSETTLED);
    private final ScheduledThreadPoolExecutor heart;

    Holdings(Redis redis, Duration lease, RelayClock clock) {
        this.redis = redis;
        this.lease = lease;
        this.clock = clock;
        heart = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "postern-redis-heart");
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, lease.toMillis() / BEATS);
        Future<?> unused = heart.scheduleWithFixedDelay(this::beat, period, period, TimeUnit.MILLISECONDS);
    }

    Answer hold(Terms terms, String id, long units) {
        long asked = clock.nanoTime();
        List<Long> answer;
        try {
            answer = redis.run(
                    Script.HOLD,
                    terms.key.keys(),
                    Long.toString(terms.start),
                    Long.toString(terms.end),
                    terms.limit == Long.MAX_VALUE ? "-1" : Long.toString(terms.limit),
                    Long.toString(lease.toMillis()),
                    id,
                    Long.toString(units));
        } catch (StoreException e) {
            forget(terms.key, id);
            later(new Unsettled(terms.key, id, 0, 2));
            throw e;
        }
        long held = answer.get(4);
        if (held > 0) {
            remember(terms.key, id, new Held(held, asked + lease.toNanos()));
        }
        return new Answer(held > 0, held, Standing.of(answer));
    }

    /** Ends a hold: so many units become used; 0 gives everything back. */
    Standing settle(Key key, String id, long units) {
        // first forgotten, so that a heartbeat that is on its way arrives before and not after
        forget(key, id);
        try {
            return Standing.of(redis.run(Script.SETTLE, key.keys(), id, Long.toString(units)));
        } catch (StoreException e) {
            later(new Unsettled(key, id, units, 1));
            throw e;
        }
    }

    Standing standing(Key key) {
        return Standing.of(redis.run(Script.STANDING, key.keys()));
    }

    Standing adjust(Key key, long start, String kind, long units) {
        return Standing.of(redis.run(Script.ADJUST, key.keys(), Long.toString(start), kind, Long.toString(units)));
    }

    /** Whether an id still holds what it held; asks the server only when its lease may be over soon. */
    boolean holds(Key key, String id) {
        Held held = mine.getOrDefault(key, Map.of()).get(id);
        if (held == null) {
            return false;
        }
        long now = clock.nanoTime();
        if (held.sureUntil - now > lease.toNanos() / 2) {
            return true;
        }
        List<Long> lost = redis.run(
                Script.RENEW, key.keys(), Long.toString(lease.toMillis()), "0", id, Long.toString(held.units));
        if (lost.isEmpty()) {
            remember(key, id, new Held(held.units, now + lease.toNanos()));
        }
        return lost.isEmpty();
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

    private void beat() {
        try {
            for (Key key : mine.keySet()) {
                renew(key);
            }
            settleLeftovers();
        } catch (RuntimeException e) {
            LOG.warn("leases not renewed; it is tried again", e);
        }
    }

    private void renew(Key key) {
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
                        new ArrayList<>(List.of(Long.toString(lease.toMillis()), key.heldAgain() ? "1" : "0"));
                some.addAll(arguments.subList(i, Math.min(i + 2 * MAX_IDS, arguments.size())));
                answers.add(redis.begin(Script.RENEW, key.keys(), some.toArray(String[]::new)));
            }
            return holds;
        });
        for (int i = 0; i < answers.size(); i++) {
            List<String> some = ids.subList(i * MAX_IDS, Math.min((i + 1) * MAX_IDS, ids.size()));
            renewed(key, some, redis.await(answers.get(i)), asked);
        }
    }

    private void renewed(Key key, List<String> ids, List<Long> lost, long asked) {
        if (!lost.isEmpty()) {
            LOG.warn("{} leases of {} had ended", lost.size(), key.kind);
        }
        mine.computeIfPresent(key, (same, holds) -> {
            for (int place = 1; place <= ids.size(); place++) {
                boolean gone = lost.contains((long) place) && !key.heldAgain();
                holds.computeIfPresent(
                        ids.get(place - 1), (id, held) -> gone ? null : new Held(held.units, asked + lease.toNanos()));
            }
            return holds.isEmpty() ? null : holds;
        });
    }

    private void later(Unsettled entry) {
        if (!unsettled.offer(entry)) {
            LOG.error("{} not settled: {} others wait for Redis", entry, MAX_UNSETTLED);
        }
    }

    private void settleLeftovers() {
        List<Unsettled> now = new ArrayList<>();
        unsettled.drainTo(now);
        for (Unsettled entry : now) {
            try {
                redis.run(Script.SETTLE, entry.key.keys(), entry.id, Long.toString(entry.units));
                if (entry.times > 1) {
                    later(new Unsettled(entry.key, entry.id, entry.units, entry.times - 1));
                }
            } catch (StoreException e) {
                later(entry);
                LOG.warn("{} not settled; it is tried again", entry, e);
            }
        }
    }

    void stopHeart() {
        heart.shutdownNow();
    }

    /** Gives back what is still held. */
    @Override
    public void close() {
        stopHeart();
        try {
            for (Map.Entry<Key, Map<String, Held>> ledger : mine.entrySet()) {
                for (String id : ledger.getValue().keySet()) {
                    redis.run(Script.SETTLE, ledger.getKey().keys(), id, "0");
                }
            }
        } catch (StoreException e) {
            LOG.warn("not everything was given back; it returns by itself within {}", lease, e);
        }
    }
}
