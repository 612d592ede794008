package dev.postern.spi;

import java.util.List;

/** Tries deliveries in order until one can be reached. */
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
        int last = deliveries.size() - 1;
        for (int i = 0; i < last; i++) {
            DeliveryResult result = deliveries.get(i).deliver(submission);
            if (!(result instanceof DeliveryResult.Deferred deferred
                    && deferred.reason() == DeliveryResult.Reason.UNREACHABLE)) {
                return result;
            }
        }
        return deliveries.get(last).deliver(submission);
    }

    @Override
    public void close() {
        closeFrom(0);
    }

    /** One that cannot be closed must not keep the others open. */
    private void closeFrom(int index) {
        if (index < deliveries.size()) {
            try {
                deliveries.get(index).close();
            } finally {
                closeFrom(index + 1);
            }
        }
    }
}
