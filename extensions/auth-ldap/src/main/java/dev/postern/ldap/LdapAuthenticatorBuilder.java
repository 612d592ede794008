package dev.postern.ldap;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.RelayClock;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Configures an {@link LdapAuthenticator}. Requires {@link #users} or {@link #directBind}, and TLS or {@link
 * #plaintext}. Not thread-safe.
 */
public final class LdapAuthenticatorBuilder {

    private static final String USER = "{user}";
    private static final int MAX_CONNECTIONS = 1000;
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(10);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

    private final List<URI> servers = new ArrayList<>();
    private final Map<Limit, String> limits = new EnumMap<>(Limit.class);
    private final Map<DN, Set<String>> groupDomains = new HashMap<>();
    private final Set<DN> relayGroups = new HashSet<>();
    private @Nullable SSLContext tls;
    private boolean startTls;
    private boolean plaintext;
    private @Nullable BindRequest service;
    private @Nullable String base;
    private @Nullable DN parent;
    private List<String> loginAttributes = List.of();
    private @Nullable Filter filter;
    private @Nullable String decoy;
    private @Nullable String nameAttribute;
    private @Nullable String accountAttribute;
    private @Nullable String domainsAttribute;
    private @Nullable String relayAttribute;
    private @Nullable String memberOf;
    private @Nullable String groupBase;
    private @Nullable String member;
    private @Nullable String domainsOfGroup;
    private boolean nested;
    private int connections = 8;
    private Duration timeout = Duration.ofMillis(1500);
    private RelayClock clock = RelayClock.system();

    LdapAuthenticatorBuilder(String url, String... others) {
        servers.add(Parameters.server(url));
        for (String other : others) {
            servers.add(Parameters.server(other));
        }
        if (servers.stream().map(URI::getScheme).distinct().count() > 1) {
            throw new IllegalArgumentException("others must be of the same kind as url");
        }
    }

    /**
     * Finds users by a search below this entry, and binds as the entry found.
     *
     * @param baseDn the entry above all users
     * @param attributes the attributes whose values users log in with, for instance {@code uid}, {@code mail} or {@code
     *     sAMAccountName}; each should have an index for equality
     * @return this builder
     * @throws IllegalArgumentException when the DN or an attribute is not valid, or there is no attribute
     */
    public LdapAuthenticatorBuilder users(String baseDn, String... attributes) {
        if (attributes.length == 0) {
            throw new IllegalArgumentException("attributes must not be empty");
        }
        for (String each : attributes) {
            Parameters.attribute("attributes", each);
        }
        base = Parameters.dn("baseDn", baseDn).toString();
        loginAttributes = List.of(attributes);
        return this;
    }

    /**
     * Sets the account that searches for {@link #users}. Default: an anonymous search.
     *
     * @param dn the account's DN
     * @param password its password, not empty
     * @return this builder
     * @throws IllegalArgumentException when the DN is not valid, or an argument is empty
     */
    public LdapAuthenticatorBuilder searchAs(String dn, String password) {
        if (password.isEmpty()) {
            throw new IllegalArgumentException("password must not be empty: the directory would take it for nobody's");
        }
        service = new SimpleBindRequest(Parameters.dn("dn", dn).toString(), password);
        return this;
    }

    /**
     * Sets a filter that a {@link #users user}'s entry must also match. Default: any entry.
     *
     * @param newFilter a filter (RFC 4515), for instance {@code (objectClass=inetOrgPerson)}
     * @return this builder
     * @throws IllegalArgumentException when the filter is not valid
     */
    public LdapAuthenticatorBuilder filter(String newFilter) {
        try {
            filter = Filter.create(newFilter);
        } catch (LDAPException e) {
            throw new IllegalArgumentException("filter must be one of RFC 4515: " + e.getMessage(), e);
        }
        return this;
    }

    /**
     * Sets the entry to bind as for unknown names. A directory that hashes passwords slowly takes longer for an
     * existing entry: to hide which users exist, set an entry with the same kind of hash, whose password no one knows.
     * Its user can never log in. Default: an entry that does not exist.
     *
     * @param dn the entry's DN
     * @return this builder
     * @throws IllegalArgumentException when the DN is not valid, or empty
     */
    public LdapAuthenticatorBuilder decoy(String dn) {
        decoy = Parameters.dn("dn", dn).toString();
        return this;
    }

    /**
     * Binds with a DN made from a pattern, instead of {@link #users}: this needs no search and no account for it, but
     * each user must be allowed to read their own entry.
     *
     * @param pattern a DN whose first part is the user's name, for instance {@code
     *     uid={user},ou=people,dc=example,dc=org}
     * @return this builder
     * @throws IllegalArgumentException when it is not such a DN
     */
    public LdapAuthenticatorBuilder directBind(String pattern) {
        DN dn = Parameters.dn("pattern", pattern);
        RDN first = dn.getRDN();
        DN above = dn.getParent();
        if (first == null || above == null || first.isMultiValued() || !first.getAttributeValues()[0].equals(USER)) {
            throw new IllegalArgumentException("pattern must begin with attribute={user}, and go on");
        }
        loginAttributes = List.of(Parameters.attribute("pattern", first.getAttributeNames()[0]));
        parent = above;
        return this;
    }

    /**
     * Sets the attribute with the name by which a user is counted. It must have exactly one value, because a user with
     * several mail addresses would be counted as several. Default: the first attribute that users log in with.
     *
     * @param attribute the attribute
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     */
    public LdapAuthenticatorBuilder name(String attribute) {
        nameAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Sets the attribute with the user's account. Default, and for users without a value: as in {@link Identity#of}.
     *
     * @param attribute the attribute; at most one value
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     */
    public LdapAuthenticatorBuilder account(String attribute) {
        accountAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Sets the attribute with the domains that the user may send from. Once this, {@link #groupDomains(String)} or
     * {@link #groupDomains(String, String, String...)} is set, a user has only those domains. Default: as in {@link
     * Identity#of}.
     *
     * @param attribute the attribute; values as for {@link Identity#withDomains}
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     */
    public LdapAuthenticatorBuilder domains(String attribute) {
        domainsAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Sets the attribute with a limit. Default, and for users without a value: the relay's limit.
     *
     * @param limit the limit
     * @param attribute the attribute; at most one value, a number of 1 or more
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     * @throws IllegalStateException when a quota for another period is already set
     */
    public LdapAuthenticatorBuilder limit(Limit limit, String attribute) {
        limits.put(limit, Parameters.attribute("attribute", attribute));
        Limit.requireOneQuota(limits.keySet());
        return this;
    }

    /**
     * Sets the attribute that must be {@code TRUE} for a user to have relay service; others are told that they have
     * none. Default: all users have it.
     *
     * @param attribute the attribute
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     */
    public LdapAuthenticatorBuilder relayEnabled(String attribute) {
        relayAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Sets the user's attribute with the DNs of the user's groups. Groups of groups count if the directory lists them
     * there. Default: none.
     *
     * @param attribute the attribute, usually {@code memberOf}
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     */
    public LdapAuthenticatorBuilder memberOf(String attribute) {
        memberOf = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Searches for a user's groups at each login, at most 1000; see {@link #nestedGroups} for groups within groups.
     * Default: no search.
     *
     * @param baseDn the entry above all groups
     * @param attribute the attribute with the members' DNs, usually {@code member} or {@code uniqueMember}
     * @return this builder
     * @throws IllegalArgumentException when the DN or the attribute is not valid
     */
    public LdapAuthenticatorBuilder groups(String baseDn, String attribute) {
        groupBase = Parameters.dn("baseDn", baseDn).toString();
        member = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Includes the {@link #groups} that a user's groups are members of, and so on. Costs another search for each level;
     * a user with more than 10 levels or 1000 groups cannot log in. Default: only groups that have the user as a direct
     * member.
     *
     * @return this builder
     */
    public LdapAuthenticatorBuilder nestedGroups() {
        nested = true;
        return this;
    }

    /**
     * Sets the attribute of the {@link #groups} with the domains that members may send from. Default: none.
     *
     * @param attribute the attribute, for instance {@code associatedDomain}
     * @return this builder
     * @throws IllegalArgumentException when it is not a valid attribute name
     */
    public LdapAuthenticatorBuilder groupDomains(String attribute) {
        domainsOfGroup = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Sets domains that members of a group may send from.
     *
     * @param groupDn the group's DN
     * @param first a domain as for {@link Identity#withDomains}
     * @param others further domains
     * @return this builder
     * @throws IllegalArgumentException when the DN or a domain is not valid
     */
    public LdapAuthenticatorBuilder groupDomains(String groupDn, String first, String... others) {
        List<String> all = new ArrayList<>(List.of(first));
        Collections.addAll(all, others);
        groupDomains.put(
                Parameters.dn("groupDn", groupDn),
                Identity.of("anyone").withDomains(all).domains());
        return this;
    }

    /**
     * Restricts relay service to members of a group, and of further groups set by this method; others are told that
     * they have none. Default: all users have it.
     *
     * @param groupDn the group's DN
     * @return this builder
     * @throws IllegalArgumentException when the DN is not valid
     */
    public LdapAuthenticatorBuilder relayGroup(String groupDn) {
        relayGroups.add(Parameters.dn("groupDn", groupDn));
        return this;
    }

    /**
     * Requires TLS on {@code ldap://} connections before anything else is sent (RFC 4511 section 4.14); if the
     * directory refuses, no one can log in.
     *
     * @return this builder
     * @throws IllegalStateException on {@code ldaps://}
     */
    public LdapAuthenticatorBuilder startTls() {
        if (isLdaps()) {
            throw new IllegalStateException("startTls: ldaps:// begins with TLS");
        }
        startTls = true;
        return this;
    }

    /**
     * Sends passwords in clear on {@code ldap://} connections, for a directory on this machine.
     *
     * @return this builder
     * @throws IllegalStateException on {@code ldaps://}
     */
    public LdapAuthenticatorBuilder plaintext() {
        if (isLdaps()) {
            throw new IllegalStateException("plaintext: ldaps:// has TLS");
        }
        plaintext = true;
        return this;
    }

    /**
     * Sets which certificates are trusted, and which client certificate is presented. The directory's certificate must
     * match the host of its URL. Default: the JVM's.
     *
     * @param context a context for clients
     * @return this builder
     */
    public LdapAuthenticatorBuilder tls(SSLContext context) {
        tls = Objects.requireNonNull(context, "context");
        return this;
    }

    /**
     * Limits how many logins are checked at the same time; each uses one connection at a time, from two pools of this
     * size. Default: 8.
     *
     * @param max 1 to 1000
     * @return this builder
     * @throws IllegalArgumentException when max is out of bounds
     */
    public LdapAuthenticatorBuilder connections(int max) {
        if (max < 1 || max > MAX_CONNECTIONS) {
            throw new IllegalArgumentException("max must be 1 to " + MAX_CONNECTIONS + ", not " + max);
        }
        connections = max;
        return this;
    }

    /**
     * Limits how long the directory may take for a login. Connecting may take as long again. Default: 1.5 s, below the
     * relay's default plug-in time-out.
     *
     * @param limit 10 ms to 1 min
     * @return this builder
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public LdapAuthenticatorBuilder timeout(Duration limit) {
        if (limit.compareTo(MIN_TIMEOUT) < 0 || limit.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("limit must be 10 ms to 1 min, not " + limit);
        }
        timeout = limit;
        return this;
    }

    /**
     * Sets the clock, for tests. Default: the machine's.
     *
     * @param newClock a clock
     * @return this builder
     */
    public LdapAuthenticatorBuilder clock(RelayClock newClock) {
        clock = Objects.requireNonNull(newClock, "clock");
        return this;
    }

    /**
     * Builds the authenticator. It connects at the first login, so the relay can start while the directory is
     * unreachable.
     *
     * @return the authenticator
     * @throws IllegalStateException when something is missing, or two settings exclude each other
     */
    public LdapAuthenticator build() {
        check();
        SSLContext context = plaintext ? null : tls == null ? defaultTls() : tls;
        Identities identities = new Identities(
                new Identities.Names(
                        loginAttributes,
                        nameAttribute == null ? loginAttributes.get(0) : nameAttribute,
                        accountAttribute,
                        domainsAttribute,
                        relayAttribute,
                        memberOf,
                        limits),
                new Identities.Groups(groupBase, member, domainsOfGroup, groupDomains, relayGroups, nested));
        try {
            Directory directory =
                    new Directory(new Directory.Settings(servers, context, service, connections, timeout, clock));
            return new LdapAuthenticator(directory, login(directory, identities));
        } catch (LDAPException e) {
            throw new IllegalStateException("no pool of connections: " + e.getMessage(), e);
        }
    }

    private UserLogin login(Directory directory, Identities identities) {
        DN above = parent;
        if (above != null) {
            return new DirectBind(directory, loginAttributes.get(0), above, identities);
        }
        String below = Objects.requireNonNull(base);
        return new SearchAndBind(
                directory,
                below,
                filter == null ? Filter.createPresenceFilter("objectClass") : filter,
                decoy == null ? "cn=nobody-" + UUID.randomUUID() + "," + below : decoy,
                identities);
    }

    private void check() {
        require((base == null) != (parent == null), "users or directBind must be set, and not both");
        require(parent == null || service == null, "searchAs is for users, and not for directBind");
        require(parent == null || filter == null, "filter is for users, and not for directBind");
        require(parent == null || decoy == null, "decoy is for users, and not for directBind");
        require(isLdaps() || startTls != plaintext, "ldap:// needs startTls or plaintext, and not both");
        require(!plaintext || tls == null, "tls is not used with plaintext");
        require(domainsOfGroup == null || groupBase != null, "groupDomains(attribute) needs groups");
        require(!nested || groupBase != null, "nestedGroups needs groups");
        require(
                groupDomains.isEmpty() && relayGroups.isEmpty() || groupBase != null || memberOf != null,
                "groupDomains and relayGroup need groups or memberOf");
    }

    private static void require(boolean met, String rule) {
        if (!met) {
            throw new IllegalStateException(rule);
        }
    }

    private boolean isLdaps() {
        return servers.get(0).getScheme().equals("ldaps");
    }

    private static SSLContext defaultTls() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("tls: the JVM has none", e);
        }
    }
}
