package dev.postern.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import dev.postern.spi.AuthResult;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.IdentityLimits.Limit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes identities of users' entries. Immutable. */
final class Identities {

    private static final int MOST_GROUPS = 1000;
    private static final int MOST_LEVELS = 10;

    /** Which attributes say what; one that is null says nothing. */
    record Names(
            List<String> login,
            String user,
            @Nullable String account,
            @Nullable String domains,
            @Nullable String relayEnabled,
            @Nullable String memberOf,
            Map<Limit, String> limits) {
        Names {
            login = List.copyOf(login);
            limits = Map.copyOf(limits);
        }
    }

    /** Where groups are found and what they are good for. */
    record Groups(
            @Nullable String base,
            @Nullable String member,
            @Nullable String domains,
            Map<DN, Set<String>> domainsOf,
            Set<DN> withRelay,
            boolean nested) {
        Groups {
            domainsOf = Map.copyOf(domainsOf);
            withRelay = Set.copyOf(withRelay);
        }
    }

    private final Names names;
    private final Groups groups;
    private final Set<String> attributes = new TreeSet<>();

    Identities(Names names, Groups groups) {
        this.names = names;
        this.groups = groups;
        attributes.addAll(names.login);
        attributes.addAll(names.limits.values());
        for (String name :
                Arrays.asList(names.user, names.account, names.domains, names.relayEnabled, names.memberOf)) {
            if (name != null) {
                attributes.add(name);
            }
        }
    }

    /** What has to be asked of an entry. */
    Set<String> attributes() {
        return attributes;
    }

    /** What users log in by. */
    List<String> loginAttributes() {
        return names.login;
    }

    /** Whether the directory has to be asked for groups. */
    boolean needGroups() {
        return groups.base != null;
    }

    /**
     * Tells whether an entry has this name as the relay compares names. A directory does so more laxly: it overlooks spaces,
     * takes wide letters for narrow ones, and what its administrator says.
     */
    boolean isCalled(Entry entry, String name) {
        String canonical = CanonicalName.ofUser(name);
        return names.login.stream()
                .flatMap(attribute -> values(entry, attribute).stream())
                .anyMatch(value -> CanonicalName.ofUser(value).equals(canonical));
    }

    /** Asks for the groups where that is needed. */
    AuthResult of(Entry user, Session session) throws LDAPException {
        String base = groups.base;
        String member = groups.member;
        if (base == null || member == null) {
            return of(user, List.of());
        }
        return of(user, memberships(user, base, member, session));
    }

    /** The user's groups; with those, level by level, that the groups themselves are members of. */
    private Collection<SearchResultEntry> memberships(Entry user, String base, String member, Session session)
            throws LDAPException {
        Set<String> asked = groups.domains == null ? Set.of() : Set.of(groups.domains);
        Map<DN, SearchResultEntry> all = new HashMap<>();
        List<Filter> members = List.of(Filter.createEqualityFilter(member, user.getDN()));
        for (int level = 0; !members.isEmpty() && (level == 0 || groups.nested); level++) {
            if (level == MOST_LEVELS) {
                throw new UnusableEntryException(user.getDN(), "is in groups of more than " + MOST_LEVELS + " levels");
            }
            List<Filter> further = new ArrayList<>();
            for (SearchResultEntry group :
                    session.search(base, SearchScope.SUB, Filter.createORFilter(members), MOST_GROUPS, asked)) {
                if (all.putIfAbsent(group.getParsedDN(), group) == null) { // else it was there, or is in a circle
                    further.add(Filter.createEqualityFilter(member, group.getDN()));
                }
            }
            if (all.size() > MOST_GROUPS) {
                throw new UnusableEntryException(user.getDN(), "is in more than " + MOST_GROUPS + " groups");
            }
            members = further;
        }
        return all.values();
    }

    /** Makes the identity of a user whose password is right. */
    AuthResult of(Entry user, Collection<? extends Entry> memberships) throws LDAPException {
        Set<DN> memberOf = new HashSet<>();
        Set<String> domains = new HashSet<>();
        for (Entry group : memberships) {
            memberOf.add(group.getParsedDN());
            domains.addAll(values(group, groups.domains));
        }
        for (String group : values(user, names.memberOf)) {
            memberOf.add(new DN(group));
        }
        memberOf.forEach(group -> domains.addAll(groups.domainsOf.getOrDefault(group, Set.of())));
        domains.addAll(values(user, names.domains));
        if (!hasRelay(user, memberOf)) {
            return AuthResult.relayDisabled();
        }
        Identity identity = Identity.of(one(user, names.user).orElseThrow(() -> lacks(user, names.user)));
        Optional<String> account = names.account == null ? Optional.empty() : one(user, names.account);
        try {
            identity = account.map(identity::withAccount).orElse(identity);
            identity = saysDomains() ? identity.withDomains(domains) : identity;
            return AuthResult.authenticated(identity.withLimits(limits(user)));
        } catch (IllegalArgumentException e) {
            throw new UnusableEntryException(user.getDN(), String.valueOf(e.getMessage()));
        }
    }

    private boolean hasRelay(Entry user, Set<DN> memberOf) {
        boolean enabled = names.relayEnabled == null
                || one(user, names.relayEnabled)
                        .filter("TRUE"::equalsIgnoreCase)
                        .isPresent(); // RFC 4517 section 3.3.3
        return enabled
                && (groups.withRelay.isEmpty() || groups.withRelay.stream().anyMatch(memberOf::contains));
    }

    /** Where nothing is set, a mail address's domain is the user's. */
    private boolean saysDomains() {
        return names.domains != null || groups.domains != null || !groups.domainsOf.isEmpty();
    }

    private IdentityLimits limits(Entry user) {
        IdentityLimits limits = IdentityLimits.none();
        for (Map.Entry<Limit, String> limit : names.limits.entrySet()) {
            Optional<String> value = one(user, limit.getValue());
            if (value.isPresent()) {
                limits = limits.with(limit.getKey(), number(user, limit.getValue(), value.get()));
            }
        }
        return limits;
    }

    private static long number(Entry user, String attribute, String value) {
        try {
            return Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw new UnusableEntryException(user.getDN(), "has no number as " + attribute);
        }
    }

    /** Several values are no answer: which one comes first may change, and with it who is counted. */
    private static Optional<String> one(Entry entry, String attribute) {
        List<String> values = values(entry, attribute);
        if (values.size() > 1) {
            throw new UnusableEntryException(entry.getDN(), "has several values of " + attribute);
        }
        return values.stream().filter(value -> !value.isBlank()).findFirst();
    }

    private static UnusableEntryException lacks(Entry entry, String attribute) {
        return new UnusableEntryException(entry.getDN(), "shows no value of " + attribute);
    }

    private static List<String> values(Entry entry, @Nullable String attribute) {
        String[] values = attribute == null ? null : entry.getAttributeValues(attribute);
        return values == null ? List.of() : new ArrayList<>(Arrays.asList(values));
    }
}
