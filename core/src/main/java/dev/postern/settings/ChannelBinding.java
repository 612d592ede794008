package dev.postern.settings;

/**
 * What a TLS connection must have for SCRAM-SHA-256-PLUS to be offered on it. On a connection where it is offered, a client
 * may bind the login to either.
 */
public enum ChannelBinding {
    /** SCRAM-SHA-256-PLUS is not offered. */
    NONE,

    /**
     * Keying material of the connection itself (RFC 9266), which clients use with TLS 1.3. The JDK's own TLS has it from
     * JDK 25 on. Somebody in between cannot have the same, whatever certificate they show.
     */
    TLS_EXPORTER,

    /**
     * A hash of the server's certificate (RFC 5929 section 4), on every JDK. Caution: msmtp and other clients with GNU SASL
     * do not know this binding. They take SCRAM-SHA-256-PLUS where it is offered, and then fail.
     */
    TLS_SERVER_END_POINT
}
