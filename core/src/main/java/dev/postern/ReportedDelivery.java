package dev.postern;

import dev.postern.internal.plugin.PluginGuard;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.util.Optional;

/** Reports to the listener each message of which an upstream accepted nothing. Thread-safe. */
record ReportedDelivery(UpstreamDelivery next, RelayListener listener) implements UpstreamDelivery {

    @Override
    public DeliveryResult deliver(Submission submission) {
        DeliveryResult result = next.deliver(submission);
        if (result.anotherMayTry()) {
            PluginGuard.tell(listener, RelayEvent.PassedOver.of(submission, result));
        }
        return result;
    }

    @Override
    public int maxRecipients() {
        return next.maxRecipients();
    }

    @Override
    public int maxRecipients(Identity identity, Envelope envelope) {
        return next.maxRecipients(identity, envelope);
    }

    @Override
    public Optional<String> trouble() {
        return next.trouble();
    }

    @Override
    public void close() {
        next.close();
    }

    /** Returns the upstream's name. */
    @Override
    public String toString() {
        return next.toString();
    }
}
