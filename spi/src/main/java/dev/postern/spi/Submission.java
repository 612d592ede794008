package dev.postern.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A message on its way to the upstream.
 *
 * @param id the relay's id of the message, which is in its Received: field and in log lines
 * @param client from where
 * @param identity who sends
 * @param envelope sender and recipients
 * @param content the content
 * @param received when the content was complete
 * @param author the one clear address of the From: field; empty only where the relay does not check From:, or
 *     where a notification, which has the null reverse-path, names none
 * @param replyDue when the client must have its reply, as {@link RelayClock#nanoTime()} of the relay's clock counts: it
 *     waits some ten minutes (RFC 5321 section 4.5.3.2.6), and sends a message again whose reply came too late. A
 *     delivery ends by then. Empty where nobody waits
 */
public record Submission(
        String id,
        ClientInfo client,
        Identity identity,
        Envelope envelope,
        MessageContent content,
        Instant received,
        Optional<MailAddress> author,
        OptionalLong replyDue) {

    /**
     * Makes a submission whose reply nobody waits for, as tests do.
     *
     * @param id the relay's id of the message
     * @param client from where
     * @param identity who sends
     * @param envelope sender and recipients
     * @param content the content
     * @param received when the content was complete
     * @param author the one clear address of the From: field, if there is one
     */
    public Submission(
            String id,
            ClientInfo client,
            Identity identity,
            Envelope envelope,
            MessageContent content,
            Instant received,
            Optional<MailAddress> author) {
        this(id, client, identity, envelope, content, received, author, OptionalLong.empty());
    }

    /**
     * Returns the end of what may take until a moment, and no longer than until the reply is due.
     *
     * @param moment as {@link RelayClock#nanoTime()} counts
     * @return the sooner of the two
     */
    public long noLaterThanDue(long moment) {
        return replyDue.isPresent() && replyDue.getAsLong() - moment < 0 ? replyDue.getAsLong() : moment;
    }

    /**
     * Puts other content in.
     *
     * @param newContent the content
     * @return a copy
     */
    public Submission withContent(MessageContent newContent) {
        return new Submission(id, client, identity, envelope, newContent, received, author, replyDue);
    }
}
