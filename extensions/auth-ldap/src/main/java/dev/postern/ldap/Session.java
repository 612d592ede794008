package dev.postern.ldap;

import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.PasswordProvider;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import java.util.List;
import java.util.Set;

/** A connection while one login uses it. */
record Session(LDAPConnection connection, Deadline deadline) {

    /**
     * With these a directory says that the user does not get in: no such password, user or name; locked, or disabled. Anything
     * else says nothing about the password.
     */
    private static final Set<ResultCode> DENIALS = Set.of(
            ResultCode.INVALID_CREDENTIALS,
            ResultCode.NO_SUCH_OBJECT,
            ResultCode.INVALID_DN_SYNTAX,
            ResultCode.INAPPROPRIATE_AUTHENTICATION,
            ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
            ResultCode.CONSTRAINT_VIOLATION,
            ResultCode.UNWILLING_TO_PERFORM);

    /**
     * The connection keeps its last bind, as long as it is pooled; it gets the password from here, and from here it is gone
     * with the login.
     */
    private static final class Secret extends PasswordProvider {

        private static final long serialVersionUID = 1;

        private transient byte[] secret;

        Secret(byte[] secret) {
            this.secret = secret;
        }

        /** A copy: whoever asks wipes it. */
        @Override
        public byte[] getPasswordBytes() {
            return secret.clone();
        }

        void forget() {
            secret = new byte[0];
        }
    }

    /** Returns whether the directory takes this password, which is not empty, for that of the entry, whose name is not either. */
    boolean bind(String dn, byte[] secret) throws LDAPException {
        if (dn.isEmpty() || secret.length == 0) { // RFC 4513 sections 5.1.1 and 5.1.2
            throw new IllegalArgumentException("would be an anonymous bind");
        }
        Secret given = new Secret(secret);
        try {
            SimpleBindRequest request = new SimpleBindRequest(dn, given);
            request.setResponseTimeoutMillis(deadline.left());
            request.setFollowReferrals(false);
            return connection.bind(request).getResultCode().equals(ResultCode.SUCCESS);
        } catch (LDAPException e) {
            if (DENIALS.contains(e.getResultCode())) {
                return false;
            }
            throw e;
        } finally {
            given.forget();
        }
    }

    /** Returns the entries, one more than {@code most} at most: then there are too many. */
    List<SearchResultEntry> search(String base, SearchScope scope, Filter filter, int most, Set<String> attributes)
            throws LDAPException {
        String[] names =
                attributes.isEmpty() ? new String[] {SearchRequest.NO_ATTRIBUTES} : attributes.toArray(new String[0]);
        SearchRequest request =
                new SearchRequest(base, scope, DereferencePolicy.NEVER, most + 1, 0, false, filter, names);
        request.setResponseTimeoutMillis(deadline.left());
        request.setFollowReferrals(false);
        try {
            return connection.search(request).getSearchEntries();
        } catch (LDAPSearchException e) {
            List<SearchResultEntry> found = e.getSearchEntries();
            if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED) && found != null && found.size() > most) {
                return found;
            }
            throw e;
        }
    }
}
