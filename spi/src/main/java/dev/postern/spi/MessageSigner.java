package dev.postern.spi;

/**
 * Adds header fields to a message that has passed every check and has its fix-ups, for instance a DKIM signature. Called
 * on the session's thread, concurrently; may block, and bounds its own time, for the client waits. One that throws,
 * returns null or what is no header field is answered with {@link StandardReply#UPSTREAM_RELAY_FAILED}: a message that
 * was to be signed does not leave unsigned. The fields depend on the message alone, but for a time or nonce. Each stream of
 * the content is closed when the call has returned; content that cannot be read to its end is an exception, never signed in
 * part.
 */
@FunctionalInterface
public interface MessageSigner {

    /**
     * Makes the fields that go on top of the message.
     *
     * @param submission the message as it would go upstream
     * @return whole fields in printable US-ASCII, each line ended by CRLF and of at most 998 octets (RFC 5322 section
     *     2.1.1), 64 KiB together; empty for none; never null
     */
    String sign(Submission submission);
}
