package dev.postern.internal.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginFailure;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts in this process while the shared store does not answer, from what was last seen of it, and tells it what was
 * used before it is asked for that account's units again: what was sent meanwhile is not granted once more. A message
 * that began with the one store does not go on with the other.
 */
final class DegradingQuotaStore implements QuotaStore {

    private static final int MAX_SEEN = 100_000;

    private record Count(String account, QuotaPlan plan) {}

    private final Guarded<QuotaStore> shared;
    private final QuotaStore local;
    private final Set<String> sharedIds = ConcurrentHashMap.newKeySet(); // as many as there are messages in flight
    private final Set<String> localIds = ConcurrentHashMap.newKeySet();
    private final Map<Count, Long> unreported = new ConcurrentHashMap<>();
    private final Set<Count> telling = ConcurrentHashMap.newKeySet(); // of unreported
    private final Cache<Count, QuotaUsage> seen =
            Caffeine.newBuilder().maximumSize(MAX_SEEN).executor(Runnable::run).build();
    private final String process = UUID.randomUUID().toString();
    private final AtomicLong reports = new AtomicLong();

    DegradingQuotaStore(Guarded<QuotaStore> shared, QuotaStore local) {
        this.shared = shared;
        this.local = local;
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        Count count = new Count(request.account(), request.plan());
        if (!localIds.contains(request.reservationId())
                && (report(count) || sharedIds.contains(request.reservationId()))) {
            Optional<QuotaDecision> decision = shared.call(store -> store.reserve(request), QuotaGate::giveBack);
            if (decision.isPresent()) {
                if (decision.get() instanceof QuotaDecision.Exceeded exceeded) {
                    seen.put(count, exceeded.usage());
                } else {
                    sharedIds.add(request.reservationId());
                }
                return decision.get();
            }
        }
        if (sharedIds.contains(request.reservationId())) {
            throw new IllegalStateException("the store was lost in the middle of a message");
        }
        goOnFromLastSeen(count);
        QuotaDecision decision = local.reserve(request);
        if (decision instanceof QuotaDecision.Granted) {
            localIds.add(request.reservationId());
        }
        return decision;
    }

    /** One thread does it, and the others wait for that: else they would be granted what is used already. */
    private void goOnFromLastSeen(Count count) {
        seen.asMap().computeIfPresent(count, (same, last) -> {
            if (last.periodEnd().equals(local.usage(count.account, count.plan).periodEnd())) {
                long used = last.used() + unreported.getOrDefault(count, 0L); // it may be seen after the store was lost
                adjustLocal(count, QuotaAdjustment.Kind.SET, used, "last seen of the shared store");
            }
            return null; // forgotten when taken: later on this store's own count is the higher one
        });
    }

    private void adjustLocal(Count count, QuotaAdjustment.Kind kind, long units, String why) {
        local.adjust(new QuotaAdjustment(count.account, count.plan, kind, units, why));
    }

    @Override
    public void commit(Reservation reservation) {
        commitAndTell(reservation);
    }

    @Override
    public QuotaUsage commitAndTell(Reservation reservation) {
        Count count = new Count(reservation.account(), reservation.plan());
        if (localIds.remove(reservation.id())) {
            boolean first = unreported.merge(count, reservation.units(), Long::sum) == reservation.units();
            if (first) {
                shared.whenItAnswers(() -> reportOwed(count));
            }
            return local.commitAndTell(reservation);
        }
        sharedIds.remove(reservation.id());
        Optional<QuotaUsage> usage = shared.callToSettle(store -> store.commitAndTell(reservation));
        if (usage.isEmpty()) {
            countLocally(count, reservation);
            throw new PluginFailure(shared.name());
        }
        seen.put(count, usage.get());
        return usage.get();
    }

    /** What is granted without the shared store must not be what was granted by it. */
    private void countLocally(Count count, Reservation reservation) {
        goOnFromLastSeen(count);
        Instant end = count.plan.periodEnd(reservation.periodStart());
        if (end.equals(local.usage(count.account, count.plan).periodEnd())) {
            adjustLocal(count, QuotaAdjustment.Kind.ADD, reservation.units(), "granted by the shared store");
        }
    }

    @Override
    public void release(Reservation reservation) {
        if (localIds.remove(reservation.id())) {
            local.release(reservation);
        } else {
            sharedIds.remove(reservation.id());
            if (!shared.settle(store -> store.release(reservation))) {
                throw new PluginFailure(shared.name());
            }
        }
    }

    @Override
    public boolean holds(Reservation reservation) {
        return localIds.contains(reservation.id()) || shared.require(store -> store.holds(reservation));
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        return report(new Count(account, plan))
                ? shared.call(store -> store.usage(account, plan)).orElseGet(() -> local.usage(account, plan))
                : local.usage(account, plan);
    }

    @Override
    public QuotaUsage adjust(QuotaAdjustment adjustment) {
        return shared.require(store -> store.adjust(adjustment));
    }

    /**
     * Brings to the shared store what was used without it; true when it knows everything. While one thread does so, messages
     * of others begin without the store, which would grant them what is used already.
     */
    private boolean report(Count count) {
        if (!unreported.containsKey(count)) {
            return true;
        }
        if (!telling.add(count)) {
            return false;
        }
        try {
            Long units = unreported.get(count);
            return units == null || tell(count, units);
        } finally {
            telling.remove(count);
        }
    }

    /** For an account that sends nothing more: nobody would tell of it before the relay ends. */
    private boolean reportOwed(Count count) {
        boolean left = !report(count) && unreported.containsKey(count);
        if (left) {
            shared.whenItAnswers(() -> reportOwed(count));
        }
        return !left;
    }

    /**
     * Lends it to this relay first: from then on the store settles it, sooner or later, as a message's units. Told once more
     * because the answer to the whole was lost, it would count twice.
     */
    private boolean tell(Count count, long units) {
        QuotaPlan unlimited = count.plan.withLimit(Long.MAX_VALUE); // it is sent already, whatever the quota says
        // no other process's: all tell when the store is back, and JVMs that run the same give the same identity hashes
        String id = "told-" + process + "-" + reports.incrementAndGet();
        Optional<QuotaDecision> lent = shared.call(
                store -> store.reserve(QuotaRequest.of(id, count.account, unlimited, units)), QuotaGate::giveBack);
        if (lent.isEmpty()) {
            return false;
        }
        boolean all = isAll(count, units);
        Optional<QuotaUsage> usage = lent.get() instanceof QuotaDecision.Granted granted
                ? shared.callToSettle(store -> store.commitAndTell(granted.reservation()))
                : shared.call(store -> store.usage(count.account, unlimited));
        usage.ifPresent(now -> seen.put(count, now)); // no sooner: it would be added to what it has in it
        return all;
    }

    /** What others have used meanwhile is told the next time. */
    private boolean isAll(Count count, long told) {
        return unreported.computeIfPresent(count, (same, now) -> now == told ? null : Long.valueOf(now - told)) == null;
    }
}
