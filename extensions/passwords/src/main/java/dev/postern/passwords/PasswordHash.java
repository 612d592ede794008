package dev.postern.passwords;

import com.password4j.Argon2Function;
import com.password4j.BcryptFunction;
import com.password4j.CompressedPBKDF2Function;
import com.password4j.HashingFunction;
import dev.postern.spi.ScramKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Sha2Crypt;

/** A hash that was read, with what it costs in its bounds. Immutable; shows nothing of itself. */
abstract class PasswordHash {

    private static final Pattern ARGON2 = Pattern.compile(
            "\\$argon2(?:id|i|d)\\$v=\\d{1,3}\\$m=(\\d{1,9}),t=(\\d{1,9}),p=(\\d{1,9})\\$([A-Za-z0-9+/]{11,})\\$([A-Za-z0-9+/]{11,})");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[abxy]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
    private static final Pattern SHA512_CRYPT =
            Pattern.compile("(\\$6\\$(?:rounds=(\\d{1,9})\\$)?[./A-Za-z0-9]{1,16})\\$[./A-Za-z0-9]{86}");
    private static final Pattern PBKDF2 = Pattern.compile("\\$[1-5]\\$\\d{1,18}\\$[A-Za-z0-9+/=]+\\$[A-Za-z0-9+/=]+");

    private static final int MAX_MEMORY_KIB = 1 << 20;
    private static final int MAX_PASSES = 64;
    private static final int MAX_LANES = 16;
    private static final int MIN_BCRYPT_COST = 4;
    private static final int MAX_BCRYPT_COST = 16;
    private static final int BCRYPT_OCTETS = 72;
    private static final int MAX_ROUNDS = 10_000_000;
    private static final int MAX_PBKDF2_BITS = 4096;
    private static final int SHA512_BITS = 512;

    /** Of each in a millisecond, on a processor of today. */
    private static final int ARGON2_KIB_PASSES = 700;

    private static final int BCRYPT_ROUNDS = 16;
    private static final int HASH_ROUNDS = 1000;

    private final long millis;

    private PasswordHash(long millis) {
        this.millis = millis;
    }

    /** About how long a comparison takes, for advice: machines differ. */
    long millis() {
        return millis;
    }

    abstract boolean matches(byte[] password);

    static PasswordHash parse(String hash) {
        Matcher argon2 = ARGON2.matcher(hash);
        if (argon2.matches()) {
            long memory = requireAtMost("memory (KiB)", MAX_MEMORY_KIB, argon2.group(1));
            int passes = requireAtMost("passes", MAX_PASSES, argon2.group(2));
            requireAtMost("lanes", MAX_LANES, argon2.group(3));
            requireBase64(argon2.group(4));
            requireBase64(argon2.group(5));
            // its library keeps the memory of each kind that it has made, so what is only read must make none
            return new Known(() -> Argon2Function.getInstanceFromHash(hash), hash, memory * passes / ARGON2_KIB_PASSES);
        }
        Matcher bcrypt = BCRYPT.matcher(hash);
        if (bcrypt.matches()) {
            int cost = requireAtMost("cost", MAX_BCRYPT_COST, bcrypt.group(1));
            if (cost < MIN_BCRYPT_COST) {
                throw new IllegalArgumentException("cost of a hash must be 4 or more, not " + cost);
            }
            return new Padded(
                    BcryptFunction.getInstanceFromHash(hash), hash, BCRYPT_OCTETS, (1L << cost) / BCRYPT_ROUNDS);
        }
        Matcher sha512 = SHA512_CRYPT.matcher(hash);
        if (sha512.matches()) {
            String rounds = sha512.group(2);
            long most = requireAtMost("rounds", MAX_ROUNDS, rounds == null ? "5000" : rounds);
            return new Sha512Crypt(sha512.group(1), hash, most / HASH_ROUNDS);
        }
        if (PBKDF2.matcher(hash).matches()) {
            return pbkdf2(hash);
        }
        if (hash.startsWith(Scram.PREFIX)) {
            return new Scram(ScramKeys.parse(hash));
        }
        throw unknown();
    }

