package dev.postern.testkit.fault;

/**
 * The moments of an SMTP session at which a fake upstream, or the relay under test, can be told to misbehave, in wire
 * order.
 */
public enum Stage {
    /**
     * On connecting, before a TLS handshake or anything is sent. Faults that send something are not allowed here. To
     * the peer, a reset here or at {@link #GREETING} may look like a failed connection.
     */
    CONNECT,
    /** In place of the greeting. */
    GREETING,
    /** In reply to EHLO or HELO. */
    EHLO,
    /** In reply to STARTTLS. */
    STARTTLS,
    /**
     * In reply to AUTH, before credentials are requested. A fault for a user happens as soon as the user's name is
     * known.
     */
    AUTH,
    /** In reply to MAIL. */
    MAIL,
    /** In reply to RCPT. */
    RCPT,
    /** In reply to DATA, or to a BDAT chunk that is not the last. */
    DATA,
    /**
     * While content is being received, after its first octets. A reply at this stage is the message's only one: the
     * rest of the content, or of the chunk, is read and discarded. In front of a relay under test, this and {@link
     * #END_OF_DATA} are decided when DATA is answered; a later script applies to the next content.
     */
    CONTENT,
    /** In reply to the final dot, or to the last BDAT chunk. With any reply but 2xx, the message is not accepted. */
    END_OF_DATA,
    /** In reply to RSET. */
    RSET,
    /** In reply to any other command, such as NOOP, VRFY or HELP, or an unknown one. */
    OTHER,
    /** In reply to QUIT; the connection is always closed after it. */
    QUIT
}
