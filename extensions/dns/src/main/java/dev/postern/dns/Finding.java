package dev.postern.dns;

import java.util.List;

/**
 * The result of checking one requirement for one domain, in words that a host can show to the domain's owner.
 *
 * @param requirement the requirement
 * @param state whether it is met
 * @param name the name whose TXT records were checked, without the final dot
 * @param found what was found there, at most 20 strings of at most 500 printable US-ASCII characters
 * @param problem what is wrong, as a sentence; empty when the requirement is met
 * @param publish the TXT record to publish at the name; for a met requirement, one that would also work; empty when the
 *     domain's owner cannot do anything
 */
public record Finding(
        Requirement requirement, State state, String name, List<String> found, String problem, String publish) {

    /** The requirements on a domain. */
    public enum Requirement {
        /** A TXT record with a value that only the owner was given. */
        OWNERSHIP,
        /** An SPF record that lets the relay's servers send (RFC 7208). */
        SPF,
        /** The public key of the relay's DKIM signatures (RFC 6376 section 3.6). */
        DKIM,
        /** A DMARC policy, of the domain or one above it (RFC 7489 section 6.6.3). */
        DMARC
    }

    /** Whether a requirement is met. */
    public enum State {
        /** The record exists and is right. */
        MET,
        /** The record does not exist. */
        MISSING,
        /** The record exists but is wrong. */
        WRONG,
        /** DNS could not be queried. */
        UNKNOWN
    }

    /**
     * Copies the list.
     *
     * @param requirement as {@link #requirement()}
     * @param state as {@link #state()}
     * @param name as {@link #name()}
     * @param found as {@link #found()}
     * @param problem as {@link #problem()}
     * @param publish as {@link #publish()}
     */
    public Finding {
        found = List.copyOf(found);
    }
}
