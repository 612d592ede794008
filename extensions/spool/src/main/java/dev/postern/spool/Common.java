package dev.postern.spool;

import dev.postern.spi.MessageSigner;
import dev.postern.spi.RelayClock;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spool.SpooledMessage.Progress;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What the parts of a spool share. */
record Common(
        Tables tables,
        SpoolSettings settings,
        UpstreamDelivery next,
        RelayClock clock,
        SpoolEvents events,
        Suspensions suspensions,
        @Nullable MessageSigner signer,
        @Nullable Refunds refunds) {

    /** Gives quota back, if that is wanted, for what has failed; after it is durable. */
    void refund(Stored after, Collection<Progress> changes) {
        if (refunds != null) {
            refunds.of(after, changes, clock.now());
        }
    }

    long nowMillis() {
        return clock.now().toEpochMilli();
    }
}
