package dev.postern;

import dev.postern.spi.UpstreamDelivery;

/** Creates deliveries to upstreams for the relay that is being started, with its clock and host name. */
@FunctionalInterface
public interface UpstreamConnector {

    /**
     * Returns the delivery to an upstream.
     *
     * @param upstream the upstream
     * @return the delivery, with its own connections, circuit breaker and limits. The same object always gets the same
     *     delivery, so an upstream can be part of several routes. The relay closes it
     * @throws IllegalStateException when the relay has already been started
     */
    UpstreamDelivery to(Upstream upstream);
}
