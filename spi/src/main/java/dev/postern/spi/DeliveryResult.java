package dev.postern.spi;

import java.util.List;

/** What became of a delivery: taken, not now, or never. */
public sealed interface DeliveryResult {

    /**
     * Returns which upstream spoke.
     *
     * @return a name for log lines, for instance {@code smtp.example.net:587}
     */
    String upstream();

    /**
     * The upstream has taken responsibility for all recipients; the client gets {@link StandardReply#MESSAGE_ACCEPTED}.
     *
     * @param upstream which upstream
     * @param reply its own reply
     */
    record Accepted(String upstream, Reply reply) implements DeliveryResult {}

    /**
     * The message was not taken, and may be another time.
     *
     * @param upstream which upstream
     * @param reason how far it came
     * @param detail for the log, for instance the upstream's 4xx reply; printable
     */
    record Deferred(String upstream, Reason reason, String detail) implements DeliveryResult {}

    /** How far a deferred delivery came. */
    enum Reason {
        /** No usable connection: {@link StandardReply#UPSTREAM_UNREACHABLE}. Another upstream may be tried. */
        UNREACHABLE,
        /** Connected, not taken: {@link StandardReply#UPSTREAM_RELAY_FAILED}. */
        FAILED,
        /**
         * Lost between the end of the content and its reply (RFC 1047): the upstream may have it or not. {@link
         * StandardReply#UPSTREAM_RELAY_FAILED}; must not be tried again by the relay.
         */
        AMBIGUOUS
    }

    /**
     * The message was refused for good, for all recipients.
     *
     * @param upstream which upstream
     * @param reply the refusal, 5xx, as the client gets it when no recipients are named
     * @param recipients the recipients that were refused by themselves, each named to the client; empty when the message
     *     as a whole was refused
     */
    record Rejected(String upstream, Reply reply, List<RefusedRecipient> recipients) implements DeliveryResult {
        /**
         * Copies the recipients.
         *
         * @throws IllegalArgumentException when the reply's code is not 5xx
         */
        public Rejected {
            if (reply.code() / 100 != 5) {
                throw new IllegalArgumentException("reply must be 5xx, not " + reply);
            }
            recipients = List.copyOf(recipients);
        }
    }

    /**
     * A recipient that the upstream refused for good.
     *
     * @param address who
     * @param reply the upstream's words
     */
    record RefusedRecipient(MailAddress address, Reply reply) {}
}
