package dev.postern.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The result of a delivery: accepted, deferred or rejected, by which upstream, with which reply, and how long it took.
 * Created by the factory methods here; later versions may add accessors. Immutable.
 */
public sealed interface DeliveryResult {

    /** {@return the upstream, as log lines name it, for instance {@code smtp.example.net:587}} */
    String upstream();

    /**
     * {@return how long this upstream took to give the result; zero when not measured. Includes the wait for a
     * connection, but not the wait for a turn or upstreams that were tried before}
     */
    Duration took();

    /**
     * Returns whether another upstream may be tried.
     *
     * @return true when this one accepted nothing of the message, for a reason that the next one need not share
     */
    boolean anotherMayTry();

    /**
     * The upstream has taken responsibility for all recipients.
     *
     * @param upstream the upstream's name
     * @param reply its own reply, 2xx; {@link StandardReply#MESSAGE_QUEUED} from a delivery that queues the message
     *     here and sends it later
     * @return a result without a measured time
     * @throws IllegalArgumentException when the reply's code is not 2xx
     */
    static Accepted accepted(String upstream, Reply reply) {
        return new Records.Accepted(upstream, reply, false, Duration.ZERO);
    }

    /**
     * The message was not accepted, but may be later.
     *
     * @param upstream the upstream's name
     * @param reason how far the delivery got
     * @param detail where it ended and why, for the log; printable
     * @return a result without an upstream reply or a measured time
     */
    static Deferred deferred(String upstream, Reason reason, String detail) {
        return new Records.Deferred(upstream, reason, Optional.empty(), detail, Duration.ZERO, List.of());
    }

    /**
     * The message was refused permanently, for all recipients.
     *
     * @param upstream the upstream's name
     * @param reply the refusal, 5xx
     * @param recipients the recipients that were refused individually; empty when the whole message was refused
     * @return a result without a measured time, after which no other upstream is tried
     * @throws IllegalArgumentException when the reply's code is not 5xx
     */
    static Rejected rejected(String upstream, Reply reply, List<RefusedRecipient> recipients) {
        return new Records.Rejected(upstream, reply, recipients, Duration.ZERO, false);
    }

    /**
     * The upstream has taken responsibility for all recipients. The client gets {@link StandardReply#MESSAGE_ACCEPTED},
     * or {@link StandardReply#MESSAGE_QUEUED} if that is the upstream's reply. Created by {@link #accepted}.
     */
    sealed interface Accepted extends DeliveryResult permits Records.Accepted {

        /** {@return the upstream's own reply} */
        Reply reply();

        /**
         * {@return whether the upstream offers DSN and so sends the notifications that the sender asked for (RFC 3461);
         * false as created by {@link #accepted}}
         */
        boolean dsn();

        /** {@return a copy that says that the upstream offers DSN and was given the sender's requests} */
        Accepted withDsn();

        /**
         * {@return a copy with the time it took}
         *
         * @param newTook not negative
         */
        Accepted withTook(Duration newTook);

        @Override
        default boolean anotherMayTry() {
            return false;
        }
    }

    /** The message was not accepted, but may be later. Created by {@link #deferred}. */
    sealed interface Deferred extends DeliveryResult permits Records.Deferred {

        /** {@return how far the delivery got} */
        Reason reason();

        /** {@return the upstream's reply, if it gave one; never shown to the client} */
        Optional<Reply> reply();

        /** {@return where it ended and why, for the log; printable} */
        String detail();

        /**
         * {@return the recipients that the upstream deferred one by one, when it would have taken all others; empty when it
         * deferred the message as a whole, or when nobody knows}
         */
        List<RefusedRecipient> recipients();

        /**
         * {@return a copy with the upstream's reply}
         *
         * @param newReply its reply
         */
        Deferred withReply(Reply newReply);

        /**
         * {@return a copy that names the recipients that the upstream deferred}
         *
         * @param newRecipients as for {@link #recipients()}
         */
        Deferred withRecipients(List<RefusedRecipient> newRecipients);

        /**
         * {@return a copy with the time it took}
         *
         * @param newTook not negative
         */
        Deferred withTook(Duration newTook);

        @Override
        default boolean anotherMayTry() {
            return reason().anotherMayTry();
        }
    }

    /** How far a deferred delivery got. */
    enum Reason {
        /** No usable connection, or no turn in time: {@link StandardReply#UPSTREAM_UNREACHABLE}. */
        UNREACHABLE,
        /**
         * Connected, but turned away before any part of the message was accepted (MAIL answered by 421 or another 4xx,
         * by the end of the connection, or not in time; more recipients than the upstream takes in one message): {@link
         * StandardReply#UPSTREAM_RELAY_FAILED}.
         */
        TURNED_AWAY,
        /** Connected, but not accepted: {@link StandardReply#UPSTREAM_RELAY_FAILED}. */
        FAILED,
        /**
         * The connection was lost between the end of the content and its reply (RFC 1047): the upstream may or may not
         * have the message. {@link StandardReply#UPSTREAM_RELAY_FAILED}; the relay must not try again.
         */
        AMBIGUOUS,
        /** Nothing was accepted, because the local queue has no room: {@link StandardReply#CONTENT_SPACE}. */
        NO_ROOM;

        /**
         * Returns whether another upstream may be tried.
         *
         * @return true when this one accepted nothing of the message
         */
        public boolean anotherMayTry() {
            return this == UNREACHABLE || this == TURNED_AWAY || this == NO_ROOM;
        }
    }

    /** The message was refused permanently, for all recipients. Created by {@link #rejected}. */
    sealed interface Rejected extends DeliveryResult permits Records.Rejected {

        /** {@return the refusal, 5xx, which the client gets when {@link #recipients()} is empty} */
        Reply reply();

        /**
         * {@return the recipients that were refused individually, each reported to the client; empty when the whole
         * message was refused}
         */
        List<RefusedRecipient> recipients();

        /**
         * {@return a copy with the time it took}
         *
         * @param newTook not negative
         */
        Rejected withTook(Duration newTook);

        /**
         * {@return a copy after which another upstream is tried: this one was given nothing of the message, because it
         * lacks an extension that the message needs and another may have}
         */
        Rejected andAnotherMayTry();
    }

    /**
     * A recipient that the upstream refused: permanently in {@link Rejected}, for now in {@link Deferred}.
     *
     * @param address the recipient
     * @param reply the upstream's reply
     */
    record RefusedRecipient(MailAddress address, Reply reply) {}
}
