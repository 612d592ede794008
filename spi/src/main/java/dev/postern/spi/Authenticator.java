package dev.postern.spi;

import java.util.Map;

/**
 * Checks credentials. Called on the session's thread or one of the relay's, concurrently for different sessions; may
 * block, but one that takes longer than the relay's plug-in time-out, throws or returns null is answered with {@link
 * StandardReply#AUTH_UNAVAILABLE}. An implementation takes the same time for an unknown user as for a wrong secret, and
 * case does not decide who somebody is: look users up by {@link CanonicalName#ofUser}.
 *
 * <p>Rules: whatever differs from the right secret is denied, also what is no UTF-8; after any number of denials the right
 * one is let in, for counting failures is the {@link LoginThrottle}'s. A user has the same identity at each login, whoever
 * else has logged in before or does so at the same time. Neither the result nor an exception with its causes shows the
 * secret, in whatever form: the relay logs both. What cannot be checked is unavailable, never denied.
 */
@FunctionalInterface
public interface Authenticator {

    /**
     * Checks credentials.
     *
     * @param credentials what the client gave; only to be read. Wiped after this method returns, so copy what must live longer
     * @param client what is known of the client
     * @return what the credentials are worth, never null
     */
    AuthResult authenticate(Credentials credentials, ClientInfo client);

    /**
     * Makes an authenticator of user names and passwords; each user's identity is {@link Identity#of}. {@code
     * ALICE@Example.org} logs in as {@code alice@example.org}: names match in their {@link CanonicalName canonical form}.
     *
     * @param passwords passwords by user name; kept as keyed hashes only
     * @return an authenticator that is safe for use by several threads and takes the same time for unknown users
     * @throws IllegalArgumentException when a name or password is empty, or two names are the same but for their case
     */
    static Authenticator of(Map<String, String> passwords) {
        InMemoryAuthenticator.Builder builder = inMemory();
        passwords.forEach((user, password) -> builder.user(Identity.of(user), password));
        return builder.build();
    }

    /**
     * Starts an authenticator with a list of users in memory.
     *
     * @return a builder
     */
    static InMemoryAuthenticator.Builder inMemory() {
        return new InMemoryAuthenticator.Builder();
    }
}
