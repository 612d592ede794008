package dev.postern.spi;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a client gave to prove who it is. Valid while {@link Authenticator#authenticate} runs, then wiped; neither {@link
 * #toString()} nor any exception shows the secret. Not safe for use by several threads.
 */
public final class Credentials implements AutoCloseable {

    private final String mechanism;
    private final String username;
    private final byte[] secret;

    /**
     * Takes over the credentials.
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
     * {@return the user's name as the client typed it; empty where a token alone says who it is. Look it up by
     * {@link CanonicalName#ofUser}, and escape it before it goes to a log}
     */
    public String username() {
        return username;
    }

    /**
     * {@return a copy of the secret in UTF-8, for the caller to wipe; an access token where the mechanism is one of
     * tokens}
     */
    public byte[] secret() {
        return secret.clone();
    }

    /**
     * Compares the secret in a time that does not depend on where the two differ.
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

    /** Returns the mechanism alone. */
    @Override
    public String toString() {
        return "Credentials[" + mechanism + ", masked]";
    }
}
