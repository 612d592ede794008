package dev.postern.internal.connection;

import dev.postern.spi.ClientCertificates;
import dev.postern.spi.TlsInfo;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** A relay's TLS. The material is asked for at each handshake, so that keys can change while the relay runs. */
record Tls(Supplier<SSLContext> material, ClientCertificates clientCertificates) {

    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2"); // RFC 8314 section 4.1

    /** Makes the server's end of a connection, with the key material of now. */
    SSLEngine engine() {
        SSLEngine engine = material.get().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(Arrays.stream(engine.getSupportedProtocols())
                .filter(PROTOCOLS::contains)
                .toArray(String[]::new));
        switch (clientCertificates) {
            case NONE -> engine.setWantClientAuth(false);
            case WANTED -> engine.setWantClientAuth(true);
            case NEEDED -> engine.setNeedClientAuth(true);
        }
        return engine;
    }

    static TlsInfo describe(SSLSession session) {
        return new TlsInfo(session.getProtocol(), session.getCipherSuite(), certificates(session));
    }

    private static List<X509Certificate> certificates(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return Arrays.stream(chain)
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // the JDK's way to say that there is none
        }
    }
}
