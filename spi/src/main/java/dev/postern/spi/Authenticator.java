package dev.postern.spi;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

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
 *   <li>A call that takes too long is interrupted. Whatever comes of it, later calls are answered as if it had not been.
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
     * Hears that a user or an account was revoked, here or by another relay that shares the sessions: what is remembered of
     * earlier logins must let nobody in any more. Called before the sessions are ended, maybe several times for one
     * revocation; to return soon. Who is revoked is not locked out: right credentials are right as before, but for tokens that
     * were issued earlier. An authenticator that asks another passes it on. Default: nothing is remembered.
     *
     * @param scope {@link SessionRegistry.Scope#USER} or {@link SessionRegistry.Scope#ACCOUNT}
     * @param name which, in its canonical form
     */
    default void revoked(SessionRegistry.Scope scope, String name) {}

    /**
     * Makes an authenticator that asks another one once, and then for a while answers by itself that the same credentials are
     * right: for one whose every answer costs a hash or a way over the network. Short for {@link #caching(Authenticator,
     * Duration, RelayClock)} with the machine's clock.
     *
     * @param other asked for what is not remembered
     * @param time how long an answer is remembered; positive, 15 minutes at most
     * @return an authenticator for the relay's settings
     * @throws IllegalArgumentException when time is out of its bounds
     */
    static Authenticator caching(Authenticator other, Duration time) {
        return caching(other, time, RelayClock.system());
    }

    /**
     * Makes an authenticator that remembers for a while which credentials another one has found right. Nothing else is
     * remembered: who was denied is looked up again. Kept are the identities of the 10,000 logins that were used last, each
     * by an HMAC of mechanism, name, secret and client address under a random key of this instance; never a secret.
     *
     * <p>Caution: until its time is over, a password that was changed, and the user of one that was deleted, can log in as
     * before from the same address. {@code SmtpRelay.revoke} forgets a user at once, in each relay that shares the sessions,
     * provided that this object itself is in the settings: a lambda around it hears of no revocation. For authenticators
     * whose answer depends on nothing but credentials and the client's address.
     *
     * @param other asked for what is not remembered
     * @param time how long an answer is remembered; positive, 15 minutes at most
     * @param clock the relay's
     * @return an authenticator for the relay's settings
     * @throws IllegalArgumentException when time is out of its bounds
     */
    static Authenticator caching(Authenticator other, Duration time, RelayClock clock) {
        return new CachingAuthenticator(
                Objects.requireNonNull(other, "other"), time, Objects.requireNonNull(clock, "clock"));
    }

    /**
     * Makes an authenticator of user names and passwords; each user's identity is {@link Identity#of}. {@code
     * ALICE@Example.org} logs in as {@code alice@example.org}: names match in their {@link CanonicalName canonical form}. A user
     * whose name is no mail address has no domain to send from; {@link #inMemory} takes identities that have others.
     *
     * @param passwords passwords by user name; kept as keyed hashes only
     * @return an authenticator that is safe for use by several threads and takes the same time for unknown users
     * @throws IllegalArgumentException when a name or password is empty, or two names are the same but for their case
     */
    static Authenticator of(Map<String, String> passwords) {
        InMemoryAuthenticator.Builder builder = inMemory();
        Objects.requireNonNull(passwords, "passwords")
                .forEach((user, password) -> builder.user(Identity.of(user), password));
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
