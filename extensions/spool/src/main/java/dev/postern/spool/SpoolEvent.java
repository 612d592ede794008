package dev.postern.spool;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import java.util.List;
import java.util.Optional;

/** An event of a spool, which its listener gets only by {@link dev.postern.spi.RelayListener#on}. Immutable. */
public sealed interface SpoolEvent extends RelayEvent permits SpoolEvents.Told {

    /** What happened. */
    enum Kind {
        /** A message is stored durably; its client gets 250. The spool's own notices are messages too. */
        SPOOLED,
        /** The upstream has the message for these recipients. */
        RELAYED,
        /** The message was not accepted for these recipients, and will be tried again. */
        DEFERRED,
        /** The message was refused permanently for these recipients, or its time is over. */
        FAILED,
        /**
         * The upstream may already have the message, and it will be sent again: the connection was lost before the
         * reply, or a node died during an attempt. These recipients may get it twice.
         */
        POSSIBLY_DOUBLED,
        /** The sender is notified that delivery to these recipients failed: the notice is in the spool. */
        BOUNCED,
        /** The sender is notified that delivery to these recipients is delayed. */
        DELAYED,
        /** An operator removed the message without notifying its sender. */
        REMOVED
    }

    /** {@return what happened} */
    Kind kind();

    /** {@return the message before the event} */
    SpooledMessage message();

    /** {@return the recipients concerned} */
    List<Recipient> recipients();

    /** {@return the upstream's answer; empty when it was not asked} */
    Optional<DeliveryResult> result();
}
