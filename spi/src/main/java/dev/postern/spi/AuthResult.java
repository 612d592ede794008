package dev.postern.spi;

/** What an authenticator says of credentials. */
public sealed interface AuthResult {

    /**
     * The credentials are right.
     *
     * @param identity who the session acts for
     */
    record Authenticated(Identity identity) implements AuthResult {}

    /**
     * Unknown user or wrong secret; counts as a failed login of the client's address.
     *
     * @param reason what a client with an access token is told (RFC 7628 section 3.2.2); all others are told the same
     */
    record Denied(DenialReason reason) implements AuthResult {}

    /** Why credentials are denied. */
    enum DenialReason {
        /** They are wrong. */
        CREDENTIALS,
        /** They are a token that is right, but was not issued for sending mail. */
        SCOPE
    }

    /** The credentials are right, but the account has no relay service. Never for wrong credentials. */
    record RelayDisabled() implements AuthResult {}

    /**
     * Cannot be said now. Not a failed login.
     *
     * @param reason for the log, never for the client; without credentials
     */
    record Unavailable(String reason) implements AuthResult {}

    /**
     * The credentials are right.
     *
     * @param identity who the session acts for
     * @return the result
     */
    static AuthResult authenticated(Identity identity) {
        return new Authenticated(identity);
    }

    /**
     * Unknown user or wrong secret.
     *
     * @return the result
     */
    static AuthResult denied() {
        return new Denied(DenialReason.CREDENTIALS);
    }

    /**
     * An access token that lacks a scope. Only for one that is right in everything else: the client is told to get another one
     * (RFC 6750 section 3.1, {@code insufficient_scope}).
     *
     * @return the result
     */
    static AuthResult insufficientScope() {
        return new Denied(DenialReason.SCOPE);
    }

    /**
     * Right credentials of an account without relay service.
     *
     * @return the result
     */
    static AuthResult relayDisabled() {
        return new RelayDisabled();
    }

    /**
     * Cannot be said now.
     *
     * @param reason for the log, without credentials
     * @return the result
     */
    static AuthResult unavailable(String reason) {
        return new Unavailable(reason);
    }
}
