package dev.postern.testkit;

import dev.postern.testkit.internal.tls.CertificateExtension;
import dev.postern.testkit.internal.tls.KeyAndCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Throw-away TLS material: a certificate authority, four servers and a client, created on first use, once per JVM, and
 * kept in memory. The certificates are valid for ten years from yesterday, by the machine's clock. Thread-safe.
 */
public final class TestCertificates {

    private static final char[] PASSWORD = "throw-away".toCharArray(); // of a store that is in memory alone

    /** The holder of a certificate, which is created on first use. */
    private enum Holder {
        AUTHORITY(
                "CN=Postern test authority",
                CertificateExtension.authority(),
                CertificateExtension.signsCertificates()),
        SERVER("CN=localhost", CertificateExtension.names("localhost", "127.0.0.1")),
        WRONG_NAME("CN=wrong.test", CertificateExtension.names("wrong.test")),
        COMMON_NAME("CN=localhost", CertificateExtension.servesTls()),
        UNTRUSTED("CN=localhost", CertificateExtension.names("localhost", "127.0.0.1")),
        CLIENT("CN=client.test", CertificateExtension.names("client.test"));

        private final String subject;
        private final CertificateExtension[] extensions;

        Holder(String subject, CertificateExtension... extensions) {
            this.subject = subject;
            this.extensions = extensions;
        }

        KeyAndCertificate make() throws GeneralSecurityException {
            KeyPair keys = KeyAndCertificate.keys("EC");
            return switch (this) {
                case AUTHORITY, UNTRUSTED -> KeyAndCertificate.selfSigned(keys, subject, extensions);
                default -> made(AUTHORITY).issue(keys, subject, extensions);
            };
        }
    }

    private static final Map<Holder, KeyAndCertificate> MADE = new EnumMap<>(Holder.class);

    // contexts are not kept: they remember sessions, and a resumed session skips the checks that a test is about
    private static final Map<Holder, KeyManager[]> KEY_MANAGERS = new EnumMap<>(Holder.class);

    private TestCertificates() {}

    /**
     * Returns a server's context.
     *
     * @return with a certificate for localhost and 127.0.0.1 that {@link #clientContext()} trusts; trusts the certificate
     *     of {@link #clientContextWithCertificate()}
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static SSLContext serverContext() {
        return context(Holder.SERVER, null);
    }

    /**
     * Returns a server's context whose TLS comes from a given provider.
     *
     * @param provider has an SSLContext "TLS"
     * @return the context, otherwise like {@link #serverContext()}
     * @throws IllegalStateException when the provider has no TLS, or the JVM no elliptic curves; the cause says which
     */
    public static SSLContext serverContext(Provider provider) {
        return context(Holder.SERVER, Objects.requireNonNull(provider, "provider"));
    }

    /**
     * Returns a server's context for another name.
     *
     * @return with a certificate only for wrong.test that {@link #clientContext()} trusts
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static SSLContext wrongNameServerContext() {
        return context(Holder.WRONG_NAME, null);
    }

    /**
     * Returns a server's context that names its host only in the subject, as was usual before RFC 2818; RFC 9525 does
     * not accept that.
     *
     * @return with a certificate for CN=localhost without subjectAltName, from an authority that {@link
     *     #clientContext()} trusts
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static SSLContext commonNameServerContext() {
        return context(Holder.COMMON_NAME, null);
    }

    /**
     * Returns a server's context that no client should accept.
     *
     * @return with a self-signed certificate for localhost and 127.0.0.1
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static SSLContext untrustedServerContext() {
        return context(Holder.UNTRUSTED, null);
    }

    /**
     * Returns a client's context.
     *
     * @return trusts only the authority that signed the other certificates
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static SSLContext clientContext() {
        return context(null, null);
    }

    /**
     * Returns a client's context with a certificate of its own.
     *
     * @return like {@link #clientContext()}, but presents a certificate for CN=client.test that {@link
     *     #serverContext()} trusts
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static SSLContext clientContextWithCertificate() {
        return context(Holder.CLIENT, null);
    }

    /**
     * Returns the authority's certificate, for clients outside this JVM or that read a file.
     *
     * @return in PEM (RFC 7468), which most programs accept as a trust store
     * @throws IllegalStateException when the JVM has no elliptic curves or no TLS
     */
    public static String authorityPem() {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(made(Holder.AUTHORITY).certificate().getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context(@Nullable Holder holder, @Nullable Provider provider) {
        try {
            KeyStore trusted = emptyStore();
            trusted.setCertificateEntry("authority", made(Holder.AUTHORITY).certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context =
                    provider == null ? SSLContext.getInstance("TLS") : SSLContext.getInstance("TLS", provider);
            context.init(holder == null ? null : keyManagers(holder), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized KeyManager[] keyManagers(Holder holder) throws GeneralSecurityException {
        KeyManager[] managers = KEY_MANAGERS.get(holder);
        if (managers == null) {
            managers = keyManagers(holder, made(holder));
            KEY_MANAGERS.put(holder, managers);
        }
        return managers;
    }

    private static KeyManager[] keyManagers(Holder holder, KeyAndCertificate own) throws GeneralSecurityException {
        Certificate[] chain = holder == Holder.UNTRUSTED
                ? new Certificate[] {own.certificate()}
                : new Certificate[] {own.certificate(), made(Holder.AUTHORITY).certificate()};
        KeyStore store = emptyStore();
        store.setKeyEntry("own", own.key(), PASSWORD, chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        return keys.getKeyManagers();
    }

    private static synchronized KeyAndCertificate made(Holder holder) throws GeneralSecurityException {
        KeyAndCertificate made = MADE.get(holder);
        if (made == null) {
            made = holder.make();
            MADE.put(holder, made);
        }
        return made;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("JKS"); // in memory alone: PKCS12 hashes the password 10,000 times a key
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return store;
    }
}
