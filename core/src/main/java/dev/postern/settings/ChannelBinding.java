package dev.postern.settings;

/**
 * What a TLS connection must have for SCRAM-SHA-256-PLUS to be offered on it. On a connection where it is offered, a client
 * may bind the login to either.
 */
public enum ChannelBinding {
    /** SCRAM-SHA-256-PLUS is not offered. */
    NONE,

    /**
     * Keying material of the connection itself (RFC 9266), which clients take with TLS 1.3: there from JDK 25 on. A
     * connection in which somebody has put itself between, with whatever certificate, has another.
     */
    TLS_EXPORTER,

    /**
     * A hash of the server's certificate (RFC 5929 section 4), which every JDK has. Caution: many clients of mail, msmtp and
     * others with GNU SASL, know no such binding, take SCRAM-SHA-256-PLUS where it is offered, and then fail.
     */
    TLS_SERVER_END_POINT
}
