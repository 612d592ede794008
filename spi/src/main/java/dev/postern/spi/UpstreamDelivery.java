package dev.postern.spi;

import java.util.List;

/**
 * Takes messages to where they go. Called on the session's thread, concurrently for different sessions; may block, and
 * bounds its own time, for the client waits (RFC 5321 section 4.5.3.2.6 gives it ten minutes). One that throws or
 * returns null is answered with {@link StandardReply#UPSTREAM_RELAY_FAILED}.
 *
 * <p>Rules: all recipients or none; {@link DeliveryResult.Accepted} only after the other side has taken responsibility
 * (an SMTP server's 250, a queue's commit); nothing is delivered after any other result.
 */
@FunctionalInterface
public interface UpstreamDelivery extends AutoCloseable {

    /**
     * Delivers a message.
     *
     * @param submission the message; its content is freed after this method returns
     * @return what became of it, never null
     */
    DeliveryResult deliver(Submission submission);

    /** Frees connections; called once, when the relay has stopped. Does nothing unless overridden. */
    @Override
    default void close() {}

    /**
     * Tries deliveries in order: the next one only when the one before could not be reached.
     *
     * @param deliveries at least one, the preferred first
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when there is none
     */
    static UpstreamDelivery inOrder(List<? extends UpstreamDelivery> deliveries) {
        return deliveries.size() == 1 ? deliveries.get(0) : new OrderedDelivery(deliveries);
    }
}
