package dev.postern.dns;

import java.util.List;

/**
 * What became of one requirement for one domain, in words that a host can show to the domain's owner.
 *
 * @param requirement what was looked for
 * @param state whether it is there
 * @param name the name whose TXT records were looked at, without the final dot
 * @param found what was found there, at most 20 texts of at most 500 characters, printable US-ASCII
 * @param problem what is wrong, a sentence; empty when it is met
 * @param publish the TXT record to publish at the name; for a met requirement one that would do as well; empty when
 *     there is nothing that the domain's owner could do
 */
public record Finding(
        Requirement requirement, State state, String name, List<String> found, String problem, String publish) {

    /** What a domain needs. */
    public enum Requirement {
        /** A TXT record with a value that only its owner was told. */
        OWNERSHIP,
        /** An SPF record that lets the relay's servers send (RFC 7208). */
        SPF,
        /** The public key of the relay's DKIM signatures (RFC 6376 section 3.6). */
        DKIM,
        /** A DMARC policy, its own or one of a domain above it (RFC 7489 section 6.6.3). */
        DMARC
    }

    /** Whether a requirement is met. */
    public enum State {
        /** It is there and right. */
        MET,
        /** It is not there. */
        MISSING,
        /** It is there and wrong. */
        WRONG,
        /** DNS could not be asked. */
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
