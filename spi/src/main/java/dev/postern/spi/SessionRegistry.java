package dev.postern.spi;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Counts sessions by user, account and client address, so that the relay can limit them. Called on the session's thread or
 * one of the relay's, concurrently. May block. When a registry throws, returns null or takes longer than the relay's plug-in
 * time-out, the relay refuses the session temporarily. A call that takes too long is interrupted: whatever comes of it, later
 * calls are answered as if it had not been.
 *
 * <p>A registry that several nodes share lends places. Those of a dead node become free after a time that the registry
 * documents, by its own clock. Closing a place that went to others does nothing.
 */
@FunctionalInterface
public interface SessionRegistry {

    /** What is counted. */
    enum Scope {
        /** Authenticated sessions of a user. */
        USER,
        /** Authenticated sessions of an account. */
        ACCOUNT,
        /** Connections of a client address; IPv6 addresses count by prefix. */
        ADDRESS
    }

    /**
     * Asks for a place.
     *
     * @param scope what is counted
     * @param key the user or the account in its canonical form ({@link CanonicalName}), or the address or prefix; compared
     *     octet for octet
     * @param max how many places there are, 1 or more
     * @param sessionId the session that asks
     */
    record Claim(Scope scope, String key, int max, String sessionId) {}

    /**
     * A place; closing it gives it back, closing it again does nothing. Any thread may close it, also one that is
     * interrupted, whose place may come back a moment later, and also when the registry was closed before. Never throws.
     */
    @FunctionalInterface
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a place if there is one; atomic, also between nodes. A refused claim takes nothing. All claims of the same scope
     * and key share one count; each is judged by its own limit. A session takes a place in each scope, and gives each back
     * separately.
     *
     * @param claim which
     * @return the place, empty when all are taken; never null
     * @throws NullPointerException when the claim is null
     */
    Optional<Permit> acquire(Claim claim);

    /**
     * Tells all relays that share the registry to end the sessions of a user or an account. Every {@link #revoked} that begins
     * after this has returned lists it, for a day at least.
     *
     * @param scope {@link Scope#USER} or {@link Scope#ACCOUNT}
     * @param key the user or the account in its canonical form ({@link CanonicalName}); compared octet for octet
     * @return true when it is known now; false, as by default, for a registry that cannot pass it on: then the caller is
     *     told that sessions of other relays go on
     * @throws IllegalArgumentException when the scope is {@link Scope#ADDRESS}
     */
    default boolean revoke(Scope scope, String key) {
        return false;
    }

    /**
     * Lists what the relays that share the registry have revoked lately. A relay asks about once a second, for a little more
     * than the time since its last answer; the same revocation twice is harmless.
     *
     * @param within how far to look back, by the registry's own clock; 0 or more
     * @return each user and account that was revoked in that time, once, with the age of the last time; in any order. None,
     *     as by default, for a registry whose {@link #revoke} returns false
     */
    default List<Revocation> revoked(Duration within) {
        return List.of();
    }

    /**
     * A revocation: sessions of a user or an account that began before it are to end.
     *
     * @param scope {@link Scope#USER} or {@link Scope#ACCOUNT}
     * @param key the user or the account, as it was revoked
     * @param age how long ago it was revoked, by the registry's own clock; 0 or more
     */
    record Revocation(Scope scope, String key, Duration age) {
        /**
         * Checks the scope and the age.
         *
         * @param scope as {@link #scope()}
         * @param key as {@link #key()}
         * @param age as {@link #age()}
         * @throws IllegalArgumentException when the scope is {@link Scope#ADDRESS}, or the age negative
         */
        public Revocation {
            requireRevocable(scope);
            Objects.requireNonNull(key, "key");
            if (age.isNegative()) {
                throw new IllegalArgumentException("age must not be negative, but is " + age);
            }
        }
    }

    /**
     * Checks that a scope is one that can be revoked.
     *
     * @param scope which
     * @throws IllegalArgumentException when it is {@link Scope#ADDRESS}
     */
    static void requireRevocable(Scope scope) {
        if (scope == Scope.ADDRESS) {
            throw new IllegalArgumentException("scope must be USER or ACCOUNT, not " + scope);
        }
    }
}
