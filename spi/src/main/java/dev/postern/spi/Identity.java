package dev.postern.spi;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who a session acts for, as determined by the authenticator. User, account and domains are in canonical form, so that
 * one person is counted once, however the client typed the name. {@link #userAsGiven()} and {@link #accountAsGiven()}
 * keep the names as the authenticator gave them, for display. Two identities are equal when their canonical names,
 * domains and limits are. Immutable.
 */
public final class Identity {

    private static final String SUB_DOMAINS = "*.";

    private final String userAsGiven;
    private final String user;
    private final String accountAsGiven;
    private final String account;
    private final Set<String> domains;
    private final IdentityLimits limits;

    private Identity(String user, String account, Set<String> domains, IdentityLimits limits) {
        if (user.isEmpty() || account.isEmpty()) {
            throw new IllegalArgumentException("user and account must not be empty");
        }
        this.userAsGiven = user;
        this.user = CanonicalName.ofUser(user);
        this.accountAsGiven = account;
        this.account = CanonicalName.ofAccount(account);
        this.domains = domains;
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    /**
     * Creates an identity from a user's name. For a mail address, the account and the only domain are the address's
     * domain, folded by {@link MailAddress#foldDomain}; otherwise the account is the name, and there is no domain yet.
     *
     * @param user the user's name, in any case; sessions per user are counted by its canonical form
     * @return the identity, with the relay's limits
     * @throws IllegalArgumentException when the name is empty
     */
    public static Identity of(String user) {
        // however it was typed, so that nobody has two accounts
        String canonical = CanonicalName.ofUser(Objects.requireNonNull(user, "user"));
        return MailAddress.tryParse(canonical)
                .map(MailAddress::domain)
                .filter(MailAddress::isDomain)
                .map(domain -> new Identity(user, domain, Set.of(domain), IdentityLimits.none()))
                .orElseGet(() -> new Identity(user, ownAccount(user, canonical), Set.of(), IdentityLimits.none()));
    }

    /** The user's name as given, unless its domain makes it a different account. */
    private static String ownAccount(String user, String canonical) {
        return CanonicalName.ofAccount(user).equals(canonical) ? user : canonical;
    }

    /**
     * Sets the account.
     *
     * @param newAccount the account's name, in any case; sessions per account and quota are counted by its canonical
     *     form
     * @return a copy
     * @throws IllegalArgumentException when the name is empty
     */
    public Identity withAccount(String newAccount) {
        return new Identity(userAsGiven, Objects.requireNonNull(newAccount, "account"), domains, limits);
    }

    /**
     * Sets the domains that the user may send from.
     *
     * @param newDomains all of them, for instance {@code "example.org", "*.example.org"}
     * @return a copy
     * @throws IllegalArgumentException when one is not a domain
     */
    public Identity withDomains(String... newDomains) {
        return withDomains(List.of(Objects.requireNonNull(newDomains, "domains")));
    }

    /**
     * Sets the domains that the user may send from.
     *
     * @param newDomains all of them; {@code *.example.org} means all sub-domains at any depth, but not the domain
     *     itself
     * @return a copy
     * @throws IllegalArgumentException when one is not a domain
     */
    public Identity withDomains(Collection<String> newDomains) {
        for (String domain : Objects.requireNonNull(newDomains, "domains")) {
            if (!MailAddress.isDomain(withoutWildcard(domain))) {
                throw new IllegalArgumentException("domains: not a domain: " + Reply.printable(domain, 80));
            }
        }
        Set<String> folded = newDomains.stream().map(Identity::folded).collect(Collectors.toUnmodifiableSet());
        return new Identity(userAsGiven, accountAsGiven, folded, limits);
    }

    /**
     * Sets the identity's own limits.
     *
     * @param newLimits the limits that differ from the relay's
     * @return a copy
     */
    public Identity withLimits(IdentityLimits newLimits) {
        return new Identity(userAsGiven, accountAsGiven, domains, newLimits);
    }

    /**
     * {@return the user's name in its canonical form, by which sessions are counted; see {@link CanonicalName#ofUser}}
     */
    public String user() {
        return user;
    }

    /**
     * {@return the user's name as the authenticator gave it, for display. May differ in case from {@link #user()}, so
     * do not compare it}
     */
    public String userAsGiven() {
        return userAsGiven;
    }

    /**
     * {@return the user's account in its canonical form, by which sessions and quota are counted; see
     * {@link CanonicalName#ofAccount}}
     */
    public String account() {
        return account;
    }

    /**
     * {@return the account's name as the authenticator gave it, for display. May differ in case from {@link
     * #account()}, so do not compare it}
     */
    public String accountAsGiven() {
        return accountAsGiven;
    }

    /**
     * {@return the domains that the user may send from, folded by {@link MailAddress#foldDomain}; {@code *.example.org}
     * means all sub-domains at any depth, but not the domain itself}
     */
    public Set<String> domains() {
        return domains;
    }

    /** {@return this identity's own limits, where they differ from the relay's} */
    public IdentityLimits limits() {
        return limits;
    }

    /**
     * Finds the identity's domain that covers a domain: the domain itself, or the nearest one above it with a wildcard.
     *
     * @param domain folded by {@link MailAddress#foldDomain}
     * @return one of {@link #domains()} without its {@code *.}; empty when none covers it
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

    private static String withoutWildcard(String domain) {
        return domain.startsWith(SUB_DOMAINS) ? domain.substring(SUB_DOMAINS.length()) : domain;
    }

    private static String folded(String domain) {
        String folded = MailAddress.foldDomain(withoutWildcard(domain));
        return domain.startsWith(SUB_DOMAINS) ? SUB_DOMAINS + folded : folded;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Identity that
                && user.equals(that.user)
                && account.equals(that.account)
                && domains.equals(that.domains)
                && limits.equals(that.limits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(user, account, domains, limits);
    }

    /** Returns user, account and domains. */
    @Override
    public String toString() {
        return "Identity[user=" + user + ", account=" + account + ", domains=" + domains + "]";
    }
}
