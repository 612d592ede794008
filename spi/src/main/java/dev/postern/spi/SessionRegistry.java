package dev.postern.spi;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Counts sessions by user, account and client address, so that the relay can limit them. Called on the session's thread
 * or a relay thread, concurrently. May block. When a registry throws, returns null or takes longer than the relay's
 * plug-in time-out, the relay refuses the session temporarily. A call that takes too long is interrupted; that must not
 * affect the answers to later calls.
 *
 * <p>A registry shared by several nodes leases its permits. A dead node's permits become free after a time that the
 * registry documents, by its own clock. Closing a permit that went to others does nothing.
 */
@FunctionalInterface
public interface SessionRegistry {

    /** What the sessions are counted by. */
    enum Scope {
        /** Authenticated sessions of a user. */
        USER,
        /** Authenticated sessions of an account. */
        ACCOUNT,
        /** Connections of a client address; IPv6 addresses count by prefix. */
        ADDRESS
    }

    /**
     * A request for a permit.
     *
     * @param scope what sessions are counted by
     * @param key the user or the account in its canonical form ({@link CanonicalName}), or the address or prefix;
     *     compared octet for octet
     * @param max how many permits there are, 1 or more
     * @param sessionId the session that asks
     */
    record Claim(Scope scope, String key, int max, String sessionId) {}

    /**
     * Permission for one session. Closing it gives it back; closing it again does nothing. Any thread may close it,
     * even after the registry was closed, and even an interrupted thread, whose permit may come back a moment later.
     * Never throws.
     */
    @FunctionalInterface
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a permit if one is free; atomic, even across nodes. A refused claim takes nothing. All claims of the same
     * scope and key share one count, but each is checked against its own limit. A session takes a permit in each scope,
     * and gives each back separately.
     *
     * @param claim the request
     * @return the permit; empty when all are taken; never null
     * @throws NullPointerException when the claim is null
     */
    Optional<Permit> acquire(Claim claim);

    /**
     * Tells all relays that share the registry to end the sessions of a user or an account. Every {@link #revoked} call
     * that begins after this has returned lists it, for at least a day.
     *
     * @param scope {@link Scope#USER} or {@link Scope#ACCOUNT}
     * @param key the user or the account in its canonical form ({@link CanonicalName}); compared octet for octet
     * @return true when the revocation is recorded; false, as by default, when the registry cannot pass it on: the
     *     caller is then told that sessions of other relays go on
     * @throws IllegalArgumentException when the scope is {@link Scope#ADDRESS}
     */
    default boolean revoke(Scope scope, String key) {
        return false;
    }

    /**
     * Lists the recent revocations by all relays that share the registry. A relay asks about once a second, for a
     * little more than the time since its last answer; getting the same revocation twice is harmless.
     *
     * @param within how far to look back, by the registry's own clock; 0 or more
     * @return each user and account that was revoked in that time, once, with the age of its latest revocation; in any
     *     order. Empty, as by default, for a registry whose {@link #revoke} returns false
     */
    default List<Revocation> revoked(Duration within) {
        return List.of();
    }

    /**
     * A revocation: a user's or an account's sessions that began before it must end.
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
         * @throws IllegalArgumentException when the scope is {@link Scope#ADDRESS}, or the age is negative
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
     * Checks that a scope can be revoked.
     *
     * @param scope the scope
     * @throws IllegalArgumentException when it is {@link Scope#ADDRESS}
     */
    static void requireRevocable(Scope scope) {
        if (scope == Scope.ADDRESS) {
            throw new IllegalArgumentException("scope must be USER or ACCOUNT, not " + scope);
        }
    }
}
