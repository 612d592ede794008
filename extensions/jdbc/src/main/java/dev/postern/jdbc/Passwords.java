package dev.postern.jdbc;

import com.password4j.Argon2Function;
import com.password4j.BcryptFunction;
import com.password4j.CompressedPBKDF2Function;
import com.password4j.HashingFunction;
import com.password4j.types.Argon2;
import dev.postern.stores.StoreException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Password hashes, each of which says how it was made: Argon2id for new ones, bcrypt and PBKDF2 for old ones. So many are
 * computed at a time as there are processors, for each takes 19 MiB. Safe for use by several threads.
 */
final class Passwords {

    /** The parameters of the OWASP password storage cheat sheet: 19 MiB, 2 passes, 1 lane. */
    private static final Argon2Function ARGON2 = Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);

    private static final int SALT_OCTETS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What an unknown user's password is compared with, so that it takes as long. */
    private static final String NOBODY = hash("nobody".getBytes(StandardCharsets.US_ASCII));

    private static final int LONGEST_WAIT_MILLIS = 1500;

    private final Semaphore places = new Semaphore(Runtime.getRuntime().availableProcessors());

    static String hash(byte[] password) {
        byte[] salt = new byte[SALT_OCTETS];
        RANDOM.nextBytes(salt);
        return ARGON2.hash(password, salt).getResult();
    }

    boolean matches(byte[] password, Optional<String> hash) {
        try {
            if (!places.tryAcquire(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new StoreException("too many logins at the same time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted before a password was checked", e);
        }
        try {
            byte[] expected = hash.orElse(NOBODY).getBytes(StandardCharsets.US_ASCII);
            boolean right = functionOf(hash.orElse(NOBODY)).check(password, expected);
            return right && hash.isPresent();
        } finally {
            places.release();
        }
    }

    /** Whether a hash was made in another way than new ones are. */
    static boolean isOld(String hash) {
        return !functionOf(hash).equals(ARGON2);
    }

    private static HashingFunction functionOf(String hash) {
        try {
            if (hash.startsWith("$argon2")) {
                return Argon2Function.getInstanceFromHash(hash);
            }
            return hash.startsWith("$2")
                    ? BcryptFunction.getInstanceFromHash(hash)
                    : CompressedPBKDF2Function.getInstanceFromHash(hash);
        } catch (IllegalArgumentException e) {
            // without the cause, whose text may show the hash
            throw new StoreException("a password in postern_user is no hash of Argon2, bcrypt or PBKDF2");
        }
    }
}
