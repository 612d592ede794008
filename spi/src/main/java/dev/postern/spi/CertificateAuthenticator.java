package dev.postern.spi;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Identifies a client by its certificate (SASL EXTERNAL, RFC 4422 appendix A). The TLS handshake has only checked that
 * a trusted authority issued the certificate and that the client holds its key. Whether it was revoked, may be used for
 * this, and whose it is must be checked here. Called on the session's thread or a relay thread, concurrently for
 * different sessions. May block. When it throws, returns null or takes longer than the relay's plug-in time-out, the
 * client gets {@link StandardReply#AUTH_UNAVAILABLE}.
 */
@FunctionalInterface
public interface CertificateAuthenticator {

    /**
     * Checks a certificate.
     *
     * @param chain the client's certificate chain, its own first; not empty, unmodifiable
     * @param client what is known of the client
     * @return the answer, never null
     */
    AuthResult authenticate(List<X509Certificate> chain, ClientInfo client);
}
