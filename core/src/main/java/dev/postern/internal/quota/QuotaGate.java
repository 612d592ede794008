package dev.postern.internal.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.reply.Printable;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reservation;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds an account's quota for a message while its envelope grows. */
public final class QuotaGate {

    private static final Logger LOG = LoggerFactory.getLogger(QuotaGate.class);
    private static final int[] THRESHOLDS = {80, 100};
    private static final int MAX_PLANS = 100_000;

    private final Guarded<QuotaStore> store;
    private final QuotaPlan defaultPlan;
    private final RelayListener listener;
    private final LongAdder granted = new LongAdder();
    private final LongAdder exceeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Cache<String, QuotaPlan> plans =
            Caffeine.newBuilder().maximumSize(MAX_PLANS).executor(Runnable::run).build();

    public QuotaGate(Guarded<QuotaStore> store, QuotaPlan defaultPlan, RelayListener listener) {
        this.store = store;
        this.defaultPlan = defaultPlan;
        this.listener = listener;
    }

    /** The default store, of this process, which forgets when the process ends. */
    public static QuotaStore inProcessStore(RelayClock clock) {
        return new InProcessQuotaStore(clock);
    }

    /** Counts in this process, in place of refusing, while the host's store does not answer, and tells it later. */
    public static QuotaStore degrading(Guarded<QuotaStore> shared, RelayClock clock) {
        return new DegradingQuotaStore(shared, new InProcessQuotaStore(clock));
    }

    /** The plan that an account's last message here was counted by, else the default. */
    public QuotaPlan planOf(String account) {
        QuotaPlan plan = plans.getIfPresent(CanonicalName.ofAccount(account));
        return plan == null ? defaultPlan : plan;
    }

    /** How much an account has used; empty when the store does not answer. */
    public Optional<QuotaUsage> usage(String account, QuotaPlan plan) {
        String name = CanonicalName.ofAccount(account);
        return store.call(counts -> counts.usage(name, plan));
    }

    /** Changes what counts as used. Returns the usage right after; empty when the store does not answer or cannot. */
    public Optional<QuotaUsage> adjust(QuotaAdjustment given) {
        QuotaAdjustment adjustment = new QuotaAdjustment(
                CanonicalName.ofAccount(given.account()), given.plan(), given.kind(), given.units(), given.by());
        Optional<QuotaUsage> usage = store.call(counts -> counts.adjust(adjustment));
        usage.ifPresent(now -> tell(RelayEvent.QuotaAdjusted.of(adjustment, now)));
        return usage;
    }

    /** What came of the wishes to reserve. */
    public RelayFigures.Reservations reservations() {
        return new RelayFigures.Reservations(granted.sum(), exceeded.sum(), failed.sum());
    }

    /**
     * Begins a message.
     *
     * @param messageId unique for each message
     * @param declaredSize what MAIL said of the message's octets (RFC 1870), 0 when it said nothing
     * @return what the message holds, to be closed at its end
     */
    public QuotaHold open(Identity identity, String messageId, long declaredSize) {
        QuotaPlan plan = identity.limits().quota().orElse(defaultPlan);
        if (!plan.equals(defaultPlan) || plans.getIfPresent(identity.account()) != null) {
            plans.put(identity.account(), plan);
        }
        return new QuotaHold(identity.account(), plan, messageId, Math.max(1, declaredSize));
    }

    /** Tells of each threshold that these units brought the account to. */
    private void tellThresholds(String account, QuotaPlan plan, QuotaUsage usage, long units) {
        for (int percent : THRESHOLDS) {
            long mark = plan.isUnlimited() ? Long.MAX_VALUE : (long) Math.ceil(plan.limit() * (percent / 100.0));
            if (usage.used() >= mark && usage.used() - units < mark) {
                tell(RelayEvent.QuotaThreshold.of(account, plan, usage, percent));
            }
        }
    }

    /** For a grant that came too late: its message was refused, or counted by another store. */
    static void giveBack(QuotaStore store, QuotaDecision late) {
        if (late instanceof QuotaDecision.Granted granted) {
            store.release(granted.reservation());
        }
    }

    private void tell(RelayEvent event) {
        LOG.info("{}", Printable.of(event));
        PluginGuard.tell(listener, event);
    }

