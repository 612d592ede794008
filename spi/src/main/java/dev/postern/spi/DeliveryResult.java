package dev.postern.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What became of a delivery: taken, not now, or never; by whom, in which words, and how long it took. */
public sealed interface DeliveryResult {

    /**
     * Returns which upstream spoke.
     *
     * @return a name for log lines, for instance {@code smtp.example.net:587}
     */
    String upstream();

    /**
     * Returns how long this upstream took, from being asked to the result: waiting for a connection included, waiting for
     * a turn and other upstreams that were tried before not.
     *
     * @return not negative; zero when it was not measured
     */
    Duration took();

    /**
     * Says whether the message may be given to another upstream.
     *
     * @return true when this one has accepted nothing of it, and had no reason that the next one would share
     */
    boolean anotherMayTry();

    /**
     * The upstream has taken responsibility for all recipients; the client gets {@link StandardReply#MESSAGE_ACCEPTED}.
     *
     * @param upstream which upstream
     * @param reply its own reply
     * @param took how long it took
     */
    record Accepted(String upstream, Reply reply, Duration took) implements DeliveryResult {
        /**
         * A result without a measured time.
         *
         * @param upstream which upstream
         * @param reply its own reply
         */
        public Accepted(String upstream, Reply reply) {
            this(upstream, reply, Duration.ZERO);
        }

        @Override
        public boolean anotherMayTry() {
            return false;
        }
    }

    /**
     * The message was not taken, and may be another time.
     *
     * @param upstream which upstream
     * @param reason how far it came
     * @param reply the upstream's own words, when it said any; never shown to the client
     * @param detail for the log: where it ended and why; printable
     * @param took how long it took
     */
    record Deferred(String upstream, Reason reason, Optional<Reply> reply, String detail, Duration took)
            implements DeliveryResult {
        /**
         * A result without the upstream's words and a measured time.
         *
         * @param upstream which upstream
         * @param reason how far it came
         * @param detail for the log; printable
         */
        public Deferred(String upstream, Reason reason, String detail) {
            this(upstream, reason, Optional.empty(), detail, Duration.ZERO);
        }

        @Override
        public boolean anotherMayTry() {
            return reason.anotherMayTry();
        }
    }

    /** How far a deferred delivery came. */
    enum Reason {
        /** No usable connection, or no turn in time: {@link StandardReply#UPSTREAM_UNREACHABLE}. */
        UNREACHABLE,
        /**
         * Connected, and sent away before anything of the message was accepted (MAIL answered by 421 or another 4xx, by
         * the end of the connection, or not in time; more recipients than the upstream takes in one message): {@link
         * StandardReply#UPSTREAM_RELAY_FAILED}.
         */
        TURNED_AWAY,
        /** Connected, not taken: {@link StandardReply#UPSTREAM_RELAY_FAILED}. */
        FAILED,
        /**
         * Lost between the end of the content and its reply (RFC 1047): the upstream may have it or not. {@link
         * StandardReply#UPSTREAM_RELAY_FAILED}; must not be tried again by the relay.
         */
        AMBIGUOUS;

        /**
         * Says whether the message may be given to another upstream.
         *
         * @return true when this one has accepted nothing of it
         */
        public boolean anotherMayTry() {
            return this == UNREACHABLE || this == TURNED_AWAY;
        }
    }

    /**
     * The message was refused for good, for all recipients.
     *
     * @param upstream which upstream
     * @param reply the refusal, 5xx, as the client gets it when no recipients are named
     * @param recipients the recipients that were refused by themselves, each named to the client; empty when the message
     *     as a whole was refused
     * @param took how long it took
     * @param anotherMayTry whether the upstream was given nothing of the message, because it lacks an extension that the
     *     message needs and another one may have
     */
    record Rejected(
            String upstream, Reply reply, List<RefusedRecipient> recipients, Duration took, boolean anotherMayTry)
            implements DeliveryResult {
        /**
         * Copies the recipients.
         *
         * @param upstream as {@link #upstream()}
         * @param reply as {@link #reply()}
         * @param recipients as {@link #recipients()}
         * @param took as {@link #took()}
         * @param anotherMayTry as {@link #anotherMayTry()}
         * @throws IllegalArgumentException when the reply's code is not 5xx
         */
        public Rejected {
            if (reply.code() / 100 != 5) {
                throw new IllegalArgumentException("reply must be 5xx, not " + reply);
            }
            recipients = List.copyOf(recipients);
        }

        /**
         * A result without a measured time.
         *
         * @param upstream which upstream
         * @param reply the refusal, 5xx
         * @param recipients the recipients that were refused by themselves
         * @throws IllegalArgumentException when the reply's code is not 5xx
         */
        public Rejected(String upstream, Reply reply, List<RefusedRecipient> recipients) {
            this(upstream, reply, recipients, Duration.ZERO, false);
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
