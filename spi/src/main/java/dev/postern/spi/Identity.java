package dev.postern.spi;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who a session acts for, as the authenticator says. User, account and domains are in their canonical form, so that one
 * person is counted once, whatever the client typed; {@link #userAsGiven()} and {@link #accountAsGiven()} keep what the
 * authenticator gave, for people to read. Two identities are equal when their canonical names, domains and limits are.
 * Immutable.
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
     * Makes an identity of a user's name. For a mail address, account and only domain are the address's domain, folded as
     * {@link MailAddress#foldDomain} does; else the account is the name and there is no domain yet.
     *
     * @param user the user's name, in any case; the limit of sessions per user counts it in its canonical form
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

    /** The user's name as it was given, unless its domain makes that another account. */
    private static String ownAccount(String user, String canonical) {
        return CanonicalName.ofAccount(user).equals(canonical) ? user : canonical;
    }

    /**
     * Puts the identity into an account.
     *
     * @param newAccount the account's name, in any case; the limit of sessions per account and the quota count it in its
     *     canonical form
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
     * @throws IllegalArgumentException when one is no domain
     */
    public Identity withDomains(String... newDomains) {
        return withDomains(List.of(Objects.requireNonNull(newDomains, "domains")));
    }

    /**
     * Sets the domains that the user may send from.
     *
     * @param newDomains all of them; {@code *.example.org} stands for all sub-domains of a domain at any depth, and not for
     *     the domain itself
     * @return a copy
     * @throws IllegalArgumentException when one is no domain
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
     * @param newLimits those that differ from the relay's
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
     * {@return the user's name as the authenticator gave it, for people to read. May differ in case from
     * {@link #user()}, so do not compare it}
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
     * {@return the account's name as the authenticator gave it, for people to read. May differ in case from
     * {@link #account()}, so do not compare it}
     */
    public String accountAsGiven() {
        return accountAsGiven;
    }

    /**
     * {@return the domains that the user may send from, folded as {@link MailAddress#foldDomain} does;
     * {@code *.example.org} stands for all sub-domains at any depth, and not for the domain itself}
     */
    public Set<String> domains() {
        return domains;
    }

    /** {@return this identity's own limits, where they differ from the relay's} */
    public IdentityLimits limits() {
        return limits;
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
