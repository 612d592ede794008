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

/** What all deliveries that are made of others have in common. */
final class Deliveries {

    private Deliveries() {}

    /**
     * Of two, of which the first did not take it: the client hears of the one that got further. Of one that may take it
     * another time rather than of one that lacks what the message needs.
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

    /** One was reached, so the message cannot go for another reason than that none was. */
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

    /** What each of them takes. */
    static int maxRecipients(Collection<? extends UpstreamDelivery> deliveries) {
        int fewest = Integer.MAX_VALUE;
        for (UpstreamDelivery delivery : deliveries) {
            fewest = Math.min(fewest, delivery.maxRecipients());
        }
        return fewest;
    }

    /** What each of them takes of such a message. */
    static int maxRecipients(Collection<? extends UpstreamDelivery> deliveries, Identity identity, Envelope envelope) {
        int fewest = Integer.MAX_VALUE;
        for (UpstreamDelivery delivery : deliveries) {
            fewest = Math.min(fewest, delivery.maxRecipients(identity, envelope));
        }
        return fewest;
    }

    /** What is wrong with the first of them that has something. */
    static Optional<String> trouble(Collection<? extends UpstreamDelivery> deliveries) {
        return deliveries.stream()
                .map(UpstreamDelivery::trouble)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Closes each once, also when it is there twice; one that cannot be closed must not keep the others open. */
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
