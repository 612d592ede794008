package dev.postern.internal.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.postern.spi.NonBlocking;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reservation;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * Counts in this process. An account's ledger is forgotten when nothing was asked of it for longer than any period
 * lasts; a reservation that was never settled returns after an hour, for no message takes that long.
 */
final class InProcessQuotaStore implements QuotaStore, NonBlocking {

    private static final long LEDGER_LIFE_NANOS = Duration.ofDays(32).toNanos();
    private static final long RESERVATION_LIFE_NANOS = Duration.ofHours(1).toNanos();

    private record Key(String account, QuotaPlan.Unit unit) {
        private Key(String account, QuotaPlan plan) {
            this(Objects.requireNonNull(account, "account"), plan.unit());
        }
    }

    private record Held(long units, long expires) {}

    /** An account's period. Only touched inside of the map's atomic operations. */
    private static final class Ledger {
        private Instant periodStart = Instant.MIN;
        private long used;
        private long reserved;

        /** Whichever was renewed last is the last, so that the first is the first to expire. */
        private final Map<String, Held> reservations = new LinkedHashMap<>(16, 0.75f, true);

        /** Reservations stay through the turn of a period, and do not count for the new one. */
        private void turnTo(Instant start) {
            if (start.isAfter(periodStart)) {
                periodStart = start;
                used = 0;
                reserved = 0;
                reservations.clear();
            }
        }

        private void expire(long now) {
            for (Iterator<Held> oldest = reservations.values().iterator(); oldest.hasNext(); ) {
                Held held = oldest.next();
                if (now - held.expires < 0) {
                    return;
                }
                oldest.remove();
                reserved -= held.units;
            }
        }

        private long settle(Reservation reservation) {
            if (!reservation.periodStart().equals(periodStart)) {
                return 0; // of a period that is over: nothing of it is counted any more
            }
            Held held = reservations.remove(reservation.id());
            if (held == null) {
                return 0;
            }
            reserved -= held.units;
            return held.units;
        }
    }

    private final RelayClock clock;
    private final ConcurrentMap<Key, Ledger> ledgers;

    InProcessQuotaStore(RelayClock clock) {
        this.clock = clock;
        Cache<Key, Ledger> cache = Caffeine.newBuilder()
                .ticker(clock::nanoTime)
                .executor(Runnable::run)
                .expireAfter(Expiry.<Key, Ledger>accessing((account, ledger) -> Duration.ofNanos(LEDGER_LIFE_NANOS)))
                .build();
        ledgers = cache.asMap();
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        QuotaDecision[] decision = new QuotaDecision[1];
        ledgers.compute(new Key(request.account(), request.plan()), (key, existing) -> {
            Ledger ledger = existing == null ? new Ledger() : existing;
            decision[0] = reserve(ledger, request);
            return ledger;
        });
        return decision[0];
    }

    private QuotaDecision reserve(Ledger ledger, QuotaRequest request) {
        Instant now = clock.now();
        QuotaPlan plan = request.plan();
        ledger.turnTo(plan.periodStart(now));
        if (request.units() > plan.limit() - ledger.used - ledger.reserved) {
            ledger.expire(clock.nanoTime());
            if (request.units() > plan.limit() - ledger.used - ledger.reserved) {
                return new QuotaDecision.Exceeded(usage(ledger, plan, now));
            }
        }
        Held before = ledger.reservations.get(request.reservationId());
        long units = request.units() + (before == null ? 0 : before.units);
        ledger.reservations.put(request.reservationId(), new Held(units, clock.nanoTime() + RESERVATION_LIFE_NANOS));
        ledger.reserved += request.units();
        return new QuotaDecision.Granted(
                new Reservation(request.reservationId(), request.account(), plan, units, ledger.periodStart));
    }

    @Override
    public void commit(Reservation reservation) {
        commitAndTell(reservation);
    }

    @Override
    public QuotaUsage commitAndTell(Reservation reservation) {
        return onLedger(reservation.account(), reservation.plan(), ledger -> {
            long held = ledger.settle(reservation);
            ledger.used += Math.min(held, reservation.units());
        });
    }

    @Override
    public void release(Reservation reservation) {
        onLedger(reservation.account(), reservation.plan(), ledger -> ledger.settle(reservation));
    }

    @Override
    public boolean holds(Reservation reservation) {
        Ledger[] found = new Ledger[1];
        boolean[] holds = new boolean[1];
        onLedger(reservation.account(), reservation.plan(), ledger -> {
            found[0] = ledger;
            holds[0] = ledger.reservations.containsKey(reservation.id());
        });
        // of a period that is over, nothing of it is counted any more, and nobody else got its units
        return holds[0] || found[0] != null && reservation.periodStart().isBefore(found[0].periodStart);
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        return onLedger(account, plan, ledger -> {});
    }

    @Override
    public QuotaUsage adjust(QuotaAdjustment adjustment) {
        Key key = new Key(adjustment.account(), adjustment.plan());
        ledgers.putIfAbsent(key, new Ledger());
        return onLedger(
                adjustment.account(), adjustment.plan(), ledger -> ledger.used = adjustment.applyTo(ledger.used));
    }

    /** Does something to the ledger of the current period, where there is one, and returns the usage right after. */
    private QuotaUsage onLedger(String account, QuotaPlan plan, Consumer<Ledger> action) {
        Instant now = clock.now();
        QuotaUsage[] usage = {new QuotaUsage(0, 0, plan.limit(), plan.periodEnd(now))};
        ledgers.computeIfPresent(new Key(account, plan), (key, ledger) -> {
            ledger.turnTo(plan.periodStart(now));
            ledger.expire(clock.nanoTime());
            action.accept(ledger);
            usage[0] = usage(ledger, plan, now);
            return ledger;
        });
        return usage[0];
    }

    private static QuotaUsage usage(Ledger ledger, QuotaPlan plan, Instant now) {
        return new QuotaUsage(ledger.used, ledger.reserved, plan.limit(), plan.periodEnd(now));
    }
}
