package dev.postern.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.conscrypt.Conscrypt;

/** TLS material of clients and sinks. */
final class Tls {

    /** BoringSSL: what a client spends on TLS is not there for the system that is measured. */
    private static final Provider PROVIDER = Conscrypt.newProvider();

    private Tls() {}

    /** A client's context that takes any certificate: a load says nothing about whom to trust. */
    static SSLContext trustingAnybody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS", PROVIDER);
            context.init(null, new TrustManager[] {new Anybody()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JVM without TLS", e);
        }
    }

    /** A server's context with the key of a PKCS12 file. */
    static SSLContext server(Path file, String password) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(file.toFile(), password.toCharArray());
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS", PROVIDER);
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no key for TLS in " + file, e);
        }
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
