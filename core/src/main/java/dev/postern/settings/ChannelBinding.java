package dev.postern.settings;

/**
 * The channel binding that a TLS connection must support for SCRAM-SHA-256-PLUS to be offered. Where it is offered, a
 * client may use either binding.
 */
public enum ChannelBinding {
    /** SCRAM-SHA-256-PLUS is not offered. */
    NONE,

    /**
     * Keying material of the connection itself (RFC 9266), which clients use with TLS 1.3. The JDK's own TLS supports
     * it from JDK 25 on. An attacker in between cannot have the same, whatever certificate they present.
     */
    TLS_EXPORTER,

    /**
     * A hash of the server's certificate (RFC 5929 section 4), on every JDK. Caution: msmtp and other clients with GNU
     * SASL do not support this binding. They choose SCRAM-SHA-256-PLUS when it is offered, and then fail.
     */
    TLS_SERVER_END_POINT
}
