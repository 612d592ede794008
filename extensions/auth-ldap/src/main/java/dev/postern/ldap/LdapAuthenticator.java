package dev.postern.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import java.util.Arrays;

/**
 * Authenticates users by a bind to an LDAP directory (RFC 4511): with the name from a pattern, or as the only entry
 * that a search finds. The directory determines the name by which the user is counted, the account, the domains and the
 * limits.
 *
 * <p>A user must be the only match, and its name must equal the typed one except for case: looser matches by the
 * directory's rules (spaces, wide letters) and ambiguous ones are denied. An empty password is never sent to the
 * directory, which could treat it as an anonymous bind (RFC 4513 section 5.1.2). Referrals are not followed, aliases
 * not dereferenced.
 *
 * <p>While the directory does not answer, or returns an unusable entry, the answer is {@link AuthResult.Unavailable};
 * connections recover by themselves. Nothing about a user is kept between logins. Thread-safe. Close it after the
 * relay.
 */
public final class LdapAuthenticator implements Authenticator, AutoCloseable {

    private final Directory directory;
    private final UserLogin login;

    LdapAuthenticator(Directory directory, UserLogin login) {
        this.directory = directory;
        this.login = login;
    }

    /**
     * Returns a builder.
     *
     * @param url {@code ldaps://host[:port]}, or {@code ldap://host[:port]} for StartTLS
     * @param others further URLs of the same kind, tried in this order when those before do not answer
     * @return a builder
     * @throws IllegalArgumentException when one is not such a URL, or the kinds differ
     */
    public static LdapAuthenticatorBuilder builder(String url, String... others) {
        return new LdapAuthenticatorBuilder(url, others);
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        byte[] secret = credentials.secret();
        if (secret.length == 0 || credentials.username().isEmpty()) {
            return AuthResult
                    .denied(); // RFC 4513 section 5.1.2: a bind without a password succeeds, and proves nothing
        }
        try {
            return directory.login(deadline -> login.login(credentials.username(), secret, deadline));
        } catch (UnusableEntryException e) {
            return AuthResult.unavailable(String.valueOf(e.getMessage()));
        } catch (LDAPException e) {
            return AuthResult.unavailable("the directory: " + e.getResultCode() + ": " + e.getMessage());
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** Closes the connections; a second call does nothing. */
    @Override
    public void close() {
        directory.close();
    }

    /** Returns the servers. */
    @Override
    public String toString() {
        return "LdapAuthenticator[" + directory + "]";
    }
}
