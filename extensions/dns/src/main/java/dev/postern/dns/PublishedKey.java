package dev.postern.dns;

import dev.postern.spi.MailAddress;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A public DKIM key that a domain must publish at {@code <selector>._domainkey.<domain>}.
 *
 * @param selector s= (RFC 6376 section 3.1)
 * @param key RSA, or Ed25519 (RFC 8463)
 */
public record PublishedKey(String selector, PublicKey key) {

    private static final int ED25519_OCTETS = 32;
    private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String PEM_END = "-----END PUBLIC KEY-----";

    /**
     * Checks both.
     *
     * @param selector as {@link #selector()}
     * @param key as {@link #key()}
     * @throws IllegalArgumentException when the selector is not a domain name, or the key is of another kind
     */
    public PublishedKey {
        if (!MailAddress.isDomain(selector)) {
            throw new IllegalArgumentException(
                    "selector must be one or more labels, for instance 2026a, not " + selector);
        }
        boolean ed25519 = key instanceof EdECPublicKey edwards
                && edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName());
        if (!(key instanceof RSAPublicKey) && !ed25519) {
            throw new IllegalArgumentException("key must be RSA or Ed25519, not " + key.getAlgorithm());
        }
    }

    /**
     * Reads a public key as written by {@code openssl pkey -pubout}.
     *
     * @param selector the selector
     * @param pem a text with one {@code BEGIN PUBLIC KEY} block
     * @return the key
     * @throws IllegalArgumentException when there is no such block, or the key is of another kind
     */
    public static PublishedKey fromPem(String selector, String pem) {
        int begin = pem.indexOf(PEM_BEGIN);
        int end = pem.indexOf(PEM_END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("pem must have a \"" + PEM_BEGIN + "\" block");
        }
        X509EncodedKeySpec encoded =
                new X509EncodedKeySpec(Base64.getMimeDecoder().decode(pem.substring(begin + PEM_BEGIN.length(), end)));
        return new PublishedKey(
                selector,
                publicKey("RSA", encoded)
                        .or(() -> publicKey("Ed25519", encoded))
                        .orElseThrow(() -> new IllegalArgumentException("pem must hold an RSA or Ed25519 key")));
    }

    private static Optional<PublicKey> publicKey(String algorithm, X509EncodedKeySpec encoded) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(encoded));
        } catch (InvalidKeySpecException e) {
            return Optional.empty(); // of another kind
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is not in this JVM", e);
        }
    }

    /** k=, RFC 6376 section 3.6.1. */
    String type() {
        return key instanceof RSAPublicKey ? "rsa" : "ed25519";
    }

    /**
     * p=: for RSA the encoded key, for Ed25519 the bare key, which is the end of the encoded one (RFC 8463 section
     * 4.2).
     */
    byte[] octets() {
        byte[] encoded = key.getEncoded();
        return key instanceof RSAPublicKey
                ? encoded
                : Arrays.copyOfRange(encoded, encoded.length - ED25519_OCTETS, encoded.length);
    }

    /** The text of the TXT record. */
    String record() {
        return "v=DKIM1; k=" + type() + "; p=" + Base64.getEncoder().encodeToString(octets());
    }
}
