package dev.postern.spi;

import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What all deliveries that are made of others have in common. */
final class Deliveries {

    private Deliveries() {}

    /** Says whether nobody has anything of the message, and nobody has a reason that another one would share. */
    static boolean anotherMayTry(DeliveryResult result) {
        return result instanceof Deferred deferred && deferred.reason().anotherMayTry();
    }

    /** Of two that did not take it: the client hears of the one that got further. */
    static DeliveryResult further(DeliveryResult one, DeliveryResult next) {
        return next instanceof Deferred deferred && deferred.reason() == Reason.UNREACHABLE ? one : next;
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