    /** What one message holds. Used by one thread at a time. */
    public final class QuotaHold implements AutoCloseable {

        private final String account;
        private final QuotaPlan plan;
        private final String messageId;
        private long octets;
        private @Nullable Reservation held;
        private boolean lost; // a grant may still come, and is then given back with all that this message holds

        private QuotaHold(String account, QuotaPlan plan, String messageId, long octets) {
            this.account = account;
            this.plan = plan;
            this.messageId = messageId;
            this.octets = octets;
        }

        /**
         * Makes sure that the message may have so many recipients. MAIL asks for one, so that it is refused when
         * nothing is left, and the first RCPT finds it there.
         *
         * @param recipients how many in all, 1 or more
         */
        public Verdict cover(int recipients) {
            return plan.isUnlimited() ? Verdict.proceed() : hold(units(recipients));
        }

        /**
         * Makes sure, right before the message is sent, that its units are still held, and covers its octets.
         *
         * @param recipients how many in all, 1 or more
         */
        public Verdict confirm(int recipients, long size) {
            octets = Math.max(1, size);
            if (plan.isUnlimited()) {
                return Verdict.proceed();
            }
            Verdict verdict = hold(units(recipients));
            Reservation reservation = held;
            if (!(verdict instanceof Verdict.Proceed) || reservation == null) {
                return verdict;
            }
            Optional<Boolean> holds = store.call(counts -> counts.holds(reservation));
            if (holds.isEmpty()) {
                return Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            if (holds.get()) {
                return Verdict.proceed();
            }
            LOG.warn("quota of message {} was given to others, reserving it anew", messageId);
            held = null;
            if (!store.settle(counts -> counts.release(reservation))) { // it may yet take what is reserved by then
                return Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            return hold(units(recipients));
        }

        /**
         * Turns what the upstream accepted into used units, and gives the rest back. Without limit there is nothing to
         * hold, so units are counted here alone.
         */
        public void commit(int recipients) {
            long units = units(recipients);
            Reservation reservation = held;
            held = null;
            Optional<QuotaUsage> usage = Optional.empty();
            try {
                if (reservation != null) {
                    usage = store.callToSettle(counts -> counts.commitAndTell(reservation.withUnits(units)));
                } else if (plan.isUnlimited()) {
                    usage = store.call(counts -> count(counts, units));
                }
            } catch (Error e) { // it would end the session, and the client would send the message again
                LOG.error("{} failed", store.name(), Printable.failure(e));
            }
            if (usage.isEmpty()) {
                // the upstream has the message, so the client must be told so; the store will count it too low
                LOG.error("quota of message {} not committed: {} units", messageId, units);
            } else {
                tellThresholds(account, plan, usage.get(), units);
            }
        }

        /** Gives everything back that is not committed; a second time does nothing. */
        @Override
        public void close() {
            Reservation reservation = held;
            if (reservation != null) {
                held = null;
                store.settle(counts -> counts.release(reservation));
            }
        }

        private Verdict hold(long units) {
            if (lost) {
                return Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            long missing = units - (held == null ? 0 : held.units());
            if (missing <= 0) {
                return Verdict.proceed();
            }
            QuotaRequest request = QuotaRequest.of(messageId, account, plan, missing);
            Optional<QuotaDecision> decision = store.call(counts -> counts.reserve(request), QuotaGate::giveBack);
            if (decision.isEmpty()) {
                lost = true;
                failed.increment();
                return Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            if (decision.get() instanceof QuotaDecision.Granted grant) {
                held = grant.reservation();
                granted.increment();
                return Verdict.proceed();
            }
            exceeded.increment();
            return Verdict.refuse(StandardReply.QUOTA_EXCEEDED);
        }

        private QuotaUsage count(QuotaStore counts, long units) {
            QuotaDecision decision = counts.reserve(QuotaRequest.of(messageId, account, plan, units));
            return decision instanceof QuotaDecision.Granted granted
                    ? counts.commitAndTell(granted.reservation())
                    : ((QuotaDecision.Exceeded) decision).usage();
        }

        private long units(int recipients) {
            return switch (plan.unit()) {
                case RECIPIENTS -> recipients;
                case MESSAGES -> 1;
                case OCTETS -> octets;
            };
        }
    }
}
