package dev.postern.dkim;

import dev.postern.spi.MailAddress;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * A private key and where its public key is published: {@code <selector>._domainkey.<domain>}.
 *
 * @param domain the signing domain, d= (RFC 6376 section 3.5), folded by {@link MailAddress#foldDomain}
 * @param selector s= (RFC 6376 section 3.1), for instance {@code 2026a}
 * @param privateKey RSA of at least 2048 bits (RFC 8301 section 3.2), or Ed25519 (RFC 8463)
 */
public record DkimKey(String domain, String selector, PrivateKey privateKey) {

    private static final int MIN_RSA_BITS = 2048;
    private static final String PEM_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String PEM_END = "-----END PRIVATE KEY-----";

    /**
     * Checks all three.
     *
     * @param domain as {@link #domain()}
     * @param selector as {@link #selector()}
     * @param privateKey as {@link #privateKey()}
     * @throws IllegalArgumentException when domain or selector is not a domain name, or the key is of another kind or
     *     too short
     */
    public DkimKey {
        if (!MailAddress.isDomain(domain)) {
            throw new IllegalArgumentException("domain must be a domain name, not " + domain);
        }
        domain = MailAddress.foldDomain(domain);
        if (!MailAddress.isDomain(selector) || !selector.chars().allMatch(c -> c < 0x80)) {
            throw new IllegalArgumentException(
                    "selector must be one or more labels, for instance 2026a, not " + selector);
        }
        boolean ed25519 = privateKey instanceof EdECPrivateKey key
                && key.getParams().getName().equals(NamedParameterSpec.ED25519.getName());
        boolean rsa =
                privateKey instanceof RSAPrivateKey key && key.getModulus().bitLength() >= MIN_RSA_BITS;
        if (!ed25519 && !rsa) {
            throw new IllegalArgumentException("privateKey must be Ed25519, or RSA of at least " + MIN_RSA_BITS
                    + " bits; make one with" + " openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048");
        }
    }

    /**
     * Reads a PKCS #8 private key, as written by {@code openssl genpkey}.
     *
     * @param domain the signing domain
     * @param selector the selector
     * @param pem a text with one {@code BEGIN PRIVATE KEY} block, not encrypted
     * @return the key
     * @throws IllegalArgumentException when there is no such block, or the key is of another kind or too short
     */
    public static DkimKey fromPem(String domain, String selector, String pem) {
        int begin = pem.indexOf(PEM_BEGIN);
        int end = pem.indexOf(PEM_END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("pem must have a \"" + PEM_BEGIN
                    + "\" block (PKCS #8, not encrypted); openssl pkey converts others");
        }
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.substring(begin + PEM_BEGIN.length(), end)));
        return new DkimKey(
                domain,
                selector,
                privateKey("RSA", encoded)
                        .or(() -> privateKey("Ed25519", encoded))
                        .orElseThrow(() -> new IllegalArgumentException("pem must hold an RSA or Ed25519 key")));
    }

    private static Optional<PrivateKey> privateKey(String algorithm, PKCS8EncodedKeySpec encoded) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(encoded));
        } catch (InvalidKeySpecException e) {
            return Optional.empty(); // of another kind
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is not in this JVM", e);
        }
    }

    /** The signature algorithm, a= (RFC 6376 section 3.3, RFC 8463 section 3). */
    String algorithm() {
        return privateKey instanceof RSAPrivateKey ? "rsa-sha256" : "ed25519-sha256";
    }

    /** Returns where the key is published, but nothing of the key. */
    @Override
    public String toString() {
        return selector + "._domainkey." + domain;
    }
}
