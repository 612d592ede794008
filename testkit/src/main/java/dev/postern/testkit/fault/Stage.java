package dev.postern.testkit.fault;

/**
 * The moments of an SMTP session at which a fake upstream, or the relay under test, can be told to misbehave, in wire
 * order.
 */
public enum Stage {
    /**
     * A connection was made; nothing was said, no TLS handshake was done. Takes no fault that says something. A
     * reset here or at {@link #GREETING} may look to the peer like a connection that could not be made.
     */
    CONNECT,
    /** In place of the greeting. */
    GREETING,
    /** In reply to EHLO or HELO. */
    EHLO,
    /** In reply to STARTTLS. */
    STARTTLS,
    /**
     * In reply to AUTH, whatever the credentials; they are not asked for. What is for a user comes as soon as the user's
     * name is known.
     */
    AUTH,
    /** In reply to MAIL. */
    MAIL,
    /** In reply to RCPT. */
    RCPT,
    /** In reply to DATA, or to a BDAT chunk that is not the last. */
    DATA,
    /**
     * While content is being received, after its first octets. A reply at this stage is the message's only one: the rest
     * of the content, or of the chunk, is read and thrown away. Before a relay under test, this is settled when DATA is
     * answered, as is {@link #END_OF_DATA}: what is scripted later holds for the next content.
     */
    CONTENT,
    /**
     * In reply to the final dot, or to the last BDAT chunk. Whatever reply that is not 2xx leaves the message untaken.
     */
    END_OF_DATA,
    /** In reply to RSET. */
    RSET,
    /** In reply to any other command, such as NOOP, VRFY or HELP, and to one that is unknown. */
    OTHER,
    /** In reply to QUIT; the connection is closed after it in any case. */
    QUIT
}
