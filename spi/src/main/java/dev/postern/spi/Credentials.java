package dev.postern.spi;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a client sent to prove who it is. Valid while {@link Authenticator#authenticate} runs, then wiped. Neither
 * {@link #toString()} nor any exception shows the secret. Not thread-safe.
 */
public final class Credentials implements AutoCloseable {

    private final String mechanism;
    private final String username;
    private final byte[] secret;

    /**
     * Creates credentials that own the secret.
     *
     * @param mechanism the SASL mechanism's name in upper case, for instance {@code PLAIN}
     * @param username the authentication identity (RFC 4616 section 2), prepared by the client
     * @param secret the secret in UTF-8; not copied, and wiped by {@link #close()}
     */
    public Credentials(String mechanism, String username, byte[] secret) {
        this.mechanism = mechanism;
        this.username = username;
        this.secret = secret;
    }

    /** {@return the SASL mechanism that the client chose, in upper case} */
    public String mechanism() {
        return mechanism;
    }

    /**
     * {@return the user's name as the client typed it; empty when only a token identifies the user. Look it up by
     * {@link CanonicalName#ofUser}, and escape it before logging it}
     */
    public String username() {
        return username;
    }

    /**
     * {@return a copy of the secret in UTF-8, which the caller should wipe; an access token if the mechanism uses
     * tokens}
     */
    public byte[] secret() {
        return secret.clone();
    }

    /**
     * Compares the secret in constant time: where the two differ does not matter.
     *
     * @param expected the right secret
     * @return true when they are equal
     */
    public boolean secretEquals(String expected) {
        return MessageDigest.isEqual(secret, expected.getBytes(StandardCharsets.UTF_8));
    }

    /** Wipes the secret. */
    @Override
    public void close() {
        Arrays.fill(secret, (byte) 0);
    }

    /** Returns only the mechanism. */
    @Override
    public String toString() {
        return "Credentials[" + mechanism + ", masked]";
    }
}
