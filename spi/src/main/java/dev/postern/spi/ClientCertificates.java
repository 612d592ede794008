package dev.postern.spi;

/** Whether clients are asked for a certificate in the TLS handshake; what they show is in {@link TlsInfo}. */
public enum ClientCertificates {
    /** Not asked for. */
    NONE,
    /** Asked for; a client may have none. */
    WANTED,
    /** Asked for; the handshake fails without one that the key material trusts. */
    NEEDED
}
