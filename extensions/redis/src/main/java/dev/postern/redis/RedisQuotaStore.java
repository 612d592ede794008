package dev.postern.redis;

import dev.postern.redis.Holdings.Standing;
import dev.postern.redis.Holdings.Terms;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reservation;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * Quota in Redis. A reservation is one script in one round trip; periods turn by the server's clock. What a process had
 * reserved returns when its lease is over (see {@link RedisStores}). Safe for use by several threads.
 */
public final class RedisQuotaStore implements QuotaStore {

    private static final int MAX_TURNS = 5;

    private final Holdings holdings;
    private final RelayClock clock;
    private volatile long aheadMillis; // the server's clock, of this machine's

    RedisQuotaStore(Holdings holdings, RelayClock clock) {
        this.holdings = holdings;
        this.clock = clock;
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        QuotaPlan plan = request.plan();
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            Instant now = estimate();
            long start = plan.periodStart(now).toEpochMilli();
            long end = plan.periodEnd(now).toEpochMilli();
            Holdings.Answer answer = holdings.hold(
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
        throw new StoreException("the clock of Redis jumps");
    }

    @Override
    public void commit(Reservation reservation) {
        commitAndTell(reservation);
    }

    @Override
    public QuotaUsage commitAndTell(Reservation reservation) {
        return settle(reservation, reservation.units());
    }

    @Override
    public void release(Reservation reservation) {
        settle(reservation, 0);
    }

    private QuotaUsage settle(Reservation reservation, long units) {
        QuotaPlan plan = reservation.plan();
        Standing standing = holdings.settle(key(reservation.account(), plan), reservation.id(), units);
        return usage(standing, plan);
    }

    @Override
    public boolean holds(Reservation reservation) {
        return holdings.holds(key(reservation.account(), reservation.plan()), reservation.id());
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        Standing standing = holdings.standing(key(account, plan));
        learn(standing.now());
        return usage(standing, plan);
    }

    @Override
    public QuotaUsage adjust(QuotaAdjustment adjustment) {
        QuotaPlan plan = adjustment.plan();
        Holdings.Key key = key(adjustment.account(), plan);
        Instant now = Instant.ofEpochMilli(holdings.standing(key).now());
        Standing standing = holdings.adjust(
                key, plan.periodStart(now).toEpochMilli(), adjustment.kind().name(), adjustment.units());
        return usage(standing, plan);
    }

    private static QuotaUsage usage(Standing standing, QuotaPlan plan) {
        Instant now = Instant.ofEpochMilli(standing.now());
        boolean current = standing.period() >= plan.periodStart(now).toEpochMilli();
        return new QuotaUsage(
                current ? standing.used() : 0, current ? standing.held() : 0, plan.limit(), plan.periodEnd(now));
    }

    private static Holdings.Key key(String account, QuotaPlan plan) {
        return new Holdings.Key(
                "quota-" + plan.unit().name().toLowerCase(Locale.ROOT), Objects.requireNonNull(account, "account"));
    }

    /** The server's time, by what was last seen of it; the script checks it. */
    private Instant estimate() {
        return clock.now().plusMillis(aheadMillis);
    }

    private void learn(long serverMillis) {
        aheadMillis = serverMillis - clock.now().toEpochMilli();
    }
}
