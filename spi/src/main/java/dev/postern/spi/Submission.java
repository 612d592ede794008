package dev.postern.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A message on its way to the upstream. Created by {@link #of}; later versions may add accessors. Immutable, except
 * that its content is freed.
 */
public sealed interface Submission permits Records.Submission {

    /**
     * Creates a submission without an author and without a client that waits for the reply.
     *
     * @param id the relay's id of the message
     * @param client the client
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
                id, client, identity, envelope, content, received, Optional.empty(), Optional.empty());
    }

    /** {@return the relay's id of the message, as in its Received: field and log lines} */
    String id();

    /** {@return the client} */
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
     * {@return the single unambiguous address of the From: field; empty only if the relay does not check From:, or if a
     * notification (null reverse-path) names none}
     */
    Optional<MailAddress> author();

    /**
     * {@return how long the client still waits for its reply, by the relay's clock at the time of this call; zero means
     * too late. Empty when no client waits} A client waits about ten minutes (RFC 5321 section 4.5.3.2.6); if the reply
     * comes later, it sends the message again. A delivery must end within this time.
     */
    Optional<Duration> timeLeft();

    /**
     * Returns how long a step may take, as of this call: as long as the client still waits, but no longer than the
     * step's own limit.
     *
     * @param longest the step's own limit
     * @return the shorter of {@link #timeLeft()} and {@code longest}
     */
    default Duration timeLeft(Duration longest) {
        return timeLeft().filter(left -> left.compareTo(longest) < 0).orElse(longest);
    }

    /**
     * Replaces the content.
     *
     * @param newContent the content
     * @return a copy
     */
    Submission withContent(MessageContent newContent);

    /**
     * Sets the author.
     *
     * @param newAuthor the single unambiguous address of the From: field
     * @return a copy
     */
    Submission withAuthor(MailAddress newAuthor);

    /**
     * Sets how long the client waits for its reply, from now on.
     *
     * @param left how long
     * @param clock the clock that {@link #timeLeft()} uses
     * @return a copy
     */
    Submission withTimeLeft(Duration left, RelayClock clock);
}
