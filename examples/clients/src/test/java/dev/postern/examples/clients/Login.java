package dev.postern.examples.clients;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A login that a client is to try over STARTTLS.
 *
 * @param mechanism the only one that it may take
 * @param secret the password, or the access token
 * @param folder has the relay's certificate, {@code server.pem}, which is its own authority; the client's certificate and
 *     key, {@code client.pem} and {@code client.key}; and a {@code message}
 */
record Login(int port, String mechanism, String user, String secret, Path folder) {

    static final String HOST = "localhost";

    boolean byCertificate() {
        return mechanism.equals("EXTERNAL");
    }

    String authority() {
        return folder.resolve("server.pem").toString();
    }

    String certificate() {
        return folder.resolve("client.pem").toString();
    }

    String key() {
        return folder.resolve("client.key").toString();
    }

    Path message() {
        return folder.resolve("message");
    }

    /** For libraries of this JVM: trusts the relay, and has the client's certificate. */
    SSLContext tls() throws IOException, GeneralSecurityException {
        KeyStore trusted = empty();
        trusted.setCertificateEntry("relay", certificate(authority()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = empty();
        own.setKeyEntry(
                "own",
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(octets(key()))),
                new char[0],
                new Certificate[] {certificate(certificate())});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(byCertificate() ? keys.getKeyManagers() : null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate certificate(String pem) throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(octets(pem)));
    }

    private static byte[] octets(String pem) throws IOException {
        String text = Files.readString(Path.of(pem), StandardCharsets.US_ASCII);
        return Base64.getMimeDecoder().decode(text.replaceAll("-----[^-]*-----", ""));
    }
}
