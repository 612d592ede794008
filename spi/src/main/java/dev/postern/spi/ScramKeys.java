package dev.postern.spi;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a server stores for a password in SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677): enough to check a client's
 * proof, but neither the password nor anything that a client could log in with. Anyone who has the keys can still try
 * passwords offline and pose as the server, so protect them like password hashes. Immutable and thread-safe; {@link
 * #toString()} does not show them.
 */
public final class ScramKeys {

    /** The fewest iterations allowed (RFC 7677 section 4). */
    public static final int MIN_ITERATIONS = 4096;

    /** The most iterations allowed: a client computes them all at each login. */
    public static final int MAX_ITERATIONS = 1_000_000;

    private static final int MIN_SALT = 8;
    private static final int MAX_SALT = 64;
    private static final int KEY_OCTETS = 32;
    private static final String BASE64 = "([A-Za-z0-9+/]{1,90}={0,2})";
    private static final Pattern TEXT =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,9}):" + BASE64 + "\\$" + BASE64 + ":" + BASE64);

    private final byte[] salt;
    private final int iterations;
    private final byte[] storedKey;
    private final byte[] serverKey;

    private ScramKeys(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
        if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException(
                    "iterations must be " + MIN_ITERATIONS + " to " + MAX_ITERATIONS + ", not " + iterations);
        }
        requireLength("salt", MIN_SALT, MAX_SALT, salt);
        requireLength("storedKey", KEY_OCTETS, KEY_OCTETS, storedKey);
        requireLength("serverKey", KEY_OCTETS, KEY_OCTETS, serverKey);
        this.salt = salt.clone();
        this.iterations = iterations;
        this.storedKey = storedKey.clone();
        this.serverKey = serverKey.clone();
    }

    private static void requireLength(String parameter, int min, int max, byte[] octets) {
        if (octets.length < min || octets.length > max) {
            String range = min == max ? String.valueOf(min) : min + " to " + max;
            throw new IllegalArgumentException(parameter + " must have " + range + " octets, not " + octets.length);
        }
    }

    /**
     * Creates keys from values stored in a directory.
     *
     * @param salt 8 to 64 octets; copied
     * @param iterations {@link #MIN_ITERATIONS} to {@link #MAX_ITERATIONS}
     * @param storedKey 32 octets, SHA-256 of the ClientKey; copied
     * @param serverKey 32 octets; copied
     * @return the keys
     * @throws IllegalArgumentException when an argument is out of bounds
     */
    public static ScramKeys of(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
        return new ScramKeys(salt, iterations, storedKey, serverKey);
    }

    /**
     * Reads keys in the form that PostgreSQL and LDAP's {@code authPassword} (RFC 5803) use: {@code
     * SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>}, in base64.
     *
     * @param text the text
     * @return the keys
     * @throws IllegalArgumentException when the text has another form, or a value is out of bounds; the message does
     *     not repeat the text
     */
    public static ScramKeys parse(String text) {
        Matcher match = TEXT.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("no keys of the form SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey");
        }
        return new ScramKeys(
                decode(match.group(2)),
                Integer.parseInt(match.group(1)),
                decode(match.group(3)),
                decode(match.group(4)));
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no base64 in SCRAM keys"); // without the cause, which may show them
        }
    }

    /**
     * Computes the keys of a password. Takes as long as a client's login, about 0.1 s for 100,000 iterations.
     *
     * @param password prepared by SASLprep (RFC 4013), which does not change printable US-ASCII; {@code
     *     PasswordHashes.scramKeys} of {@code postern-passwords} prepares any password. Not kept
     * @param salt 8 to 64 random octets, usually 16
     * @param iterations {@link #MIN_ITERATIONS} to {@link #MAX_ITERATIONS}
     * @return the keys
     * @throws IllegalArgumentException when the password is empty, or another argument is out of bounds
     */
    public static ScramKeys ofPrepared(char[] password, byte[] salt, int iterations) {
        if (password.length == 0) {
            throw new IllegalArgumentException("password must not be empty");
        }
        byte[] nothing = new byte[KEY_OCTETS];
        ScramKeys bounds = new ScramKeys(salt, iterations, nothing, nothing);
        PBEKeySpec spec = new PBEKeySpec(password, bounds.salt, iterations, 8 * KEY_OCTETS);
        try {
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            SecretKeySpec key = new SecretKeySpec(salted, "HmacSHA256");
            Arrays.fill(salted, (byte) 0);
            byte[] clientKey = hmac(key, "Client Key");
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
            Arrays.fill(clientKey, (byte) 0);
            return new ScramKeys(salt, iterations, storedKey, hmac(key, "Server Key"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } finally {
            spec.clearPassword();
        }
    }

    private static byte[] hmac(SecretKeySpec key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(key.getAlgorithm());
        mac.init(key);
        return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** {@return a copy of the salt} */
    public byte[] salt() {
        return salt.clone();
    }

    /** {@return how many times a client has to compute HMAC-SHA-256} */
    public int iterations() {
        return iterations;
    }

    /** {@return a copy of the StoredKey} */
    public byte[] storedKey() {
        return storedKey.clone();
    }

    /** {@return a copy of the ServerKey} */
    public byte[] serverKey() {
        return serverKey.clone();
    }

    /** {@return the form that {@link #parse} reads} */
    public String text() {
        Base64.Encoder base64 = Base64.getEncoder();
        return "SCRAM-SHA-256$" + iterations + ":" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(storedKey) + ":" + base64.encodeToString(serverKey);
    }

    /** Shows nothing of the keys. */
    @Override
    public String toString() {
        return "ScramKeys[masked]";
    }
}
