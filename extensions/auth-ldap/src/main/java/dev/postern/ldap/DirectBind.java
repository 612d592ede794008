package dev.postern.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import dev.postern.spi.AuthResult;
import java.util.List;

/**
 * Binds as the entry that a name must have, and reads it as the user.
 *
 * @param attribute what the entry is named by
 * @param parent the entry above
 */
record DirectBind(Directory directory, String attribute, DN parent, Identities identities) implements UserLogin {

    @Override
    public AuthResult login(String name, byte[] secret, Deadline deadline) throws LDAPException {
        String dn = new DN(new RDN(attribute, name), parent).toString(); // escaped (RFC 4514 section 2.4)
        return directory.asUser(
                deadline, session -> session.bind(dn, secret) ? identity(dn, name, session) : AuthResult.denied());
    }

    private AuthResult identity(String dn, String name, Session session) throws LDAPException {
        List<SearchResultEntry> own = session.search(
                dn, SearchScope.BASE, Filter.createPresenceFilter("objectClass"), 1, identities.attributes());
        if (own.size() != 1) {
            throw new UnusableEntryException(dn, "cannot read its own entry");
        }
        return identities.isCalled(own.get(0), name) ? identities.of(own.get(0), session) : AuthResult.denied();
    }
}
