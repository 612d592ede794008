package dev.postern.passwords;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.security.SecureRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Compares passwords with hashes, each of which says how it was made: Argon2 (best Argon2id), bcrypt, SHA-512 crypt or
 * PBKDF2. An instance computes as many at a time as there are processors, for each takes a processor and, with Argon2,
 * memory; what comes beyond waits up to 1.5 s, which is within a plug-in's time. Safe for use by several threads.
 */
public final class PasswordHashes {

    /** What a comparison says. */
    public enum Answer {
        /** The password is the one. */
        RIGHT,
        /** It is not. */
        WRONG,
        /** Nothing was compared: others were, all the time. */
        BUSY
    }

    /** The parameters of the OWASP password storage cheat sheet: 19 MiB, 2 passes, 1 lane. */
    private static final Argon2Function ARGON2 = Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);

    private static final int SALT_OCTETS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int LONGEST_WAIT_MILLIS = 1500;

    private final Semaphore places;

    /** Makes an instance, which has a bound of its own for what is computed at a time. */
    public PasswordHashes() {
        this(Runtime.getRuntime().availableProcessors());
    }

    PasswordHashes(int atATime) {
        places = new Semaphore(atATime);
    }

    /**
     * Hashes a new password.
     *
     * @param password in UTF-8; not kept
     * @return an Argon2id hash of 19 MiB and 2 passes, with these parameters and a salt of its own
     */
    public static String hash(byte[] password) {
        byte[] salt = new byte[SALT_OCTETS];
        RANDOM.nextBytes(salt);
        return ARGON2.hash(password, salt).getResult();
    }

    /**
     * Tells whether a hash is as {@link #hash} makes them, and need not be replaced.
     *
     * @param hash one that {@link #requireUsable} takes
     * @return false for another kind, or other parameters
     * @throws IllegalArgumentException when it is no such hash; the message does not repeat it
     */
    public static boolean isCurrent(String hash) {
        return PasswordHash.parse(hash) instanceof PasswordHash.Known known
                && known.function().equals(ARGON2);
    }

    /**
     * Checks that passwords can be compared with a hash. Taken are Argon2 of up to 1 GiB, 64 passes and 16 lanes
     * ({@code $argon2id$}), bcrypt of a cost of 4 to 16 ({@code $2a$}, {@code $2b$}, {@code $2y$}), SHA-512 crypt of up to
     * 10,000,000 rounds ({@code $6$}) and password4j's compressed PBKDF2 of as many ({@code $1$} to {@code $5$}).
     *
     * @param hash what stands in a file or a database
     * @throws IllegalArgumentException when it is none of these; the message does not repeat it
     */
    public static void requireUsable(String hash) {
        PasswordHash.parse(hash);
    }

    /**
     * Compares a password with a hash. What a kind of hash does not see of a password makes it wrong: more than 72 octets or
     * a NUL with bcrypt, a NUL with PBKDF2, more than 512 octets with SHA-512 crypt.
     *
     * @param password in UTF-8; only read
     * @param hash one that {@link #requireUsable} takes
     * @return whether it is right
     * @throws IllegalArgumentException when it is no such hash; the message does not repeat it
     */
    public Answer compare(byte[] password, String hash) {
        PasswordHash parsed = PasswordHash.parse(hash);
        try {
            if (!places.tryAcquire(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                return Answer.BUSY;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.BUSY;
        }
        try {
            return parsed.matches(password) ? Answer.RIGHT : Answer.WRONG;
        } finally {
            places.release();
        }
    }
}
