package dev.postern.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A message on its way to the upstream. Made by {@link #of} and read by its accessors, of which there may be more later.
 * Immutable, but for its content, which is freed.
 */
public sealed interface Submission permits Records.Submission {

    /**
     * Makes a submission without an author, whose reply nobody waits for.
     *
     * @param id the relay's id of the message
     * @param client from where
     * @param identity who sends
     * @param envelope sender and recipients
     * @param content the content
     * @param received when the content was complete
     * @return the submission
     */
    static Submission of(
            String id,
            ClientInfo client,
            Identity identity,
            Envelope envelope,
            MessageContent content,
            Instant received) {
        return new Records.Submission(
                id, client, identity, envelope, content, received, Optional.empty(), OptionalLong.empty());
    }

    /** {@return the relay's id of the message, which is in its Received: field and in log lines} */
    String id();

    /** {@return from where} */
    ClientInfo client();

    /** {@return who sends} */
    Identity identity();

    /** {@return sender and recipients} */
    Envelope envelope();

    /** {@return the content} */
    MessageContent content();

    /** {@return when the content was complete} */
    Instant received();

    /**
     * Returns the one clear address of the From: field.
     *
     * @return the address; empty only where the relay does not check From:, or where a notification, which has the null
     *     reverse-path, names none
     */
    Optional<MailAddress> author();

    /**
     * Returns when the client must have its reply: it waits some ten minutes (RFC 5321 section 4.5.3.2.6), and sends a
     * message again whose reply came too late. A delivery ends by then.
     *
     * @return a moment as {@link RelayClock#nanoTime()} of the relay's clock counts; empty where nobody waits
     */
    OptionalLong replyDue();

    /**
     * Returns the end of what may take until a moment, and no longer than until the reply is due.
     *
     * @param moment as {@link RelayClock#nanoTime()} counts
     * @return the sooner of the two
     */
    default long noLaterThanDue(long moment) {
        OptionalLong due = replyDue();
        return due.isPresent() && due.getAsLong() - moment < 0 ? due.getAsLong() : moment;
    }

    /**
     * Puts other content in.
     *
     * @param newContent the content
     * @return a copy
     */
    Submission withContent(MessageContent newContent);

    /**
     * Says who the From: field names.
     *
     * @param newAuthor its one clear address
     * @return a copy
     */
    Submission withAuthor(MailAddress newAuthor);

    /**
     * Says when the client must have its reply.
     *
     * @param moment as {@link RelayClock#nanoTime()} counts
     * @return a copy
     */
    Submission withReplyDue(long moment);
}
