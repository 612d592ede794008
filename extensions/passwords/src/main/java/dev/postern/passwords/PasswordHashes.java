package dev.postern.passwords;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import dev.postern.spi.ScramKeys;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * Compares passwords with hashes, each of which says how it was made: Argon2 (best Argon2id), bcrypt, SHA-512 crypt, PBKDF2 or
 * keys of SCRAM. Each takes a processor and, with Argon2, memory, so an instance computes only a few at a time; of what comes
 * beyond, up to 200 of users who were right lately and 200 of others wait, up to 1.5 s, which is within a plug-in's time. Safe
 * for use by several threads.
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

    /** With how many iterations {@link #scramKeys(byte[])} makes keys. */
    public static final int SCRAM_ITERATIONS = 65_536;

    /** The parameters of the OWASP password storage cheat sheet: 19 MiB, 2 passes, 1 lane. */
    private static final Argon2Function ARGON2 = Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);

    private static final int SALT_OCTETS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MOST_WAITING = 200;
    private static final int LONGEST_MILLIS = 2000;

    private final Turns turns;

    /** Makes an instance that computes on half of the processors at most, and on one at least. */
    public PasswordHashes() {
        this(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    /**
     * Makes an instance with another bound.
     *
     * @param atATime how many hashes are computed at a time, 1 or more
     * @throws IllegalArgumentException when it is less
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
     * Tells whether a hash is as {@link #hash} makes them, and need not be replaced.
     *
     * @param hash one that {@link #requireUsable} takes
     * @return false for another kind, or other parameters; true for keys of SCRAM, which a hash cannot replace
     * @throws IllegalArgumentException when it is no such hash; the message does not repeat it
     */
    public static boolean isCurrent(String hash) {
        PasswordHash parsed = PasswordHash.parse(hash);
        return parsed instanceof PasswordHash.Scram
                || parsed instanceof PasswordHash.Known known
                        && known.function().equals(ARGON2);
    }

    /**
     * Checks that passwords can be compared with a hash. Taken are Argon2 of up to 1 GiB, 64 passes and 16 lanes
     * ({@code $argon2id$}), bcrypt of a cost of 4 to 16 ({@code $2a$}, {@code $2b$}, {@code $2y$}), SHA-512 crypt of up to
     * 10,000,000 rounds ({@code $6$}), password4j's compressed PBKDF2 of as many ({@code $1$} to {@code $5$}), and keys of
     * SCRAM-SHA-256 as {@link ScramKeys#parse} reads them.
     *
     * @param hash what stands in a file or a database
     * @throws IllegalArgumentException when it is none of these; the message does not repeat it
     */
    public static void requireUsable(String hash) {
        PasswordHash.parse(hash);
    }

    /** Whether a hash, though it is usable, seems to cost more than a plug-in's time. */
    static boolean isSlow(String hash) {
        return PasswordHash.parse(hash).millis() > LONGEST_MILLIS;
    }

    /**
     * Makes the keys of a new password for SCRAM-SHA-256, of 65,536 iterations and a salt of their own. Their {@link
     * ScramKeys#text()} can stand in a file or a database in place of a hash, and serves PLAIN and LOGIN, too.
     *
     * @param password in UTF-8; not kept
     * @return the keys
     * @throws IllegalArgumentException when nothing is left of the password that SASLprep (RFC 4013) takes; the message does
     *     not repeat it
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
     * Returns the keys that stand in place of a hash.
     *
     * @param hash one that {@link #requireUsable} takes
     * @return the keys; empty for a hash, of which none can be made
     * @throws IllegalArgumentException when it is no such hash; the message does not repeat it
     */
    public static Optional<ScramKeys> scramKeys(String hash) {
        return PasswordHash.parse(hash) instanceof PasswordHash.Scram scram
                ? Optional.of(scram.keys())
                : Optional.empty();
    }

    /**
     * Compares a password with a hash. What a kind of hash does not see of a password makes it wrong: more than 72 octets or
     * a NUL with bcrypt, a NUL with PBKDF2, more than 512 octets with SHA-512 crypt, what SASLprep prohibits with SCRAM.
     *
     * @param password in UTF-8; only read
     * @param hash one that {@link #requireUsable} takes
     * @return whether it is right
     * @throws IllegalArgumentException when it is no such hash; the message does not repeat it
     */
    public Answer compare(byte[] password, String hash) {
        return compare(password, hash, "");
    }

    /**
     * The same for somebody who may have been right before: then the turn comes before those of strangers, but for one after
     * each four, so that a flood of guesses does not keep users out. The last 10,000 are remembered.
     *
     * @param password in UTF-8; only read
     * @param hash one that {@link #requireUsable} takes
     * @param who the same for the same user from the same place, for instance name and {@link
     *     dev.postern.spi.ClientInfo#addressKey}; empty for somebody unknown
     * @return whether it is right
     * @throws IllegalArgumentException when it is no such hash; the message does not repeat it
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