    private static PasswordHash pbkdf2(String hash) {
        CompressedPBKDF2Function function;
        try {
            function = CompressedPBKDF2Function.getInstanceFromHash(hash);
        } catch (IllegalArgumentException e) {
            throw unknown(); // without the cause, whose text may show the hash
        }
        long rounds = requireAtMost("rounds", MAX_ROUNDS, Integer.toString(function.getIterations()));
        // each further block costs all rounds once more
        int bits = requireAtMost("length (bits)", MAX_PBKDF2_BITS, Integer.toString(function.getLength()));
        return new Padded(function, hash, Integer.MAX_VALUE, rounds * (1 + bits / SHA512_BITS) / HASH_ROUNDS);
    }

    private static int requireAtMost(String what, int max, String number) {
        int value = Integer.parseInt(number);
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(what + " of a hash must be 1 to " + max + ", not " + value);
        }
        return value;
    }

    private static void requireBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw unknown(); // one letter cannot be the last
        }
    }

    private static IllegalArgumentException unknown() {
        return new IllegalArgumentException(
                "no hash of Argon2, bcrypt, SHA-512 crypt or PBKDF2, and no keys of SCRAM-SHA-256");
    }

    /** Keys of SCRAM, which are made of a password as PBKDF2's are (RFC 5802 section 3). */
    static final class Scram extends PasswordHash {
        static final String PREFIX = "SCRAM-SHA-256$";

        private final ScramKeys keys;

        private Scram(ScramKeys keys) {
            super(keys.iterations() / HASH_ROUNDS);
            this.keys = keys;
        }

        ScramKeys keys() {
            return keys;
        }

        @Override
        boolean matches(byte[] password) {
            char[] prepared = Preparation.of(password);
            if (prepared.length == 0) {
                return false;
            }
            try {
                byte[] computed = ScramKeys.ofPrepared(prepared, keys.salt(), keys.iterations())
                        .storedKey();
                return MessageDigest.isEqual(computed, keys.storedKey());
            } finally {
                Arrays.fill(prepared, '\0');
            }
        }
    }

    /** One that its library compares as it should. */
    static class Known extends PasswordHash {
        private final Supplier<HashingFunction> function;
        private final byte[] hash;

        private Known(Supplier<HashingFunction> function, String hash, long millis) {
            super(millis);
            this.function = function;
            this.hash = hash.getBytes(StandardCharsets.US_ASCII);
        }

        HashingFunction function() {
            return function.get();
        }

        @Override
        boolean matches(byte[] password) {
            return function().check(password, hash);
        }
    }

    /**
     * Sees some octets, and fills what is shorter up: bcrypt by repeating it with a NUL between, PBKDF2's HMAC by NULs (RFC
     * 2104 section 2). So other passwords would be right, too.
     */
    private static final class Padded extends Known {
        private final int octets;

        private Padded(HashingFunction function, String hash, int octets, long millis) {
            super(() -> function, hash, millis);
            this.octets = octets;
        }

        @Override
        boolean matches(byte[] password) {
            boolean right = super.matches(password); // the same work for each
            return right && isSeen(password);
        }

        private boolean isSeen(byte[] password) {
            for (byte octet : password) {
                if (octet == 0) {
                    return false;
                }
            }
            return password.length <= octets;
        }
    }

    /**
     * What crypt(3) makes of {@code $6$}; its work grows with the password's length, which libxcrypt bounds so, too.
     */
    private static final class Sha512Crypt extends PasswordHash {
        private static final int MAX_OCTETS = 512;

        private final String salt;
        private final byte[] hash;

        private Sha512Crypt(String salt, String hash, long millis) {
            super(millis);
            this.salt = salt;
            this.hash = hash.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        boolean matches(byte[] password) {
            // the library wipes what it is given
            byte[] computed = password.length > MAX_OCTETS
                    ? new byte[0]
                    : Sha2Crypt.sha512Crypt(password.clone(), salt).getBytes(StandardCharsets.US_ASCII);
            return MessageDigest.isEqual(computed, hash);
        }
    }
}
