package dev.postern.spool;

import java.time.Instant;
import java.util.Optional;

/** What a spool holds and has done, at one moment. There may be more to read later. Immutable. */
public sealed interface SpoolFigures permits ReadFigures {

    /** {@return messages that are not settled, in the whole database, as of a second ago} */
    long waiting();

    /** {@return the octets of their contents} */
    long waitingOctets();

    /** {@return when the one that has waited longest came; empty when none waits} */
    Optional<Instant> oldest();

    /** {@return those of them whose upstream cannot be reached} */
    long unreachable();

    /** {@return those of them that an operator holds back} */
    long held();

    /** {@return attempts of this node that are under way} */
    int sending();

    /** {@return messages that this node has taken since it began, its own notices not counted} */
    long spooled();

    /** {@return messages that this node could not take, for its database or file failed} */
    long notStored();

    /** {@return transactions of this node after which the upstream had the message} */
    long relayed();

    /** {@return transactions of this node that failed for now} */
    long deferred();

    /** {@return how often this node found that recipients failed for good} */
    long failed();

    /** {@return how often this node found that a message may arrive twice} */
    long possiblyDoubled();
}
