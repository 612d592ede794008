package dev.postern.spi;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * Distributes messages by weight: smooth weighted round robin, without a lock. A failing delivery's messages go to the
 * others by the same rule, counted separately from their own, so that their shares stay in proportion.
 */
final class WeightedDelivery implements UpstreamDelivery {

    private final List<UpstreamDelivery> deliveries;
    private final Turns first;
    private final List<Turns> insteadOf; // by the one that failed last

    WeightedDelivery(List<Share> shares) {
        if (shares.isEmpty()) {
            throw new IllegalArgumentException("shares must not be empty");
        }
        deliveries = shares.stream().map(Share::delivery).toList();
        int[] weights = shares.stream().mapToInt(Share::weight).toArray();
        first = new Turns(weights);
        insteadOf =
                Stream.generate(() -> new Turns(weights)).limit(weights.length).toList();
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        boolean[] tried = new boolean[deliveries.size()];
        int next = first.next(tried);
        DeliveryResult result = deliveries.get(next).deliver(submission);
        for (int count = 1; count < tried.length && result.anotherMayTry(); count++) {
            tried[next] = true;
            next = insteadOf.get(next).next(tried);
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

    /** Picks the delivery that is furthest behind its share. */
    private static final class Turns {

        private final int[] weights;
        private final AtomicReference<int[]> credits; // replaced, never changed; their sum is 0

        Turns(int[] weights) {
            this.weights = weights;
            this.credits = new AtomicReference<>(new int[weights.length]);
        }

        int next(boolean[] without) {
            while (true) {
                int[] before = Objects.requireNonNull(credits.get());
                int[] after = Arrays.copyOf(before, before.length);
                int chosen = -1;
                int total = 0;
                for (int i = 0; i < after.length; i++) {
                    if (!without[i]) {
                        after[i] += weights[i];
                        total += weights[i];
                        chosen = chosen < 0 || after[i] > after[chosen] ? i : chosen;
                    }
                }
                after[chosen] -= total;
                if (credits.compareAndSet(before, after)) {
                    return chosen;
                }
            }
        }
    }
}
