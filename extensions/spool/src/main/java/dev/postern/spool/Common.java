package dev.postern.spool;

import dev.postern.spi.MessageSigner;
import dev.postern.spi.RelayClock;
import dev.postern.spi.UpstreamDelivery;
import org.jspecify.annotations.Nullable;

/** What the parts of a spool share. */
record Common(
        Tables tables,
        SpoolSettings settings,
        UpstreamDelivery next,
        RelayClock clock,
        SpoolEvents events,
        @Nullable MessageSigner signer) {

    long nowMillis() {
        return clock.now().toEpochMilli();
    }
}
