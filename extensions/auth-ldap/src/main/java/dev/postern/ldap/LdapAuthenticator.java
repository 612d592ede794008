package dev.postern.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import java.util.Arrays;

/**
 * Users in an LDAP directory (RFC 4511), which checks their passwords by a bind: by the name in a pattern, or of the one entry
 * that a search finds. The directory says by which name the user is counted, what is the account, and which domains and limits
 * there are.
 *
 * <p>Only one entry whose name is the one that was typed, but for its case, is let in: neither one that a lax matching rule
 * of the directory finds (spaces, wide letters), nor one of several. An empty password is never shown to the directory, which
 * could take it for an anonymous bind (RFC 4513 section 5.1.2). Referrals are not followed, aliases not dereferenced.
 *
 * <p>While the directory does not answer, or gives an entry that cannot be used, the answer is {@link
 * AuthResult.Unavailable}; connections come back by themselves. Nothing is kept of a user between logins. Safe for use by
 * several threads. Close it after the relay.
 */
public final class LdapAuthenticator implements Authenticator, AutoCloseable {

    private final Directory directory;
    private final UserLogin login;

    LdapAuthenticator(Directory directory, UserLogin login) {
        this.directory = directory;
        this.login = login;
    }

    /**
     * Starts to configure.
     *
     * @param url {@code ldaps://host[:port]}, or {@code ldap://host[:port]} for StartTLS
     * @param others of the same kind, asked in this order when those before do not answer
     * @return a builder
     * @throws IllegalArgumentException when one is no such URL, or they are of two kinds
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

    /** Closes the connections; a second time does nothing. */
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
