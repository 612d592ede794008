package dev.postern.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What became of a delivery: taken, not now, or never; by whom, in which words, and how long it took. Made by the factories
 * here and read by accessors, of which there may be more later. Immutable.
 */
public sealed interface DeliveryResult {

    /** {@return which upstream spoke, as log lines name it, for instance {@code smtp.example.net:587}} */
    String upstream();

    /**
     * {@return how long this upstream took, from being asked to the result; zero when it was not measured. Includes the
     * wait for a connection, but neither the wait for a turn nor upstreams that were tried before}
     */
    Duration took();

    /**
     * Says whether the message may be given to another upstream.
     *
     * @return true when this one has accepted nothing of it, and had no reason that the next one would share
     */
    boolean anotherMayTry();

    /**
     * Says that the upstream has taken responsibility for all recipients.
     *
     * @param upstream which upstream
     * @param reply its own reply, 2xx; {@link StandardReply#MESSAGE_QUEUED} of what keeps the message here and sends it on later
     * @return a result without a measured time
     * @throws IllegalArgumentException when the reply's code is not 2xx
     */
    static Accepted accepted(String upstream, Reply reply) {
        return new Records.Accepted(upstream, reply, false, Duration.ZERO);
    }

    /**
     * Says that the message was not taken, and may be another time.
     *
     * @param upstream which upstream
     * @param reason how far it came
     * @param detail for the log: where it ended and why; printable
     * @return a result without the upstream's words and a measured time
     */
    static Deferred deferred(String upstream, Reason reason, String detail) {
        return new Records.Deferred(upstream, reason, Optional.empty(), detail, Duration.ZERO);
    }

    /**
     * Says that the message was refused for good, for all recipients.
     *
     * @param upstream which upstream
     * @param reply the refusal, 5xx
     * @param recipients the recipients that were refused by themselves; empty when the message as a whole was refused
     * @return a result without a measured time, after which no other upstream is asked
     * @throws IllegalArgumentException when the reply's code is not 5xx
     */
    static Rejected rejected(String upstream, Reply reply, List<RefusedRecipient> recipients) {
        return new Records.Rejected(upstream, reply, recipients, Duration.ZERO, false);
    }

    /**
     * The upstream has taken responsibility for all recipients; the client gets {@link StandardReply#MESSAGE_ACCEPTED},
     * or {@link StandardReply#MESSAGE_QUEUED} as it is. Made by {@link #accepted}.
     */
    sealed interface Accepted extends DeliveryResult permits Records.Accepted {

        /** {@return the upstream's own reply} */
        Reply reply();

        /**
         * {@return whether the upstream offers DSN, and so tells senders itself of what they asked to hear of (RFC 3461);
         * false of {@link #accepted}}
         */
        boolean dsn();

        /** {@return a copy of an upstream that offers DSN, and was given what the sender asked to hear of} */
        Accepted withDsn();

        /**
         * {@return a copy that says how long it took}
         *
         * @param newTook not negative
         */
        Accepted withTook(Duration newTook);

        @Override
        default boolean anotherMayTry() {
            return false;
        }
    }

    /** The message was not taken, and may be another time. Made by {@link #deferred}. */
    sealed interface Deferred extends DeliveryResult permits Records.Deferred {

        /** {@return how far it came} */
        Reason reason();

        /** {@return the upstream's own words, when it said any; never shown to the client} */
        Optional<Reply> reply();

        /** {@return for the log: where it ended and why; printable} */
        String detail();

        /**
         * {@return a copy with the upstream's own words}
         *
         * @param newReply its reply
         */
        Deferred withReply(Reply newReply);

        /**
         * {@return a copy that says how long it took}
         *
         * @param newTook not negative
         */
        Deferred withTook(Duration newTook);

        @Override
        default boolean anotherMayTry() {
            return reason().anotherMayTry();
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
        AMBIGUOUS,
        /** Nothing was taken, for what keeps messages here has no room: {@link StandardReply#CONTENT_SPACE}. */
        NO_ROOM;

        /**
         * Says whether the message may be given to another upstream.
         *
         * @return true when this one has accepted nothing of it
         */
        public boolean anotherMayTry() {
            return this == UNREACHABLE || this == TURNED_AWAY || this == NO_ROOM;
        }
    }

    /** The message was refused for good, for all recipients. Made by {@link #rejected}. */
    sealed interface Rejected extends DeliveryResult permits Records.Rejected {

        /** {@return the refusal, 5xx, as the client gets it when no recipients are named} */
        Reply reply();

        /**
         * {@return the recipients that were refused by themselves, each of which the client is told; empty when the
         * message as a whole was refused}
         */
        List<RefusedRecipient> recipients();

        /**
         * {@return a copy that says how long it took}
         *
         * @param newTook not negative
         */
        Rejected withTook(Duration newTook);

        /**
         * {@return a copy after which another upstream is asked: this one was given nothing of the message, because it
         * lacks an extension that the message needs and another one may have}
         */
        Rejected andAnotherMayTry();
    }

    /**
     * A recipient that the upstream refused for good.
     *
     * @param address who
     * @param reply the upstream's words
     */
    record RefusedRecipient(MailAddress address, Reply reply) {}
}
