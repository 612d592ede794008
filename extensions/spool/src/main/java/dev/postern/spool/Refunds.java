package dev.postern.spool;

import dev.postern.spi.Identity;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.Status;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives quota back for what was not delivered. Safe for use by several threads. */
record Refunds(QuotaStore store, Function<Identity, QuotaPlan> plans) {

    private static final Logger LOG = LoggerFactory.getLogger(Refunds.class);

    /**
     * Gives back what recipients that failed have used. Called after that is durable, and so at most once: a process that
     * dies before leaves them counted.
     *
     * @param after the message with what became of its recipients
     */
    void of(Stored after, Collection<Progress> changes, Instant now) {
        long failed =
                changes.stream().filter(one -> one.status() == Status.FAILED).count();
        if (failed == 0 || after.reversePath().address().isEmpty()) { // notices are not counted
            return;
        }
        try {
            QuotaPlan plan = plans.apply(after.identity());
            long units = units(plan, after, failed);
            // what was counted in an earlier period is no part of this one
            if (units > 0 && !plan.periodStart(now).isAfter(after.received())) {
                store.adjust(new QuotaAdjustment(
                        after.account(),
                        plan,
                        QuotaAdjustment.Kind.ADD,
                        -units,
                        "the spool: message " + after.id() + " was not delivered"));
            }
        } catch (RuntimeException e) {
            LOG.error("The quota of message {} was not given back", after.id(), e);
        }
    }

    /** What is counted once for all recipients is given back when none of them has it. */
    private static long units(QuotaPlan plan, Stored after, long failed) {
        if (plan.isUnlimited()) {
            return 0;
        }
        boolean all = after.recipients().stream().allMatch(one -> one.status() == Status.FAILED);
        return switch (plan.unit()) {
            case RECIPIENTS -> failed;
            case MESSAGES -> all ? 1 : 0;
            case OCTETS -> all ? after.size() : 0;
        };
    }
}
