package dev.postern.spi;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Checks credentials. Called on the session's thread or a relay thread, concurrently for different sessions. May block.
 * When an authenticator throws, returns null or takes longer than the relay's plug-in time-out, the client gets {@link
 * StandardReply#AUTH_UNAVAILABLE}.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>An unknown user takes the same time as a wrong secret.
 *   <li>The case of a name does not matter: look users up by {@link CanonicalName#ofUser}.
 *   <li>Every wrong secret is denied, even one that is not UTF-8.
 *   <li>The right secret is accepted after any number of wrong ones. Counting failures is the {@link LoginThrottle}'s
 *       job.
 *   <li>A user gets the same identity at each login, no matter who else logs in before or at the same time.
 *   <li>Results and exceptions, including causes, never reveal the secret in any form: the relay logs both.
 *   <li>A call that takes too long is interrupted. That must not affect the answers to later calls.
 *   <li>An authenticator that cannot check credentials answers "unavailable", never "denied".
 * </ul>
 */
@FunctionalInterface
public interface Authenticator {

    /**
     * Checks credentials.
     *
     * @param credentials what the client sent; read-only. Wiped when this method returns, so copy what you need later
     * @param client what is known of the client
     * @return the answer, never null
     */
    AuthResult authenticate(Credentials credentials, ClientInfo client);

    /**
     * Called when a user or an account was revoked, by this relay or by another one that shares its sessions. Cached
     * logins must not let anyone in afterwards. Called before the sessions are ended, possibly several times for one
     * revocation; must return quickly. Revocation is not a lock-out: right credentials stay right, except for tokens
     * that were issued earlier. An authenticator that wraps another passes the call on. The default does nothing.
     *
     * @param scope {@link SessionRegistry.Scope#USER} or {@link SessionRegistry.Scope#ACCOUNT}
     * @param name the user or account, in canonical form
     */
    default void revoked(SessionRegistry.Scope scope, String name) {}

    /**
     * Returns an authenticator that caches another one's successful answers for a while. Use it where each answer costs
     * a password hash or a network round trip. Short for {@link #caching(Authenticator, Duration, RelayClock)} with the
     * machine's clock.
     *
     * @param other asked on a cache miss
     * @param time how long an answer is cached; positive, at most 15 minutes
     * @return the caching authenticator
     * @throws IllegalArgumentException when time is out of bounds
     */
    static Authenticator caching(Authenticator other, Duration time) {
        return caching(other, time, RelayClock.system());
    }

    /**
     * Returns an authenticator that caches another one's successful answers for a while. Denials are not cached. It
     * keeps the identities of the 10,000 most recently used logins, keyed by an HMAC of mechanism, name, secret and
     * client address under a random key of this instance. It never keeps a secret.
     *
     * <p>Caution: until an entry expires, an old password still works after a change, and a deleted user can still log
     * in, from the same address. {@code SmtpRelay.revoke} removes a user at once, in each relay that shares the
     * sessions, provided that the relay's settings hold this object itself: a lambda around it is not told of
     * revocations. Use this only for authenticators whose answer depends on nothing but the credentials and the
     * client's address.
     *
     * @param other asked on a cache miss
     * @param time how long an answer is cached; positive, at most 15 minutes
     * @param clock the relay's clock
     * @return the caching authenticator
     * @throws IllegalArgumentException when time is out of bounds
     */
    static Authenticator caching(Authenticator other, Duration time, RelayClock clock) {
        return new CachingAuthenticator(
                Objects.requireNonNull(other, "other"), time, Objects.requireNonNull(clock, "clock"));
    }

    /**
     * Returns an authenticator for user names and passwords; each user's identity is {@link Identity#of} the name.
     * {@code ALICE@Example.org} logs in as {@code alice@example.org}: names match in their {@link CanonicalName
     * canonical form}. A user whose name is not a mail address has no domain to send from; {@link #inMemory} accepts
     * identities with other domains.
     *
     * @param passwords passwords by user name; only keyed hashes are kept
     * @return a thread-safe authenticator that takes the same time for unknown users
     * @throws IllegalArgumentException when a name or password is empty, or two names differ only in case
     */
    static Authenticator of(Map<String, String> passwords) {
        InMemoryAuthenticator.Builder builder = inMemory();
        Objects.requireNonNull(passwords, "passwords")
                .forEach((user, password) -> builder.user(Identity.of(user), password));
        return builder.build();
    }

    /**
     * Returns a builder of an authenticator that keeps its users in memory.
     *
     * @return a builder
     */
    static InMemoryAuthenticator.Builder inMemory() {
        return new InMemoryAuthenticator.Builder();
    }
}
