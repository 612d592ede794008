package dev.postern.spi;

import java.util.List;
import java.util.Optional;

/** Tries deliveries in order until one of them takes the message. */
final class OrderedDelivery implements UpstreamDelivery {

    private final List<UpstreamDelivery> deliveries;

    OrderedDelivery(List<? extends UpstreamDelivery> deliveries) {
        if (deliveries.isEmpty()) {
            throw new IllegalArgumentException("deliveries must not be empty");
        }
        this.deliveries = List.copyOf(deliveries);
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        DeliveryResult result = deliveries.get(0).deliver(submission);
        for (int next = 1; next < deliveries.size() && result.anotherMayTry(); next++) {
            result = Deliveries.further(result, deliveries.get(next).deliver(submission));
        }
        return result;
    }

    /** The fewest: any of them may get the message. */
    @Override
    public int maxRecipients() {
        return Deliveries.maxRecipients(deliveries);
    }

    @Override
    public int maxRecipients(Identity identity, Envelope envelope) {
        return Deliveries.maxRecipients(deliveries, identity, envelope);
    }

    @Override
    public Optional<String> trouble() {
        return Deliveries.trouble(deliveries);
    }

    @Override
    public void close() {
        Deliveries.close(deliveries);
    }

    @Override
    public String toString() {
        return deliveries.toString();
    }
}
