package dev.postern.spi;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Says who a client with a certificate is (SASL EXTERNAL, RFC 4422 appendix A). The TLS handshake has checked the certificate
 * against the authorities that are trusted and that the client has its key, and nothing else: whether it was revoked, may be
 * used for this, or whose it is, is said here. Called on the session's thread or one of the relay's, concurrently for
 * different sessions. May block. When it throws, returns null or takes longer than the relay's plug-in time-out, the client
 * gets {@link StandardReply#AUTH_UNAVAILABLE}.
 */
@FunctionalInterface
public interface CertificateAuthenticator {

    /**
     * Checks a certificate.
     *
     * @param chain the client's certificate chain, its own first; not empty, unmodifiable
     * @param client what is known of the client
     * @return what the certificate is worth, never null
     */
    AuthResult authenticate(List<X509Certificate> chain, ClientInfo client);
}
