package dev.postern.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;

/** A pair of each kind, which all tests share: the search for RSA's primes takes seconds. */
final class TestKeys {

    static final KeyPair RSA = pair("RSA", 2048);
    static final KeyPair ED25519 = pair("Ed25519", 255);

    private TestKeys() {}

    static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
