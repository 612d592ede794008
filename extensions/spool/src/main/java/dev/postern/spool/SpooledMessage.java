package dev.postern.spool;

import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import java.time.Instant;
import java.util.List;

/** A snapshot of a message in the spool. Later versions may add accessors. Immutable. */
public sealed interface SpooledMessage permits Stored {

    /** What a message waits for. */
    enum State {
        /** For its next attempt, or its turn. */
        READY,
        /** For its upstream to be reachable. */
        UNREACHABLE,
        /** For an operator, who has held it back. */
        HELD
    }

    /** The status of a recipient. */
    enum Status {
        /** Not settled yet. */
        WAITING,
        /** The upstream has accepted the message for it. */
        RELAYED,
        /** It was refused permanently, or the message's time is over. */
        FAILED
    }

    /**
     * A recipient and its status.
     *
     * @param recipient the recipient
     * @param status its status
     * @param reply the last reply about it, printable; empty when there was none
     */
    record Progress(Recipient recipient, Status status, String reply) {}

    /** {@return the spool's id of the message, which the client got in the reply; unique in the database} */
    String id();

    /** {@return the relay's id of the message, which is in its Received: field} */
    String submissionId();

    /** {@return who sent it; without domains and own limits, which are not stored} */
    Identity identity();

    /** {@return where notices about it are sent} */
    ReversePath reversePath();

    /** {@return all of its recipients, even settled ones, in the order of their commands} */
    List<Progress> recipients();

    /** {@return its size in octets} */
    long size();

    /** {@return what it waits for} */
    State state();

    /** {@return whether it is being sent to the upstream} */
    boolean sending();

    /** {@return how many attempts the upstream deferred} */
    int attempts();

    /**
     * {@return how often the upstream may have accepted it without the spool's knowing; it may have arrived that many
     * more times}
     */
    int doubled();

    /** {@return when it was received} */
    Instant received();

    /** {@return the earliest time of its next attempt} */
    Instant due();
}
