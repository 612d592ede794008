package dev.postern.internal.session;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.UpstreamDelivery;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** How many recipients a message may have where the upstream takes fewer than the relay would. */
record RecipientLimit(Guarded<UpstreamDelivery> upstream) {

    /** Of any message, for EHLO (RFC 9422 section 4.2). */
    int announced() {
        return ask(UpstreamDelivery::maxRecipients);
    }

    /** Of this one, for the next RCPT (RFC 5321 section 4.5.3.1.10). The envelope is made where it matters alone. */
    int of(Envelope sender, List<Recipient> accepted, Recipient next, Identity identity) {
        int any = announced();
        if (accepted.size() < any) {
            return any;
        }
        List<Recipient> recipients = new ArrayList<>(accepted);
        recipients.add(next);
        Envelope envelope = new Envelope(sender.reversePath(), sender.parameters(), recipients);
        return ask(delivery -> delivery.maxRecipients(identity, envelope));
    }

    /**
     * Without an answer our own limit counts: the delivery decides in the end. A message has one recipient at least.
     */
    private int ask(Function<UpstreamDelivery, Integer> question) {
        return Math.max(1, upstream.call(question).orElse(Integer.MAX_VALUE));
    }
}
