package dev.postern.spi;

import java.util.Optional;

/**
 * Counts sessions by user, account and client address, so that they can be limited. Called on the session's thread or
 * one of the relay's, concurrently; may block. One that throws, returns null or takes longer than the relay's plug-in
 * time-out refuses the session temporarily.
 *
 * <p>A registry that is shared between nodes lends places: those of a node that died return after a time that it
 * documents, by its own clock, and closing a place that went to others does nothing.
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
     * A place; closing it gives it back, closing it again does nothing. Any thread may close it, also when the registry was
     * closed before. Never throws.
     */
    @FunctionalInterface
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a place when there is one; atomic, also between nodes. A claim that is refused takes nothing. All claims of a
     * scope and key share one count, and each is judged by the limit that it carries. A session takes a place in each scope,
     * and gives each back by itself.
     *
     * @param claim which
     * @return the place, empty when all are taken; never null
     * @throws NullPointerException when the claim is null
     */
    Optional<Permit> acquire(Claim claim);
}
