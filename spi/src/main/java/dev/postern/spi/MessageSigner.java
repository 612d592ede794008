package dev.postern.spi;

/**
 * Adds header fields, for instance a DKIM signature, to a message that has passed every check and has its fix-ups.
 * Called on the session's thread, concurrently. May block, but must bound its own time because the client is waiting.
 * When it throws, or returns null or anything but header fields, the client gets {@link
 * StandardReply#UPSTREAM_RELAY_FAILED}: a message that should be signed never leaves unsigned. Apart from a time or
 * nonce, the fields depend only on the message. Close each content stream before the call returns. Throw when the
 * content cannot be read to its end; never sign a part of it.
 */
@FunctionalInterface
public interface MessageSigner {

    /**
     * Returns the fields to put on top of the message.
     *
     * @param submission the message as it would be sent upstream
     * @return whole fields in printable US-ASCII, each line ended by CRLF and at most 998 octets long (RFC 5322 section
     *     2.1.1), at most 64 KiB in all; empty for none; never null
     */
    String sign(Submission submission);
}
