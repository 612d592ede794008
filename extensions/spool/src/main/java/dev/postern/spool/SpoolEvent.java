package dev.postern.spool;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import java.util.List;
import java.util.Optional;

/** What a spool tells its listener, by {@link dev.postern.spi.RelayListener#on} alone. Immutable. */
public sealed interface SpoolEvent extends RelayEvent permits SpoolEvents.Told {

    /** What happened. */
    enum Kind {
        /** A message is durable here; its client is told 250. Notices of the spool itself are messages too. */
        SPOOLED,
        /** The upstream has the message for these recipients. */
        RELAYED,
        /** The message was not taken for these recipients, and is tried again. */
        DEFERRED,
        /** The message was refused for good for these recipients, or its time is over. */
        FAILED,
        /**
         * The message may have been taken without our knowing, and will be sent again: the upstream was lost before its
         * answer, or a node died in the middle of an attempt. These recipients may get it twice.
         */
        POSSIBLY_DOUBLED,
        /** The sender is told that these recipients still have to wait. */
        DELAYED,
        /** An operator removed the message without a word to its sender. */
        REMOVED
    }

    /** {@return what happened} */
    Kind kind();

    /** {@return the message as it was before} */
    SpooledMessage message();

    /** {@return the recipients that it happened to} */
    List<Recipient> recipients();

    /** {@return what the upstream answered; empty when it was not asked} */
    Optional<DeliveryResult> result();
}
