package dev.postern.testkit.tck;

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
import java.util.HashMap;
import java.util.Map;

/** As plain as a right store can be: one lock around everything. Broken ones override a step. */
class PlainQuotaStore implements QuotaStore, AutoCloseable {

    private record Held(long units, long expires) {}

    private static final class Ledger {
        private Instant period = Instant.MIN;
        private long used;
        private final Map<String, Held> held = new HashMap<>();

        private long reserved() {
            return held.values().stream().mapToLong(Held::units).sum();
        }
    }

    /** What nodes share. */
    static final class Counts {
        private final Map<String, Ledger> ledgers = new HashMap<>();

        void clear() {
            ledgers.clear();
        }
    }

    final Counts counts;
    final RelayClock clock;
    private final Duration life;
    private volatile boolean closed;

    PlainQuotaStore(Counts counts, RelayClock clock, Duration life) {
        this.counts = counts;
        this.clock = clock;
        this.life = life;
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        requireOpen();
        synchronized (counts) {
            QuotaUsage usage = usage(request.account(), request.plan());
            return request.units() > usage.limit() - usage.used() - usage.reserved()
                    ? new QuotaDecision.Exceeded(usage)
                    : hold(request);
        }
    }

    /** Grants whatever is asked for. */
    final QuotaDecision.Granted hold(QuotaRequest request) {
        synchronized (counts) {
            Ledger ledger = ledger(request.account(), request.plan());
            long units = request.units() + held(request);
            ledger.held.put(request.reservationId(), new Held(units, clock.nanoTime() + life.toNanos()));
            return new QuotaDecision.Granted(
                    new Reservation(request.reservationId(), request.account(), request.plan(), units, ledger.period));
        }
    }

    /** What the request's reservation holds already. */
    final long held(QuotaRequest request) {
        synchronized (counts) {
            Held held = ledger(request.account(), request.plan()).held.get(request.reservationId());
            return held == null ? 0 : held.units;
        }
    }

    /** Counts units as used, whatever the limit. */
    final void use(Reservation reservation, long units) {
        synchronized (counts) {
            ledger(reservation.account(), reservation.plan()).used += units;
        }
    }

    /** Takes a reservation away; what it held counts for the period that it was made in. */
    final long settle(Reservation reservation) {
        synchronized (counts) {
            Ledger ledger = ledger(reservation.account(), reservation.plan());
            Held held = ledger.period.equals(reservation.periodStart()) ? ledger.held.remove(reservation.id()) : null;
            return held == null ? 0 : held.units;
        }
    }

    @Override
    public void commit(Reservation reservation) {
        synchronized (counts) {
            use(reservation, Math.min(settle(reservation), reservation.units()));
        }
    }

    @Override
    public void release(Reservation reservation) {
        settle(reservation);
    }

    @Override
    public boolean holds(Reservation reservation) {
        synchronized (counts) {
            return ledger(reservation.account(), reservation.plan()).held.containsKey(reservation.id());
        }
    }

    @Override
    public QuotaUsage adjust(QuotaAdjustment adjustment) {
        synchronized (counts) {
            Ledger ledger = ledger(adjustment.account(), adjustment.plan());
            ledger.used = adjustment.applyTo(ledger.used);
            return usage(adjustment.account(), adjustment.plan());
        }
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        synchronized (counts) {
            Ledger ledger = ledger(account, plan);
            return new QuotaUsage(ledger.used, ledger.reserved(), plan.limit(), plan.periodEnd(clock.now()));
        }
    }

    Instant start(QuotaPlan plan) {
        return plan.periodStart(clock.now());
    }

    String key(String account, QuotaPlan plan) {
        return plan.unit() + " " + account;
    }

    private Ledger ledger(String account, QuotaPlan plan) {
        if (account == null) {
            throw new NullPointerException("account");
        }
        Ledger ledger = counts.ledgers.computeIfAbsent(key(account, plan), name -> new Ledger());
        Instant start = start(plan);
        if (start.isAfter(ledger.period)) {
            ledger.period = start;
            ledger.used = 0;
            ledger.held.clear();
        }
        long now = clock.nanoTime();
        ledger.held.values().removeIf(held -> now - held.expires >= 0);
        return ledger;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
