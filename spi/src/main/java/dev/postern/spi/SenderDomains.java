package dev.postern.spi;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides whether an identity may send from a domain. Called once for each message, on the session's thread or a relay
 * thread, concurrently. May block. When it throws, returns null or takes longer than the relay's plug-in time-out, the
 * client gets {@link StandardReply#UPSTREAM_RELAY_FAILED}. The answer depends only on the identity and the domain. For
 * a domain that cannot be looked up, throw or return {@link Status#UNKNOWN}, never {@link Status#VALIDATED}.
 */
@FunctionalInterface
public interface SenderDomains {

    /** A domain's status for an identity. */
    enum Status {
        /** Does not belong to the identity: {@link StandardReply#FROM_DOMAIN_MISMATCH}. */
        FOREIGN,
        /**
         * Belongs to the identity, but is not validated for sending: {@link StandardReply#DOMAIN_NOT_AUTHENTICATED}.
         */
        UNVALIDATED,
        /** Belongs to the identity and is validated. */
        VALIDATED,
        /** Cannot be determined now: {@link StandardReply#UPSTREAM_RELAY_FAILED}, and the client tries again later. */
        UNKNOWN
    }

    /**
     * Looks a domain up.
     *
     * @param identity who sends
     * @param domain the domain of the header From: address, folded by {@link MailAddress#foldDomain}
     * @return its status for the identity, never null
     */
    Status check(Identity identity, String domain);

    /**
     * Considers every domain of {@link Identity#domains()} validated, and sub-domains where the identity has them.
     *
     * @return the default rule
     */
    static SenderDomains ofIdentity() {
        return ofIdentityExcept(Set.of());
    }

    /**
     * Considers every domain of {@link Identity#domains()} validated, except some.
     *
     * @param unvalidated domains that are not validated for sending, nor are sub-domains that an identity has through
     *     them
     * @return the rule
     */
    static SenderDomains ofIdentityExcept(Set<String> unvalidated) {
        Set<String> folded = Objects.requireNonNull(unvalidated, "unvalidated").stream()
                .map(MailAddress::foldDomain)
                .collect(Collectors.toUnmodifiableSet());
        return (SenderDomains & NonBlocking) (identity, domain) -> identity.covering(domain)
                .map(owned -> folded.contains(domain) || folded.contains(owned) ? Status.UNVALIDATED : Status.VALIDATED)
                .orElse(Status.FOREIGN);
    }
}
