package dev.postern.spi;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says whether an identity may send from a domain. Called once for each message on the session's thread or one of the
 * relay's, concurrently. May block. When it throws, returns null or takes longer than the relay's plug-in time-out, the
 * client gets {@link StandardReply#UPSTREAM_RELAY_FAILED}. An answer depends only on the identity and domain of its call. A
 * domain that cannot be looked up is an exception or {@link Status#UNKNOWN}, never validated.
 */
@FunctionalInterface
public interface SenderDomains {

    /** What a domain is to an identity. */
    enum Status {
        /** Not the identity's: {@link StandardReply#FROM_DOMAIN_MISMATCH}. */
        FOREIGN,
        /** The identity's, but not validated for sending: {@link StandardReply#DOMAIN_NOT_AUTHENTICATED}. */
        UNVALIDATED,
        /** The identity's, and validated. */
        VALIDATED,
        /** It cannot be told for now: {@link StandardReply#UPSTREAM_RELAY_FAILED}, and the client comes back. */
        UNKNOWN
    }

    /**
     * Looks a domain up.
     *
     * @param identity who sends
     * @param domain the domain of the header From: address, folded as {@link MailAddress#foldDomain} does
     * @return what it is to the identity, never null
     */
    Status check(Identity identity, String domain);

    /**
     * Takes every domain of {@link Identity#domains()} for validated, and sub-domains where the identity has them.
     *
     * @return the default
     */
    static SenderDomains ofIdentity() {
        return ofIdentityExcept(Set.of());
    }

    /**
     * Takes every domain of {@link Identity#domains()} for validated but some.
     *
     * @param unvalidated domains that are not validated for sending, nor are sub-domains that an identity has by them
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
