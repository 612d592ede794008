package dev.postern.spring;

import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import org.jspecify.annotations.Nullable;

/** Puts a spool in front of the upstreams, where the application has one. */
interface SpoolInFront {

    /** What the relay has that the spool needs as well. */
    record Context(
            RelayListener listener,
            RelayClock clock,
            @Nullable MessageSigner signer) {}

    /** Opens the spool for a relay that is starting, which closes it when it has stopped. */
    UpstreamDelivery before(UpstreamDelivery next, Context context);

    /** {@return what refuses MAIL while the spool is full} */
    EnvelopePolicy capacity();
}
