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
 * Configures an {@link LdapAuthenticator}. It needs {@link #users} or {@link #directBind}, and TLS or {@link #plaintext}.
 * Not safe for use by several threads.
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
     * Says where users are found: by a search below this entry, and a bind as the one that was found.
     *
     * @param baseDn the entry above all users
     * @param attributes the attributes by whose value users log in, for instance {@code uid}, {@code mail} or {@code
     *     sAMAccountName}; each should have an index for equality
     * @return this builder
     * @throws IllegalArgumentException when the name or an attribute is none, or there is no attribute
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
     * Says who may search for {@link #users}. Default: an anonymous search.
     *
     * @param dn the account's name
     * @param password its password, not empty
     * @return this builder
     * @throws IllegalArgumentException when the name is none, or one of the two is empty
     */
    public LdapAuthenticatorBuilder searchAs(String dn, String password) {
        if (password.isEmpty()) {
            throw new IllegalArgumentException("password must not be empty: the directory would take it for nobody's");
        }
        service = new SimpleBindRequest(Parameters.dn("dn", dn).toString(), password);
        return this;
    }

    /**
     * Sets what an entry must also match to be a {@link #users user}. Default: any entry.
     *
     * @param newFilter a filter (RFC 4515), for instance {@code (objectClass=inetOrgPerson)}
     * @return this builder
     * @throws IllegalArgumentException when it is none
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
     * Names the entry to bind as for names that nobody has. A directory that hashes passwords slowly takes longer for an entry
     * that is there: to hide who exists, give it one whose password has a hash as users' have, and is known to nobody. Its
     * user never gets in. Default: an entry that is not there.
     *
     * @param dn the entry's name
     * @return this builder
     * @throws IllegalArgumentException when it is no name, or empty
     */
    public LdapAuthenticatorBuilder decoy(String dn) {
        decoy = Parameters.dn("dn", dn).toString();
        return this;
    }

    /**
     * Says how users' entries are called, in place of {@link #users}: no search is made and no account needed for it, but each
     * user must be allowed to read his own entry.
     *
     * @param pattern an entry's name whose first part is the user's, for instance {@code
     *     uid={user},ou=people,dc=example,dc=org}
     * @return this builder
     * @throws IllegalArgumentException when it is no such name
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
     * Says which attribute has the one name that a user is counted by. It must have exactly one value: a user of several mail
     * addresses would be counted as several. Default: the first attribute that users log in by.
     *
     * @param attribute its name
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     */
    public LdapAuthenticatorBuilder name(String attribute) {
        nameAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Says which attribute has the user's account. Default, and for users without a value: as {@link Identity#of} says.
     *
     * @param attribute its name; one value at most
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     */
    public LdapAuthenticatorBuilder account(String attribute) {
        accountAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Says which attribute has domains that the user may send from. As soon as this, {@link #groupDomains(String)} or {@link
     * #groupDomains(String, String, String...)} is set, a user has those domains alone. Default: as {@link Identity#of} says.
     *
     * @param attribute its name; values as {@link Identity#withDomains} takes them
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     */
    public LdapAuthenticatorBuilder domains(String attribute) {
        domainsAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Says which attribute has a limit. Default, and for users without a value: the relay's.
     *
     * @param limit which one
     * @param attribute its name; its value, one at most, is a number of 1 or more
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     * @throws IllegalStateException when there is a quota for another period
     */
    public LdapAuthenticatorBuilder limit(Limit limit, String attribute) {
        limits.put(limit, Parameters.attribute("attribute", attribute));
        Limit.requireOneQuota(limits.keySet());
        return this;
    }

    /**
     * Says which attribute must be {@code TRUE} for a user to have relay service; others are told so. Default: everybody has.
     *
     * @param attribute its name
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     */
    public LdapAuthenticatorBuilder relayEnabled(String attribute) {
        relayAttribute = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Says which attribute of a user has the names of his groups' entries. Groups of groups count where the directory lists
     * them there. Default: none.
     *
     * @param attribute its name, mostly {@code memberOf}
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     */
    public LdapAuthenticatorBuilder memberOf(String attribute) {
        memberOf = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Says where to search for a user's groups, at each login; 1000 at most, see {@link #nestedGroups} for groups within groups.
     * Default: nowhere.
     *
     * @param baseDn the entry above all groups
     * @param attribute the attribute that has the names of members' entries, mostly {@code member} or {@code uniqueMember}
     * @return this builder
     * @throws IllegalArgumentException when the name or the attribute is none
     */
    public LdapAuthenticatorBuilder groups(String baseDn, String attribute) {
        groupBase = Parameters.dn("baseDn", baseDn).toString();
        member = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Counts the {@link #groups} that a user's groups are members of, and those that these are members of, too. Costs another
     * search for each level; of more than 10 levels or 1000 groups, the user cannot log in. Default: a user is in the groups
     * alone whose member he is himself.
     *
     * @return this builder
     */
    public LdapAuthenticatorBuilder nestedGroups() {
        nested = true;
        return this;
    }

    /**
     * Says which attribute of the {@link #groups} has domains that members may send from. Default: none.
     *
     * @param attribute its name, for instance {@code associatedDomain}
     * @return this builder
     * @throws IllegalArgumentException when it is no attribute's name
     */
    public LdapAuthenticatorBuilder groupDomains(String attribute) {
        domainsOfGroup = Parameters.attribute("attribute", attribute);
        return this;
    }

    /**
     * Says what members of a group may send from.
     *
     * @param groupDn the group's entry
     * @param first as {@link Identity#withDomains} takes it
     * @param others the same
     * @return this builder
     * @throws IllegalArgumentException when the name or a domain is none
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
     * Gives relay service to the members of a group alone, and to those of further groups that are named so; others are told.
     * Default: everybody has.
     *
     * @param groupDn the group's entry
     * @return this builder
     * @throws IllegalArgumentException when it is no name
     */
    public LdapAuthenticatorBuilder relayGroup(String groupDn) {
        relayGroups.add(Parameters.dn("groupDn", groupDn));
        return this;
    }

    /**
     * Asks for TLS on a connection of {@code ldap://} before anything is said on it (RFC 4511 section 4.14); where the
     * directory refuses, nobody gets in.
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
     * Shows passwords in the clear on connections of {@code ldap://}; for a directory on this machine.
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
     * Sets whose certificates are trusted, and which one is shown. The directory's certificate must be for the host of its URL.
     * Default: the JVM's own.
     *
     * @param context a context for clients
     * @return this builder
     */
    public LdapAuthenticatorBuilder tls(SSLContext context) {
        tls = Objects.requireNonNull(context, "context");
        return this;
    }

    /**
     * Limits how many logins are checked at the same time; each has one connection at a time, of two pools of this size.
     * Default: 8.
     *
     * @param max 1 to 1000
     * @return this builder
     * @throws IllegalArgumentException when max is out of its bounds
     */
    public LdapAuthenticatorBuilder connections(int max) {
        if (max < 1 || max > MAX_CONNECTIONS) {
            throw new IllegalArgumentException("max must be 1 to " + MAX_CONNECTIONS + ", not " + max);
        }
        connections = max;
        return this;
    }

    /**
     * Limits how long the directory may take for a login. To connect may take as long once more. Default: 1.5 s, under the
     * relay's default plug-in time-out.
     *
     * @param limit 10 ms to 1 min
     * @return this builder
     * @throws IllegalArgumentException when limit is out of its bounds
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
     * Makes the authenticator. It connects at the first login: the relay starts while the directory is away.
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
