package dev.postern.spi;

import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What all deliveries that are made of others have in common. */
final class Deliveries {

    private Deliveries() {}

    /**
     * Of two, of which the first did not take it: the client hears of the one that got further. Of one that may take it
     * another time rather than of one that lacks what the message needs.
     */
    static DeliveryResult further(DeliveryResult one, DeliveryResult next) {
        if (!next.anotherMayTry() || one instanceof Rejected) {
            return next;
        }
        return next instanceof Deferred deferred && deferred.reason() != Reason.UNREACHABLE ? next : one;
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
