package dev.postern.spi;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who a session acts for, as the authenticator says.
 *
 * @param user the user's name; counted by the limit of sessions per user
 * @param account the account that the user belongs to; counted by the limit of sessions per account, and by the quota
 * @param domains the domains that the user may send from, folded as {@link MailAddress#foldDomain} does; {@code
 *     *.example.org} stands for all sub-domains of a domain at any depth, and not for the domain itself
 * @param limits this identity's own limits, where they differ from the relay's
 */
public record Identity(String user, String account, Set<String> domains, IdentityLimits limits) {

    private static final String SUB_DOMAINS = "*.";

    /**
     * Folds the domains.
     *
     * @param user as {@link #user()}
     * @param account as {@link #account()}
     * @param domains as {@link #domains()}
     * @param limits as {@link #limits()}
     * @throws IllegalArgumentException when user or account is empty, or a domain is none
     */
    public Identity {
        if (user.isEmpty() || account.isEmpty()) {
            throw new IllegalArgumentException("user and account must not be empty");
        }
        for (String domain : domains) {
            if (!MailAddress.isDomain(withoutWildcard(domain))) {
                throw new IllegalArgumentException("domains: not a domain: " + Reply.printable(domain, 80));
            }
        }
        domains = domains.stream().map(Identity::folded).collect(Collectors.toUnmodifiableSet());
    }

    private static String withoutWildcard(String domain) {
        return domain.startsWith(SUB_DOMAINS) ? domain.substring(SUB_DOMAINS.length()) : domain;
    }

    private static String folded(String domain) {
        String folded = MailAddress.foldDomain(withoutWildcard(domain));
        return domain.startsWith(SUB_DOMAINS) ? SUB_DOMAINS + folded : folded;
    }

    /**
     * Finds the domain of this identity's that a domain belongs to: itself, or the nearest one above it whose
     * sub-domains are the identity's.
     *
     * @param domain folded as {@link MailAddress#foldDomain} does
     * @return one of the {@link #domains()} without its {@code *.}, empty when the domain is foreign
     */
    public Optional<String> covering(String domain) {
        if (domains.contains(domain)) {
            return Optional.of(domain);
        }
        for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
            String above = domain.substring(dot + 1);
            if (domains.contains(SUB_DOMAINS + above)) {
                return Optional.of(above);
            }
        }
        return Optional.empty();
    }

    /**
     * Makes an identity of a user's name. For a mail address, account and only domain are the address's domain; else
     * the account is the name and there is no domain yet.
     *
     * @param user the user's name
     * @return the identity, with the relay's limits
     * @throws IllegalArgumentException when the name is empty
     */
    public static Identity of(String user) {
        return MailAddress.tryParse(user)
                .map(MailAddress::domain)
                .filter(MailAddress::isDomain)
                .map(domain -> new Identity(user, domain, Set.of(domain), IdentityLimits.none()))
                .orElseGet(() -> new Identity(user, user, Set.of(), IdentityLimits.none()));
    }

    /**
     * Puts the identity into an account.
     *
     * @param newAccount the account's name
     * @return a copy
     */
    public Identity withAccount(String newAccount) {
        return new Identity(user, newAccount, domains, limits);
    }

    /**
     * Sets the domains that the user may send from.
     *
     * @param newDomains all of them, for instance {@code "example.org", "*.example.org"}
     * @return a copy
     * @throws IllegalArgumentException when one is no domain
     */
    public Identity withDomains(String... newDomains) {
        return new Identity(user, account, Set.copyOf(List.of(newDomains)), limits);
    }

    /**
     * Sets the identity's own limits.
     *
     * @param newLimits those that differ from the relay's
     * @return a copy
     */
    public Identity withLimits(IdentityLimits newLimits) {
        return new Identity(user, account, domains, newLimits);
    }
}
