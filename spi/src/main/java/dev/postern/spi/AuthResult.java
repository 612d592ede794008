package dev.postern.spi;

/** An authenticator's answer about credentials. */
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
     * @param reason reported to clients that use an access token (RFC 7628 section 3.2.2); all other clients get the
     *     same reply for either reason
     */
    record Denied(DenialReason reason) implements AuthResult {}

    /** Why credentials were denied. */
    enum DenialReason {
        /** The credentials are wrong. */
        CREDENTIALS,
        /** The token is valid, but was not issued for sending mail. */
        SCOPE
    }

    /** The credentials are right, but the account has no relay service. Must not be returned for wrong credentials. */
    record RelayDisabled() implements AuthResult {}

    /**
     * Credentials cannot be checked now. Does not count as a failed login.
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
     * An access token that lacks a scope. Only for a token that is valid in every other respect: the client is told to
     * get another one (RFC 6750 section 3.1, {@code insufficient_scope}).
     *
     * @return the result
     */
    static AuthResult insufficientScope() {
        return new Denied(DenialReason.SCOPE);
    }

    /**
     * The credentials are right, but the account has no relay service.
     *
     * @return the result
     */
    static AuthResult relayDisabled() {
        return new RelayDisabled();
    }

    /**
     * The credentials cannot be checked now.
     *
     * @param reason for the log, without credentials
     * @return the result
     */
    static AuthResult unavailable(String reason) {
        return new Unavailable(reason);
    }
}
