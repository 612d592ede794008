package dev.postern.spi;

import java.time.Instant;

/**
 * A message on its way to the upstream.
 *
 * @param id the relay's id of the message, which is in its Received: field and in log lines
 * @param client from where
 * @param identity who sends
 * @param envelope sender and recipients
 * @param content the content
 * @param received when the content was complete
 */
public record Submission(
        String id, ClientInfo client, Identity identity, Envelope envelope, MessageContent content, Instant received) {}
