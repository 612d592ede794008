package dev.postern.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import dev.postern.spi.AuthResult;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.Reply;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the one entry of a name, and binds as it. For a name that nobody has, it binds as somebody who is not there, so that
 * the directory is asked the same.
 *
 * @param filter what an entry must also match
 * @param decoy the name to bind as in place of an unknown user's
 */
record SearchAndBind(Directory directory, String base, Filter filter, String decoy, Identities identities)
        implements UserLogin {

    private static final Logger LOG = LoggerFactory.getLogger(LdapAuthenticator.class);

    @Override
    public AuthResult login(String name, byte[] secret, Deadline deadline) throws LDAPException {
        Optional<SearchResultEntry> user = find(name, deadline);
        String dn = user.map(Entry::getDN).filter(found -> !found.isEmpty()).orElse(decoy);
        boolean right = directory.asUser(deadline, session -> session.bind(dn, secret));
        if (!right || user.isEmpty() || DN.equals(dn, decoy)) { // however the directory spells it
            return AuthResult.denied();
        }
        return identities.needGroups()
                ? directory.asService(deadline, session -> identities.of(user.get(), session))
                : identities.of(user.get(), List.of());
    }

    private Optional<SearchResultEntry> find(String name, Deadline deadline) throws LDAPException {
        List<SearchResultEntry> found = directory.asService(
                deadline, session -> session.search(base, SearchScope.SUB, filterOf(name), 1, identities.attributes()));
        if (found.size() > 1) {
            LOG.warn("{} has several entries below {}, and is let in as none", Reply.printable(name, 80), base);
            return Optional.empty();
        }
        return found.stream().filter(entry -> identities.isCalled(entry, name)).findFirst();
    }

    /** The name stands in it as a value, which nothing in it can leave (RFC 4515 section 3). */
    private Filter filterOf(String name) {
        List<Filter> names = Stream.of(name, CanonicalName.ofUser(name))
                .distinct()
                .flatMap(spelling -> identities.loginAttributes().stream()
                        .map(attribute -> Filter.createEqualityFilter(attribute, spelling)))
                .toList();
        return Filter.createANDFilter(Filter.createORFilter(names), filter);
    }
}
