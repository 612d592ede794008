package dev.postern.spi;

import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Shared by all deliveries that combine others. */
final class Deliveries {

    private Deliveries() {}

    /**
     * Picks the result to report when the first delivery did not take the message: the one that got further, and a
     * temporary failure over a missing extension.
     */
    static DeliveryResult further(DeliveryResult one, DeliveryResult next) {
        if (!next.anotherMayTry()) {
            return next;
        }
        if (one instanceof Rejected lacking) {
            return next instanceof Deferred other ? later(lacking, other) : next;
        }
        if (next instanceof Rejected lacking) {
            return one instanceof Deferred other ? later(lacking, other) : one;
        }
        return isUnreachable(next) ? one : next;
    }

    /** One upstream was reached, so "unreachable" is not why the message cannot go. */
    private static DeliveryResult later(Rejected lacking, Deferred other) {
        return isUnreachable(other)
                ? DeliveryResult.deferred(
                                lacking.upstream(),
                                Reason.TURNED_AWAY,
                                "it lacks what the message needs, and " + other.upstream() + " was not reached: "
                                        + other.detail())
                        .withTook(lacking.took())
                : other;
    }

    private static boolean isUnreachable(DeliveryResult result) {
        return result instanceof Deferred deferred && deferred.reason() == Reason.UNREACHABLE;
    }

    /** The most recipients that every delivery takes. */
    static int maxRecipients(Collection<? extends UpstreamDelivery> deliveries) {
        int fewest = Integer.MAX_VALUE;
        for (UpstreamDelivery delivery : deliveries) {
            fewest = Math.min(fewest, delivery.maxRecipients());
        }
        return fewest;
    }

    /** The most recipients of such a message that every delivery takes. */
    static int maxRecipients(Collection<? extends UpstreamDelivery> deliveries, Identity identity, Envelope envelope) {
        int fewest = Integer.MAX_VALUE;
        for (UpstreamDelivery delivery : deliveries) {
            fewest = Math.min(fewest, delivery.maxRecipients(identity, envelope));
        }
        return fewest;
    }

    /** The first trouble that one of them reports. */
    static Optional<String> trouble(Collection<? extends UpstreamDelivery> deliveries) {
        return deliveries.stream()
                .map(UpstreamDelivery::trouble)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Closes each once, even if listed twice; one that fails to close must not keep the others open. */
    static void close(Collection<? extends UpstreamDelivery> deliveries) {
        Set<UpstreamDelivery> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<UpstreamDelivery> distinct = new ArrayList<>(deliveries);
        distinct.removeIf(delivery -> !seen.add(delivery));
        closeFrom(0, distinct);
    }

    private static void closeFrom(int index, List<UpstreamDelivery> deliveries) {
        if (index < deliveries.size()) {
            try {
                deliveries.get(index).close();
            } finally {
                closeFrom(index + 1, deliveries);
            }
        }
    }
}
