package dev.postern.micrometer;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.RelayEvent;
import dev.postern.spool.SpoolEvent;
import java.util.Optional;

/** What upstreams said behind a spool, where there is no session any more. Loaded only where postern-spool is there. */
final class SpooledDeliveries {

    /** Whether postern-spool is there. */
    static boolean mayBe() {
        try {
            Class.forName("dev.postern.spool.SpoolEvent", false, SpoolMetrics.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private SpooledDeliveries() {}

    /** The result of a delivery that ended, once of each: a doubt about one is told beside it. */
    static Optional<DeliveryResult> result(RelayEvent event) {
        return event instanceof SpoolEvent spooled && spooled.kind() != SpoolEvent.Kind.POSSIBLY_DOUBLED
                ? spooled.result()
                : Optional.empty();
    }
}
