package dev.postern.spi;

import java.util.Map;

/**
 * Checks credentials. Called on the session's thread or one of the relay's, concurrently for different sessions. May block.
 * When an authenticator throws, returns null or takes longer than the relay's plug-in time-out, the client gets {@link
 * StandardReply#AUTH_UNAVAILABLE}.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>It takes the same time for an unknown user as for a wrong secret.
 *   <li>The case of a name does not matter: look users up by {@link CanonicalName#ofUser}.
 *   <li>It denies every wrong secret, also one that is not UTF-8.
 *   <li>It accepts the right secret after any number of wrong ones. Counting failures is the {@link LoginThrottle}'s job.
 *   <li>A user gets the same identity at each login, whoever else logs in before or at the same time.
 *   <li>Neither its results nor its exceptions, causes included, show the secret in any form: the relay logs both.
 *   <li>When it cannot check credentials, its answer is "unavailable", never "denied".
 * </ul>
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
