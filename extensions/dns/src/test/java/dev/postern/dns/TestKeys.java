package dev.postern.dns;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.RSAPublicKeySpec;

/** Public keys. Nobody has the private ones: a record in DNS is compared, and signs nothing. */
final class TestKeys {

    private static final BigInteger EXPONENT = BigInteger.valueOf(65_537);

    private TestKeys() {}

    /** An RSA key whose modulus is any odd number of so many bits: the search for two primes takes seconds. */
    static PublicKey rsa(int bits) {
        BigInteger modulus =
                new BigInteger(bits, new SecureRandom()).setBit(bits - 1).setBit(0);
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, EXPONENT));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A key of an algorithm whose keys are made at once. */
    static PublicKey of(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPublic();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
