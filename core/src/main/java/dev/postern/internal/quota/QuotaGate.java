package dev.postern.internal.quota;

import dev.postern.internal.reply.PluginGuard;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reservation;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds an account's quota for a message while its envelope grows. */
public final class QuotaGate {

    private static final Logger LOG = LoggerFactory.getLogger(QuotaGate.class);

    private final QuotaStore store;
    private final PluginGuard guard;
    private final QuotaPlan defaultPlan;

    /**
     * Makes the gate.
     *
     * @param store counts what accounts send
     * @param guard stands around the store
     * @param defaultPlan for identities without a plan of their own
     */
    public QuotaGate(QuotaStore store, PluginGuard guard, QuotaPlan defaultPlan) {
        this.store = store;
        this.guard = guard;
        this.defaultPlan = defaultPlan;
    }

    /**
     * The default store.
     *
     * @param clock the relay's clock
     * @return a store of this process, which forgets when the process ends
     */
    public static QuotaStore inProcessStore(RelayClock clock) {
        return new InProcessQuotaStore(clock);
    }

    /**
     * Begins a message.
     *
     * @param identity who sends
     * @param messageId unique for each message
     * @return the message's tab, to be closed at its end
     */
    public Tab open(Identity identity, String messageId) {
        return new Tab(identity.account(), identity.limits().quota().orElse(defaultPlan), messageId);
    }

    /** What one message holds. Used by one thread at a time. */
    public final class Tab implements AutoCloseable {

        private final String account;
        private final QuotaPlan plan;
        private final String messageId;
        private @Nullable Reservation held;

        private Tab(String account, QuotaPlan plan, String messageId) {
            this.account = account;
            this.plan = plan;
            this.messageId = messageId;
        }

        /**
         * Makes sure that the message may have so many recipients. MAIL asks for one, so that it is refused when
         * nothing is left, and the first RCPT finds it there.
         *
         * @param recipients how many in all, 1 or more
         * @return proceed, or the reply
         */
        public Verdict cover(int recipients) {
            long missing = recipients - (held == null ? 0 : held.units());
            if (plan.isUnlimited() || missing <= 0) {
                return Verdict.proceed();
            }
            Optional<QuotaDecision> decision =
                    guard.call("QuotaStore", () -> store.reserve(new QuotaRequest(messageId, account, plan, missing)));
            if (decision.isEmpty()) {
                return Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            if (decision.get() instanceof QuotaDecision.Granted granted) {
                held = granted.reservation();
                return Verdict.proceed();
            }
            return Verdict.refuse(StandardReply.QUOTA_EXCEEDED);
        }

        /**
         * Turns what the upstream accepted into used units, and gives the rest back.
         *
         * @param recipients how many were accepted
         */
        public void commit(int recipients) {
            Reservation reservation = held;
            if (reservation != null) {
                held = null;
                if (!guard.run("QuotaStore", () -> store.commit(reservation.withUnits(recipients)))) {
                    // the upstream has the message, so the client must be told so; the store will count it too low
                    LOG.error("quota of message {} not committed: {} units", messageId, recipients);
                }
            }
        }

        /** Gives everything back that is not committed; a second time does nothing. */
        @Override
        public void close() {
            Reservation reservation = held;
            if (reservation != null) {
                held = null;
                guard.run("QuotaStore", () -> store.release(reservation));
            }
        }
    }
}
