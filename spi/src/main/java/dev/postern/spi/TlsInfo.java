package dev.postern.spi;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A session's TLS parameters.
 *
 * @param protocol for instance {@code TLSv1.3}
 * @param cipherSuite the cipher suite's IANA name
 * @param peerCertificates the certificate chain of the other side, its own first; empty when it gave none
 */
public record TlsInfo(String protocol, String cipherSuite, List<X509Certificate> peerCertificates) {

    /**
     * Copies the certificates.
     *
     * @param protocol as {@link #protocol()}
     * @param cipherSuite as {@link #cipherSuite()}
     * @param peerCertificates as {@link #peerCertificates()}
     */
    public TlsInfo {
        peerCertificates = List.copyOf(peerCertificates);
    }
}
