package dev.postern.testkit.internal.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;

/**
 * A private key and the certificate for it (RFC 5280), made in this JVM: keytool would cost the start of another one each time.
 * The certificate is valid for ten years from yesterday, because clocks differ. Immutable.
 */
public record KeyAndCertificate(PrivateKey key, X509Certificate certificate) {

    private static final int FIRST_YEAR_OF_GENERALIZED_TIME = 2050; // RFC 5280 section 4.1.2.5
    private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT);
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT);

    /** Makes a pair of keys: on the curve P-256 for EC, of 2048 bits for RSA, or Ed25519. */
    public static KeyPair keys(String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        switch (algorithm) {
            case "EC" -> generator.initialize(256);
            case "RSA" -> generator.initialize(2048);
            default -> {} // its name says it
        }
        return generator.generateKeyPair();
    }

    /** Makes a certificate that signs itself; its holder's name is as in {@code CN=localhost}. */
    public static KeyAndCertificate selfSigned(KeyPair keys, String name, CertificateExtension... extensions)
            throws GeneralSecurityException {
        X500Principal holder = new X500Principal(name);
        return signed(keys, holder, keys.getPrivate(), holder, keys.getPublic(), extensions);
    }

    /** Makes a certificate that this one's key signs. */
    public KeyAndCertificate issue(KeyPair keys, String name, CertificateExtension... extensions)
            throws GeneralSecurityException {
        X500Principal issuer = certificate.getSubjectX500Principal();
        return signed(keys, new X500Principal(name), key, issuer, certificate.getPublicKey(), extensions);
    }

    private static KeyAndCertificate signed(
            KeyPair keys,
            X500Principal holder,
            PrivateKey signer,
            X500Principal issuer,
            PublicKey issuersKey,
            CertificateExtension... extensions)
            throws GeneralSecurityException {
        List<CertificateExtension> all = new ArrayList<>(List.of(extensions));
        all.add(CertificateExtension.subjectKey(identifier(keys.getPublic())));
        all.add(CertificateExtension.authorityKey(identifier(issuersKey)));
        byte[] algorithm = signatureAlgorithm(signer);
        byte[] contents = Der.of(
                Der.SEQUENCE,
                Der.of(Der.context(0, true), Der.of(Der.INTEGER, new byte[] {2})), // version 3
                Der.of(
                        Der.INTEGER,
                        new BigInteger(127, new SecureRandom()).setBit(126).toByteArray()),
                algorithm,
                issuer.getEncoded(),
                validity(),
                holder.getEncoded(),
                keys.getPublic().getEncoded(),
                Der.of(Der.context(3, true), CertificateExtension.encoded(all)));
        Signature signature = Signature.getInstance(signatureName(signer));
        signature.initSign(signer);
        signature.update(contents);
        byte[] whole = Der.of(Der.SEQUENCE, contents, algorithm, Der.bits(signature.sign()));
        return new KeyAndCertificate(keys.getPrivate(), (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole)));
    }

    private static String signatureName(PrivateKey signer) {
        return switch (signer.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
    }

    private static byte[] signatureAlgorithm(PrivateKey signer) {
        return switch (signatureName(signer)) {
            case "SHA256withECDSA" -> Der.of(Der.SEQUENCE, Der.identifier("2a8648ce3d040302")); // RFC 5758 section 3.2
            case "SHA256withRSA" -> // RFC 4055 section 5
                Der.of(Der.SEQUENCE, Der.identifier("2a864886f70d01010b"), Der.of(Der.NULL));
            default -> Der.of(Der.SEQUENCE, Der.identifier("2b6570")); // RFC 8410 section 3
        };
    }

    /** RFC 5280 section 4.2.1.2 leaves open how it is made. */
    private static byte[] identifier(PublicKey key) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-1").digest(key.getEncoded());
    }

    private static byte[] validity() {
        ZonedDateTime from = Instant.now().minus(1, ChronoUnit.DAYS).atZone(ZoneOffset.UTC);
        return Der.of(Der.SEQUENCE, time(from), time(from.plusYears(10)));
    }

    private static byte[] time(ZonedDateTime time) {
        boolean utc = time.getYear() < FIRST_YEAR_OF_GENERALIZED_TIME;
        String text = (utc ? UTC_TIME : GENERALIZED_TIME).format(time);
        return Der.of(utc ? Der.UTC_TIME : Der.GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }
}
