package dev.postern.settings;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * PEM files (RFC 7468): a certificate chain, its key, and optionally the authorities for client certificates. Errors
 * are {@link IllegalArgumentException}s that name the file but never show its content.
 */
record PemFiles(
        Path certificateChain,
        Path privateKey,
        String password,
        @Nullable Path authorities) {

    private static final int MAX_OCTETS = 1 << 20;
    /** The JDK's many thousand rounds slow down a guess at a file's password; this store stays in memory and has none. */
    private static final PBEParameterSpec ONE_ROUND = new PBEParameterSpec(new byte[16], 1);

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:ENCRYPTED )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private static final String BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
    private static final Pattern CERTIFICATE =
            Pattern.compile(BEGIN_CERTIFICATE + "([A-Za-z0-9+/=\\s]*)-----END CERTIFICATE-----");

    /**
     * Key material read from the files.
     *
     * @param fingerprint covers the content of all files; changes when they do
     * @param expires when the server's certificate expires, for the log
     */
    record Material(String fingerprint, SSLContext context, String expires) {}

    static PemFiles of(Path certificateChain, Path privateKey, String password) {
        Objects.requireNonNull(certificateChain, "certificateChain");
        Objects.requireNonNull(privateKey, "privateKey");
        return new PemFiles(certificateChain, privateKey, Objects.requireNonNull(password, "password"), null);
    }

    PemFiles withAuthorities(Path newAuthorities) {
        return new PemFiles(
                certificateChain, privateKey, password, Objects.requireNonNull(newAuthorities, "authorities"));
    }

    /** Reads the files. */
    Material load() {
        return Objects.requireNonNull(changed(""));
    }

    /** Reads the files; null when their content still has this fingerprint. */
    @Nullable
    Material changed(String fingerprint) {
        byte[] chainOctets = octets("certificateChain", certificateChain);
        byte[] keyOctets = octets("privateKey", privateKey);
        byte[] authorityOctets = authorities == null ? new byte[0] : octets("authorities", authorities);
        String found = fingerprint(chainOctets, keyOctets, authorityOctets);
        if (found.equals(fingerprint)) {
            return null;
        }
        List<X509Certificate> chain = certificates("certificateChain", certificateChain, chainOctets);
        PublicKey publicKey = chain.get(0).getPublicKey();
        PrivateKey key = key(publicKey.getAlgorithm(), keyOctets);
        checkPair(publicKey, key);
        TrustManager @Nullable [] trust =
                authorities == null ? null : trust(certificates("authorities", authorities, authorityOctets));
        String expires = chain.get(0).getNotAfter().toInstant().toString();
        return new Material(found, context(key, chain, trust), expires);
    }

    private static byte[] octets(String parameter, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(MAX_OCTETS + 1);
            if (octets.length > MAX_OCTETS) {
                throw new IllegalArgumentException(parameter + " " + file + " has more than 1 MiB");
            }
            return octets;
        } catch (IOException e) {
            throw new IllegalArgumentException(parameter + " " + file + " cannot be read: " + e, e);
        }
    }

    private static String fingerprint(byte[]... files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] file : files) {
                digest.update((file.length + ":").getBytes(StandardCharsets.US_ASCII));
                digest.update(file);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static List<X509Certificate> certificates(String parameter, Path file, byte[] octets) {
        List<X509Certificate> found = new ArrayList<>();
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Matcher pem = CERTIFICATE.matcher(text); pem.find(); ) {
                byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(parameter + " " + file + " has a certificate that cannot be read", e);
        }
        if (text.split(BEGIN_CERTIFICATE, -1).length - 1 != found.size()) { // one may still be written
            throw new IllegalArgumentException(parameter + " " + file + " has a certificate that is not complete");
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(parameter + " " + file + " must have a certificate (BEGIN CERTIFICATE)");
        }
        return found;
    }

    private PrivateKey key(String algorithm, byte[] octets) {
        Matcher pem = KEY.matcher(new String(octets, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IllegalArgumentException("privateKey " + privateKey
                    + " must have a key as PKCS #8 (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 makes one of others");
        }
        boolean encrypted = pem.group(1).startsWith("ENCRYPTED");
        if (encrypted == password.isEmpty()) {
            throw new IllegalArgumentException("privateKey " + privateKey
                    + (encrypted ? " is encrypted: give its password" : " is not encrypted"));
        }
        try {
            byte[] octetsOfKey = Base64.getMimeDecoder().decode(pem.group(2));
            PKCS8EncodedKeySpec spec = encrypted ? decrypted(octetsOfKey) : new PKCS8EncodedKeySpec(octetsOfKey);
            return KeyFactory.getInstance(algorithm).generatePrivate(spec);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "privateKey " + privateKey + " has no " + algorithm + " key that can be read"
                            + (encrypted ? " with this password" : ""),
                    e);
        }
    }

    /** PBES2 of RFC 8018: the JDK names its algorithm by the parameters. */
    private PKCS8EncodedKeySpec decrypted(byte[] octets) throws GeneralSecurityException, IOException {
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(octets);
        String algorithm = info.getAlgParameters() == null
                ? info.getAlgName()
                : info.getAlgParameters().toString();
        PBEKeySpec secret = new PBEKeySpec(password.toCharArray());
        try {
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
                    info.getAlgParameters());
            return info.getKeySpec(cipher);
        } finally {
            secret.clearPassword();
        }
    }

    /** Two files are not replaced at the same moment, so a new one may be read with an old one. */
    private void checkPair(PublicKey publicKey, PrivateKey key) {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> publicKey.getAlgorithm(); // EdDSA is its own
        };
        try {
            byte[] sample = "sample".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(sample);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("privateKey " + privateKey + " cannot be used", e);
        }
        throw new IllegalArgumentException(
                "privateKey " + privateKey + " must be the key of the first certificate of " + certificateChain);
    }

    private SSLContext context(PrivateKey key, List<X509Certificate> chain, TrustManager @Nullable [] trust) {
        try {
            char[] inMemory = new char[0];
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setEntry(
                    "server",
                    new KeyStore.PrivateKeyEntry(key, chain.toArray(Certificate[]::new)),
                    new KeyStore.PasswordProtection(inMemory, "PBEWithHmacSHA256AndAES_256", ONE_ROUND));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, inMemory);
            KeyManager[] keys = factory.getKeyManagers();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "certificateChain " + certificateChain + " cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    private TrustManager[] trust(List<X509Certificate> trusted) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < trusted.size(); i++) {
                store.setCertificateEntry("authority" + i, trusted.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("authorities " + authorities + " cannot be used for TLS", e);
        }
    }

    /** Returns where the files are. */
    @Override
    public String toString() {
        return "certificateChain=" + certificateChain + ", privateKey=" + privateKey
                + (authorities == null ? "" : ", authorities=" + authorities);
    }
}
