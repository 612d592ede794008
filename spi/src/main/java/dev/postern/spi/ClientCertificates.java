package dev.postern.spi;

/**
 * Whether clients are asked for a certificate in the TLS handshake. {@link TlsInfo} has the certificates that they
 * present.
 */
public enum ClientCertificates {
    /** No certificate is requested. */
    NONE,
    /** A certificate is requested, but a client need not have one. */
    WANTED,
    /** A certificate is required: the handshake fails without one that the key material trusts. */
    NEEDED
}
