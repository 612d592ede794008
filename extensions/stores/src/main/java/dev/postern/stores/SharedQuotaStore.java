package dev.postern.stores;

import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reservation;
import dev.postern.stores.Ledgers.Standing;
import dev.postern.stores.Ledgers.Terms;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * Counts quota in ledgers that several processes share. A reservation is one request to the engine, which decides;
 * periods follow the engine's clock. A process's reservations are freed when its lease expires. Thread-safe.
 */
public abstract class SharedQuotaStore implements QuotaStore {

    private static final int MAX_TURNS = 5;

    private final Holdings holdings;
    private final RelayClock clock;
    private volatile long aheadMillis; // the engine's clock, of this machine's

    /**
     * Creates the store.
     *
     * @param holdings what this process holds
     * @param clock this process's clock
     */
    protected SharedQuotaStore(Holdings holdings, RelayClock clock) {
        this.holdings = holdings;
        this.clock = clock;
    }

    @Override
    public final QuotaDecision reserve(QuotaRequest request) {
        QuotaPlan plan = request.plan();
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            Instant now = estimate();
            long start = plan.periodStart(now).toEpochMilli();
            long end = plan.periodEnd(now).toEpochMilli();
            Ledgers.Answer answer = holdings.hold(
                    new Terms(key(request.account(), plan), start, end, plan.limit()),
                    request.reservationId(),
                    request.units());
            Standing standing = answer.standing();
            learn(standing.now());
            if (answer.granted()) {
                return new QuotaDecision.Granted(new Reservation(
                        request.reservationId(),
                        request.account(),
                        plan,
                        answer.held(),
                        Instant.ofEpochMilli(standing.period())));
            }
            if (standing.now() >= start && standing.now() < end) {
                return new QuotaDecision.Exceeded(usage(standing, plan));
            }
        }
        throw new StoreException("the store's clock jumps");
    }

    @Override
    public final void commit(Reservation reservation) {
        commitAndTell(reservation);
    }

    @Override
    public final QuotaUsage commitAndTell(Reservation reservation) {
        return settle(reservation, reservation.units());
    }

    @Override
    public final void release(Reservation reservation) {
        settle(reservation, 0);
    }

    private QuotaUsage settle(Reservation reservation, long units) {
        QuotaPlan plan = reservation.plan();
        Standing standing = holdings.settle(key(reservation.account(), plan), reservation.id(), units);
        return usage(standing, plan);
    }

    @Override
    public final boolean holds(Reservation reservation) {
        return holdings.holds(key(reservation.account(), reservation.plan()), reservation.id());
    }

    @Override
    public final QuotaUsage usage(String account, QuotaPlan plan) {
        Standing standing = holdings.ledgers().standing(key(account, plan));
        learn(standing.now());
        return usage(standing, plan);
    }

    @Override
    public final QuotaUsage adjust(QuotaAdjustment adjustment) {
        QuotaPlan plan = adjustment.plan();
        Ledgers.Key key = key(adjustment.account(), plan);
        Instant now = Instant.ofEpochMilli(holdings.ledgers().standing(key).now());
        Standing standing = holdings.ledgers().adjust(key, plan.periodStart(now).toEpochMilli(), adjustment);
        return usage(standing, plan);
    }

    private static QuotaUsage usage(Standing standing, QuotaPlan plan) {
        Instant now = Instant.ofEpochMilli(standing.now());
        boolean current = standing.period() >= plan.periodStart(now).toEpochMilli();
        return new QuotaUsage(
                current ? standing.used() : 0, current ? standing.held() : 0, plan.limit(), plan.periodEnd(now));
    }

    private static Ledgers.Key key(String account, QuotaPlan plan) {
        return new Ledgers.Key(
                "quota-" + plan.unit().name().toLowerCase(Locale.ROOT), Objects.requireNonNull(account, "account"));
    }

    /** Estimates the engine's time from what was last seen of it; the engine checks it with each request. */
    private Instant estimate() {
        return clock.now().plusMillis(aheadMillis);
    }

    private void learn(long engineMillis) {
        aheadMillis = engineMillis - clock.now().toEpochMilli();
    }
}
