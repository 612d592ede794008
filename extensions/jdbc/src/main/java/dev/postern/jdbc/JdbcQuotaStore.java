package dev.postern.jdbc;

import dev.postern.jdbc.Ledgers.Ask;
import dev.postern.jdbc.Ledgers.Standing;
import dev.postern.jdbc.Ledgers.Terms;
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
 * Quota in a database. A reservation is one statement, whose lock on the account's row decides; periods turn by the
 * database's clock. What a node had reserved returns when its lease is over (see {@link JdbcStores}). Safe for use by
 * several threads.
 */
public final class JdbcQuotaStore implements QuotaStore {

    private static final int MAX_TURNS = 5;

    private final Ledgers ledgers;
    private final Holdings holdings;
    private final RelayClock clock;
    private volatile long aheadMillis; // the database's clock, of this machine's

    JdbcQuotaStore(Ledgers ledgers, Holdings holdings, RelayClock clock) {
        this.ledgers = ledgers;
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
                    new Ask(request.reservationId(), request.units()));
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
        throw new StoreException("the database's clock jumps");
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
        Standing standing = holdings.settle(key(reservation.account(), plan), new Ask(reservation.id(), units));
        return usage(standing, plan);
    }

    @Override
    public boolean holds(Reservation reservation) {
        return holdings.holds(reservation.id());
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        Standing standing = ledgers.standing(key(account, plan));
        learn(standing.now());
        return usage(standing, plan);
    }

    @Override
    public QuotaUsage adjust(QuotaAdjustment adjustment) {
        QuotaPlan plan = adjustment.plan();
        Ledgers.Key key = key(adjustment.account(), plan);
        Instant now = Instant.ofEpochMilli(ledgers.standing(key).now());
        Standing standing = ledgers.adjust(key, plan.periodStart(now).toEpochMilli(), adjustment::applyTo);
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

    /** The database's time, by what was last seen of it; the statement checks it. */
    private Instant estimate() {
        return clock.now().plusMillis(aheadMillis);
    }

    private void learn(long databaseMillis) {
        aheadMillis = databaseMillis - clock.now().toEpochMilli();
    }
}
