package dev.postern.testkit;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.SenderDomains;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * Users of the relay under test, which a test may change at any time. Pass it to the relay as its authenticator and as
 * its sender domains. A user's account and domain are those of {@link Identity#of} unless set. Names ignore case.
 * Thread-safe.
 *
 * <pre>{@code
 * relay.accounts().user("ann@example.org", "secret").quota("ann@example.org", QuotaPlan.perDay(2));
 * }</pre>
 */
public final class TestAccounts implements Authenticator, SenderDomains {

    private record Account(Identity identity, String password) {
        @Override
        public String toString() {
            return identity.user();
        }
    }

    private final Map<String, Account> users = new ConcurrentHashMap<>();
    private final Set<String> disabled = ConcurrentHashMap.newKeySet();
    private final Set<String> unvalidated = ConcurrentHashMap.newKeySet();

    /** Creates an empty list of users. */
    public TestAccounts() {}

    /**
     * Adds a user, or changes a user's password.
     *
     * @param user the name; for a mail address, its domain becomes the user's
     * @param password the password
     * @return this list
     * @throws IllegalArgumentException when the name is empty
     */
    public TestAccounts user(String user, String password) {
        users.put(CanonicalName.ofUser(user), new Account(Identity.of(user), password));
        return this;
    }

    /**
     * Changes a user's identity, from the next login on.
     *
     * @param user the name
     * @param change turns the old identity into the new one
     * @return this list
     * @throws IllegalArgumentException when the user does not exist
     */
    public TestAccounts change(String user, UnaryOperator<Identity> change) {
        Account changed = users.computeIfPresent(
                CanonicalName.ofUser(user),
                (name, account) -> new Account(change.apply(account.identity), account.password));
        if (changed == null) {
            throw new IllegalArgumentException("user must be one that was added, not " + user);
        }
        return this;
    }

    /**
     * Sets a user's account.
     *
     * @param user the name
     * @param account the account's name
     * @return this list
     * @throws IllegalArgumentException when the user does not exist
     */
    public TestAccounts account(String user, String account) {
        return change(user, identity -> identity.withAccount(account));
    }

    /**
     * Sets the domains that a user may send from.
     *
     * @param user the name
     * @param domains all of them
     * @return this list
     * @throws IllegalArgumentException when the user does not exist, or a domain is not valid
     */
    public TestAccounts domains(String user, String... domains) {
        return change(user, identity -> identity.withDomains(domains));
    }

    /**
     * Sets a user's own limits.
     *
     * @param user the name
     * @param limits the limits that differ from the relay's
     * @return this list
     * @throws IllegalArgumentException when the user does not exist
     */
    public TestAccounts limits(String user, IdentityLimits limits) {
        return change(user, identity -> identity.withLimits(limits));
    }

    /**
     * Sets the plan of a user's account, and keeps the user's other limits.
     *
     * @param user the name
     * @param plan the plan
     * @return this list
     * @throws IllegalArgumentException when the user does not exist
     */
    public TestAccounts quota(String user, QuotaPlan plan) {
        return change(user, identity -> identity.withLimits(identity.limits().withQuota(plan)));
    }

    /**
     * Disables relaying for an account.
     *
     * @param account the account's name
     * @return this list
     */
    public TestAccounts disable(String account) {
        disabled.add(CanonicalName.ofAccount(account));
        return this;
    }

    /**
     * Marks a domain as not validated for sending.
     *
     * @param domain the domain
     * @return this list
     */
    public TestAccounts unvalidate(String domain) {
        unvalidated.add(MailAddress.foldDomain(domain));
        return this;
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        Account account = users.get(CanonicalName.ofUser(credentials.username()));
        if (account == null || !credentials.secretEquals(account.password)) {
            return AuthResult.denied();
        }
        return disabled.contains(account.identity.account())
                ? AuthResult.relayDisabled()
                : AuthResult.authenticated(account.identity);
    }

    @Override
    public Status check(Identity identity, String domain) {
        return SenderDomains.ofIdentityExcept(unvalidated).check(identity, domain);
    }
}
