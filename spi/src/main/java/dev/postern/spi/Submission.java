package dev.postern.spi;

import java.time.Instant;
import java.util.Optional;

/**
 * A message on its way to the upstream.
 *
 * @param id the relay's id of the message, which is in its Received: field and in log lines
 * @param client from where
 * @param identity who sends
 * @param envelope sender and recipients
 * @param content the content
 * @param received when the content was complete
 * @param author the one clear address of the From: field; empty only where the relay does not check From:
 */
public record Submission(
        String id,
        ClientInfo client,
        Identity identity,
        Envelope envelope,
        MessageContent content,
        Instant received,
        Optional<MailAddress> author) {

    /**
     * Puts other content in.
     *
     * @param newContent the content
     * @return a copy
     */
    public Submission withContent(MessageContent newContent) {
        return new Submission(id, client, identity, envelope, newContent, received, author);
    }
}
