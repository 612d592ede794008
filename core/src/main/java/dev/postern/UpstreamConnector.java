package dev.postern;

import dev.postern.spi.UpstreamDelivery;

/** Makes deliveries of upstreams for the relay that is being started, with its clock and its host name. */
@FunctionalInterface
public interface UpstreamConnector {

    /**
     * Makes the delivery to an upstream.
     *
     * @param upstream where to
     * @return the delivery, with its own connections, circuit breaker and limits; for the same object the same one, so that
     *     an upstream can be part of several routes. The relay closes it
     * @throws IllegalStateException when the relay has been started already
     */
    UpstreamDelivery to(Upstream upstream);
}
