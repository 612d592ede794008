package dev.postern.passwords;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import dev.postern.spi.ScramKeys;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * Compares passwords with self-describing hashes: Argon2 (preferably Argon2id), bcrypt, SHA-512 crypt, PBKDF2 or SCRAM
 * keys. Each comparison takes a processor and, with Argon2, memory, so an instance computes only a few at a time.
 * Beyond that, up to 200 comparisons for users who were recently right and 200 for others wait, for at most 1.5 s,
 * which is below the plug-in time-out. Thread-safe.
 */
public final class PasswordHashes {

    /** The result of a comparison. */
    public enum Answer {
        /** The password matches. */
        RIGHT,
        /** The password does not match. */
        WRONG,
        /** Nothing was compared, because all capacity was in use. */
        BUSY
    }

    /** The number of iterations of keys from {@link #scramKeys(byte[])}. */
    public static final int SCRAM_ITERATIONS = 65_536;

    /** The parameters of the OWASP password storage cheat sheet: 19 MiB, 2 passes, 1 lane. */
    private static final Argon2Function ARGON2 = Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);

    private static final int SALT_OCTETS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MOST_WAITING = 200;
    private static final int LONGEST_MILLIS = 2000;

    private final Turns turns;

    /** Creates an instance that computes on at most half of the processors, but at least one. */
    public PasswordHashes() {
        this(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    /**
     * Creates an instance with another limit.
     *
     * @param atATime how many hashes are computed at a time, 1 or more
     * @throws IllegalArgumentException when atATime is under 1
     */
    public PasswordHashes(int atATime) {
        this(new Turns(requirePositive(atATime), MOST_WAITING));
    }

    PasswordHashes(Turns turns) {
        this.turns = turns;
    }

    private static int requirePositive(int atATime) {
        if (atATime < 1) {
            throw new IllegalArgumentException("atATime must be 1 or more, not " + atATime);
        }
        return atATime;
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
     * Returns whether a hash is current, like those of {@link #hash}, and need not be replaced.
     *
     * @param hash one that {@link #requireUsable} accepts
     * @return false for another kind or other parameters; true for SCRAM keys, which a hash cannot replace
     * @throws IllegalArgumentException when it is not such a hash; the message does not repeat it
     */
    public static boolean isCurrent(String hash) {
        PasswordHash parsed = PasswordHash.parse(hash);
        return parsed instanceof PasswordHash.Scram
                || parsed instanceof PasswordHash.Known known
                        && known.function().equals(ARGON2);
    }

    /**
     * Checks that passwords can be compared with a hash. Accepted are Argon2 of up to 1 GiB, 64 passes and 16 lanes
     * ({@code $argon2id$}), bcrypt with a cost of 4 to 16 ({@code $2a$}, {@code $2b$}, {@code $2y$}), SHA-512 crypt of
     * up to 10,000,000 rounds ({@code $6$}), password4j's compressed PBKDF2 of as many ({@code $1$} to {@code $5$}),
     * and SCRAM-SHA-256 keys in the form of {@link ScramKeys#parse}.
     *
     * @param hash the value in a file or a database
     * @throws IllegalArgumentException when it is none of these; the message does not repeat it
     */
    public static void requireUsable(String hash) {
        PasswordHash.parse(hash);
    }

    /** Whether a usable hash seems to take longer than the plug-in time-out. */
    static boolean isSlow(String hash) {
        return PasswordHash.parse(hash).millis() > LONGEST_MILLIS;
    }

    /**
     * Computes SCRAM-SHA-256 keys for a new password, with 65,536 iterations and a new salt. Their {@link
     * ScramKeys#text()} can be stored in a file or a database instead of a hash, and works for PLAIN and LOGIN too.
     *
     * @param password in UTF-8; not kept
     * @return the keys
     * @throws IllegalArgumentException when the password is not UTF-8, or SASLprep (RFC 4013) prohibits it or leaves
     *     nothing of it; the message does not repeat it
     */
    public static ScramKeys scramKeys(byte[] password) {
        char[] prepared = Preparation.of(password);
        if (prepared.length == 0) {
            throw new IllegalArgumentException("password must be text in UTF-8 of characters that SASLprep takes");
        }
        byte[] salt = new byte[SALT_OCTETS];
        RANDOM.nextBytes(salt);
        try {
            return ScramKeys.ofPrepared(prepared, salt, SCRAM_ITERATIONS);
        } finally {
            Arrays.fill(prepared, '\0');
        }
    }

    /**
     * Returns the keys stored instead of a hash.
     *
     * @param hash one that {@link #requireUsable} accepts
     * @return the keys; empty for a hash, which has none
     * @throws IllegalArgumentException when it is not such a hash; the message does not repeat it
     */
    public static Optional<ScramKeys> scramKeys(String hash) {
        return PasswordHash.parse(hash) instanceof PasswordHash.Scram scram
                ? Optional.of(scram.keys())
                : Optional.empty();
    }

    /**
     * Compares a password with a hash. A password that a kind of hash cannot fully cover is wrong: more than 72 octets
     * or a NUL with bcrypt, a NUL with PBKDF2, more than 512 octets with SHA-512 crypt, anything that SASLprep
     * prohibits with SCRAM.
     *
     * @param password in UTF-8; read-only
     * @param hash one that {@link #requireUsable} accepts
     * @return whether it is right
     * @throws IllegalArgumentException when it is not such a hash; the message does not repeat it
     */
    public Answer compare(byte[] password, String hash) {
        return compare(password, hash, "");
    }

    /**
     * Compares a password with a hash, and prefers users who were right before: four of them go before each stranger,
     * so that a flood of guesses does not lock users out. Remembers the last 10,000.
     *
     * @param password in UTF-8; read-only
     * @param hash one that {@link #requireUsable} accepts
     * @param who identifies a user at a place, for instance by name and {@link dev.postern.spi.ClientInfo#addressKey};
     *     empty if unknown
     * @return whether it is right
     * @throws IllegalArgumentException when it is not such a hash; the message does not repeat it
     */
    public Answer compare(byte[] password, String hash, String who) {
        PasswordHash parsed = PasswordHash.parse(hash);
        try {
            if (!turns.take(who)) {
                return Answer.BUSY;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.BUSY;
        }
        boolean right;
        try {
            right = parsed.matches(password);
        } finally {
            turns.giveBack();
        }
        if (right) {
            turns.wasRight(who);
        }
        return right ? Answer.RIGHT : Answer.WRONG;
    }
}
