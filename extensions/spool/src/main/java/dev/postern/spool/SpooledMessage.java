package dev.postern.spool;

import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import java.time.Instant;
import java.util.List;

/** A message in the spool as it was at one moment. There may be more to read later. Immutable. */
public sealed interface SpooledMessage permits Stored {

    /** What a message waits for. */
    enum State {
        /** For its moment, or its turn. */
        READY,
        /** For its upstream to be reachable. */
        UNREACHABLE,
        /** For an operator, who holds it back. */
        HELD
    }

    /** What became of a recipient. */
    enum Status {
        /** Nothing yet. */
        WAITING,
        /** The upstream has the message for it. */
        RELAYED,
        /** It was refused for good, or its time is over. */
        FAILED
    }

    /**
     * A recipient and what became of it.
     *
     * @param recipient who
     * @param status what became of it
     * @param reply the last word about it, printable; empty when there was none
     */
    record Progress(Recipient recipient, Status status, String reply) {}

    /** {@return the spool's id of the message, which the client was told; no other message of the database has it} */
    String id();

    /** {@return the relay's id of the message, which is in its Received: field} */
    String submissionId();

    /** {@return who sent it; domains and own limits are not kept} */
    Identity identity();

    /** {@return where notices about it go} */
    ReversePath reversePath();

    /** {@return its recipients, those that are settled too, in the order of their commands} */
    List<Progress> recipients();

    /** {@return its size in octets} */
    long size();

    /** {@return what it waits for} */
    State state();

    /** {@return whether it is being given to the upstream} */
    boolean sending();

    /** {@return how many attempts the upstream answered by "not now"} */
    int attempts();

    /** {@return how often it was perhaps taken without our knowing; it may have arrived so many times more} */
    int doubled();

    /** {@return when it came} */
    Instant received();

    /** {@return when it is tried next, at the earliest} */
    Instant due();
}
