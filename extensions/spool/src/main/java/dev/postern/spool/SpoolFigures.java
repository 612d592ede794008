package dev.postern.spool;

import java.time.Instant;
import java.util.Optional;

/** A snapshot of what a spool holds and has done. Later versions may add accessors. Immutable. */
public sealed interface SpoolFigures permits ReadFigures {

    /** {@return unsettled messages in the whole database, as of a second ago} */
    long waiting();

    /** {@return the total size of their contents, in octets} */
    long waitingOctets();

    /** {@return when the oldest of them was received; empty when none waits} */
    Optional<Instant> oldest();

    /** {@return how many of them wait for an unreachable upstream} */
    long unreachable();

    /** {@return how many of them an operator holds back} */
    long held();

    /** {@return running attempts of this node} */
    int sending();

    /** {@return messages that this node has accepted since it started, not counting its own notices} */
    long spooled();

    /** {@return messages that this node could not accept because its database or file failed} */
    long notStored();

    /** {@return transactions of this node in which the upstream accepted the message} */
    long relayed();

    /** {@return transactions of this node that failed temporarily} */
    long deferred();

    /** {@return how often recipients failed permanently on this node} */
    long failed();

    /** {@return notices by which this node has told senders that recipients failed} */
    long bounced();

    /** {@return how often this node found that a message may arrive twice} */
    long possiblyDoubled();
}
