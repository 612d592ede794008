package dev.postern.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

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
                id, client, identity, envelope, content, received, Optional.empty(), Optional.empty());
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
     * {@return the one clear address of the From: field; empty only where the relay does not check From:, or where a
     * notification, which has the null reverse-path, names none}
     */
    Optional<MailAddress> author();

    /**
     * {@return how long the client still waits for its reply, by the relay's clock at the time of this call; zero means
     * too late. Empty where nobody waits} A client waits some ten minutes (RFC 5321 section 4.5.3.2.6), and sends a
     * message again whose reply came too late. A delivery ends within this time.
     */
    Optional<Duration> timeLeft();

    /**
     * Returns how long a step may take, at the time of this call: as long as the client still waits, and no longer than
     * the step itself may.
     *
     * @param longest how long the step may take at most
     * @return the shorter of {@link #timeLeft()} and {@code longest}
     */
    default Duration timeLeft(Duration longest) {
        return timeLeft().filter(left -> left.compareTo(longest) < 0).orElse(longest);
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
     * Says how long the client waits for its reply, from now on.
     *
     * @param left how long
     * @param clock the clock that {@link #timeLeft()} asks
     * @return a copy
     */
    Submission withTimeLeft(Duration left, RelayClock clock);
}
