package dev.postern.spi;

/** What an authenticator says of credentials. */
public sealed interface AuthResult {

    /**
     * The credentials are right.
     *
     * @param identity who the session acts for
     */
    record Authenticated(Identity identity) implements AuthResult {}

    /** Unknown user or wrong secret; counts as a failed login of the client's address. */
    record Denied() implements AuthResult {}

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
        return new Denied();
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
