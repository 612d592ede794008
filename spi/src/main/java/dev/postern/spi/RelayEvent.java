package dev.postern.spi;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Something that happened in a relay, reported to its listener. Later versions may add kinds of events and accessors,
 * and extensions have events of their own. Each kind has a factory method. Immutable.
 */
public interface RelayEvent {

    /**
     * Calls the listener's method for this kind of event. The default does nothing: events of extensions reach only
     * {@link RelayListener#on}.
     *
     * @param listener the listener
     */
    default void passTo(RelayListener listener) {}

    /** An event in a client's session. */
    interface OfSession extends RelayEvent {

        /** {@return the session that the event happened in} */
        EventSession session();

        /** {@return the session's id, which log lines carry; unique among the sessions of a relay} */
        default String sessionId() {
            return session().client().sessionId();
        }

        /** {@return what is known of the client} */
        default ClientInfo client() {
            return session().client();
        }

        /** {@return who the client is, empty before the login} */
        default Optional<Identity> identity() {
            return session().identity();
        }

        /** {@return the relay's id of the current message; empty outside a message} */
        default Optional<String> messageId() {
            return session().messageId();
        }
    }

    /** Where in a session something was refused. */
    enum Stage {
        /** On connecting, in place of the greeting. */
        CONNECT,
        /** EHLO or HELO. */
        HELLO,
        /** STARTTLS. */
        STARTTLS,
        /** AUTH and its exchange. */
        AUTH,
        /** MAIL. */
        MAIL,
        /** RCPT. */
        RCPT,
        /** DATA or BDAT and all that follows: the content, its checks, the quota, the upstream. */
        CONTENT,
        /** Any other command, or between commands when the session is ended. */
        OTHER
    }

    /** How a session ended. */
    enum End {
        /** The client sent QUIT. */
        QUIT,
        /** The connection was lost, or the client closed it without QUIT. */
        LOST,
        /** The relay closed the connection with a reply: {@link SessionClosed#farewell()}. */
        FAREWELL
    }

    /** The outcome of a message whose content was received to its end. */
    enum Outcome {
        /** Accepted: the client got 250. */
        ACCEPTED,
        /** Refused permanently: the client got 5xx. */
        REFUSED,
        /** Refused temporarily: the client got 4xx. */
        DEFERRED,
        /** The client got 4xx, but the upstream may have accepted the message (RFC 1047). */
        AMBIGUOUS
    }

    /** A relay begins to listen; reported before the first of its sessions. */
    sealed interface RelayStarted extends RelayEvent permits Records.RelayStarted {

        /** {@return the relay's current figures, also after it has closed; thread-safe and cheap} */
        RelayFigures figures();

        /**
         * {@return the event}
         *
         * @param figures supplies the relay's current figures
         */
        static RelayStarted of(Supplier<RelayFigures> figures) {
            return new Records.RelayStarted(figures);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.relayStarted(this);
        }
    }

    /** A relay has ended, or failed to start listening; its last event. */
    sealed interface RelayClosed extends RelayEvent permits Records.RelayClosed {

        /** {@return the event} */
        static RelayClosed of() {
            return Records.RelayClosed.INSTANCE;
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.relayClosed(this);
        }
    }

    /** A client connected and got the greeting. */
    sealed interface SessionOpened extends OfSession permits Records.SessionOpened {

        /**
         * {@return the event}
         *
         * @param session the session
         */
        static SessionOpened of(EventSession session) {
            return new Records.SessionOpened(session);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.sessionOpened(this);
        }
    }

    /** A session that got the greeting ended. */
    sealed interface SessionClosed extends OfSession permits Records.SessionClosed {

        /** {@return how it ended} */
        End end();

        /** {@return how long the session lasted} */
        Duration lasted();

        /**
         * {@return the reply with which the relay closed the connection, with its catalogue row; empty when the session
         * ended otherwise}
         */
        Optional<Reply> farewell();

        /** {@return how many messages of the session were accepted} */
        int messages();

        /** {@return how many octets the client has sent, counted inside TLS} */
        long octetsIn();

        /** {@return how many octets the relay has sent, counted inside TLS} */
        long octetsOut();

        /**
         * {@return a copy with the reply with which the relay closed the connection}
         *
         * @param newFarewell the reply
         */
        SessionClosed withFarewell(Reply newFarewell);

        /**
         * {@return a copy with a number of accepted messages}
         *
         * @param newMessages 0 or more
         */
        SessionClosed withMessages(int newMessages);

        /**
         * {@return a copy with the octets that the client has sent}
         *
         * @param newOctetsIn octets, counted inside TLS
         */
        SessionClosed withOctetsIn(long newOctetsIn);

        /**
         * {@return a copy with the octets that the relay has sent}
         *
         * @param newOctetsOut octets, counted inside TLS
         */
        SessionClosed withOctetsOut(long newOctetsOut);

        /**
         * {@return the event}
         *
         * @param session the session
         * @param end how it ended
         * @param lasted how long the session lasted
         */
        static SessionClosed of(EventSession session, End end, Duration lasted) {
            return new Records.SessionClosed(session, end, lasted, Optional.empty(), 0, 0, 0);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.sessionClosed(this);
        }
    }

    /** A client authenticated, by AUTH or by its trusted address. */
    sealed interface Authenticated extends OfSession permits Records.Authenticated {

        /** {@return the client's identity, as {@link #identity()} also returns} */
        Identity who();

        /**
         * {@return the event}
         *
         * @param session the session
         * @param who the client's identity
         */
        static Authenticated of(EventSession session, Identity who) {
            return new Records.Authenticated(session.withIdentity(who), who);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.authenticated(this);
        }
    }

    /** A login by credentials or by a trusted address was decided. */
    sealed interface LoginJudged extends OfSession permits Records.LoginJudged {

        /** {@return the SASL mechanism, for instance {@code PLAIN}; empty for a trusted address} */
        Optional<String> mechanism();

        /** {@return the reply: {@link StandardReply#AUTH_SUCCEEDED}, or the refusal} */
        Reply reply();

        /** {@return how long it took, including the wait for a session permit} */
        Duration took();

        /**
         * {@return a copy with the mechanism}
         *
         * @param newMechanism the SASL mechanism
         */
        LoginJudged withMechanism(String newMechanism);

        /**
         * {@return the event}
         *
         * @param session the session, with its identity if it now has one
         * @param reply the reply
         * @param took how long it took
         */
        static LoginJudged of(EventSession session, Reply reply, Duration took) {
            return new Records.LoginJudged(session, Optional.empty(), reply, took);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.loginJudged(this);
        }
    }

    /**
     * The content of a message was received to its end. {@link MessageAnswered} always follows on the same thread,
     * before the session's next message.
     */
    sealed interface MessageReceived extends OfSession permits Records.MessageReceived {

        /** {@return sender and recipients} */
        Envelope envelope();

        /**
         * {@return the content as received, freed when the listener returns; empty when the message is already refused,
         * for instance because it is too large}
         */
        Optional<MessageContent> content();

        /**
         * {@return the event}
         *
         * @param session the session, with identity and message
         * @param envelope sender and recipients
         * @param content the content as received; empty when the message is already refused
         */
        static MessageReceived of(EventSession session, Envelope envelope, Optional<MessageContent> content) {
            return new Records.MessageReceived(session, envelope, content);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.messageReceived(this);
        }
    }

    /** The reply to a received message is about to be sent. */
    sealed interface MessageAnswered extends OfSession permits Records.MessageAnswered {

        /** {@return the outcome} */
        Outcome outcome();

        /** {@return the reply} */
        Reply reply();

        /** {@return the size of the content as received, in octets} */
        long size();

        /** {@return how many recipients the message has} */
        int recipients();

        /** {@return how long it took from the last octet of the content to the reply} */
        Duration took();

        /**
         * {@return a copy with the message's size}
         *
         * @param newSize the size of the content as received, in octets
         * @param newRecipients how many recipients it has
         */
        MessageAnswered withSize(long newSize, int newRecipients);

        /**
         * {@return the event}
         *
         * @param session the session, with identity and message
         * @param outcome the outcome
         * @param reply the reply
         * @param took how long it took from the last octet of the content to the reply
         */
        static MessageAnswered of(EventSession session, Outcome outcome, Reply reply, Duration took) {
            return new Records.MessageAnswered(session, outcome, reply, 0, 0, took);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.messageAnswered(this);
        }
    }

    /** A connection, a command or a message was refused. */
    sealed interface Refused extends OfSession permits Records.Refused {

        /** {@return where in the session it was refused} */
        Stage stage();

        /** {@return the refusal, with its catalogue row if it was made from one} */
        Reply reply();

        /**
         * {@return details that the reply omits: for refused content, the part and file name, field or domain in
         * question; printable, empty for other refusals}
         */
        String detail();

        /**
         * {@return a copy with details that the reply omits}
         *
         * @param newDetail a printable text
         */
        Refused withDetail(String newDetail);

        /**
         * {@return the event}
         *
         * @param session the session
         * @param stage where in the session it was refused
         * @param reply the refusal, with its catalogue row if it was made from one
         */
        static Refused of(EventSession session, Stage stage, Reply reply) {
            return new Records.Refused(session, stage, reply, "");
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.refused(this);
        }
    }

    /** An upstream accepted a message. */
    sealed interface Relayed extends OfSession permits Records.Relayed {

        /** {@return the message; its content is freed when the listener returns} */
        Submission submission();

        /** {@return the upstream's answer} */
        DeliveryResult.Accepted result();

        /** {@return how long the delivery took} */
        Duration took();

        /**
         * {@return the event}
         *
         * @param submission the message; its content is freed when the listener returns
         * @param result the upstream's answer
         * @param took how long the delivery took
         */
        static Relayed of(Submission submission, DeliveryResult.Accepted result, Duration took) {
            return new Records.Relayed(submission, result, took);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.relayed(this);
        }
    }

    /** No upstream accepted a message. For {@link DeliveryResult.Reason#AMBIGUOUS}, one may have. */
    sealed interface NotRelayed extends OfSession permits Records.NotRelayed {

        /** {@return the message; its content is freed when the listener returns} */
        Submission submission();

        /** {@return the result of the delivery} */
        DeliveryResult result();

        /** {@return the reply that the client got} */
        Reply reply();

        /** {@return how long the delivery took} */
        Duration took();

        /**
         * {@return the event}
         *
         * @param submission the message; its content is freed when the listener returns
         * @param result the result of the delivery
         * @param reply the reply that the client got
         * @param took how long the delivery took
         */
        static NotRelayed of(Submission submission, DeliveryResult result, Reply reply, Duration took) {
            return new Records.NotRelayed(submission, result, reply, took);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.notRelayed(this);
        }
    }

    /**
     * An upstream accepted nothing of a message: it could not be reached, had no turn in time, lacks an extension that
     * the message needs, or turned it away. The next upstream is tried, if there is one; {@link Relayed} or {@link
     * NotRelayed} reports the final outcome. Not reported for a host's own deliveries.
     */
    sealed interface PassedOver extends OfSession permits Records.PassedOver {

        /** {@return the message; its content is freed when its delivery ends} */
        Submission submission();

        /**
         * {@return which upstream and why; a result after which {@link DeliveryResult#anotherMayTry() another may try}}
         */
        DeliveryResult result();

        /**
         * {@return the event}
         *
         * @param submission the message; its content is freed when its delivery ends
         * @param result which upstream and why; a result after which {@link DeliveryResult#anotherMayTry() another may
         *     try}
         */
        static PassedOver of(Submission submission, DeliveryResult result) {
            return new Records.PassedOver(submission, result);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.passedOver(this);
        }
    }

    /**
     * An upstream could not be reached several times in a row, so its circuit is open: it gets no message until a pause
     * is over, then a single one as a trial.
     */
    sealed interface UpstreamLost extends RelayEvent permits Records.UpstreamLost {

        /** {@return which upstream, as {@link DeliveryResult#upstream()} names it} */
        String upstream();

        /** {@return how many attempts failed in a row} */
        int attempts();

        /** {@return how long until the next attempt} */
        Duration pause();

        /** {@return why the last attempt failed; printable} */
        String detail();

        /**
         * {@return the event}
         *
         * @param upstream which upstream, as {@link DeliveryResult#upstream()} names it
         * @param attempts how many attempts failed in a row
         * @param pause how long until the next attempt
         * @param detail why the last attempt failed; printable
         */
        static UpstreamLost of(String upstream, int attempts, Duration pause, String detail) {
            return new Records.UpstreamLost(upstream, attempts, pause, detail);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.upstreamLost(this);
        }
    }

    /** The trial after a pause failed too: the lost upstream gets no message for another pause. */
    sealed interface UpstreamStillLost extends RelayEvent permits Records.UpstreamStillLost {

        /** {@return which upstream} */
        String upstream();

        /** {@return how long until the next attempt} */
        Duration pause();

        /** {@return why the attempt failed; printable} */
        String detail();

        /**
         * {@return the event}
         *
         * @param upstream which upstream
         * @param pause how long until the next attempt
         * @param detail why the attempt failed; printable
         */
        static UpstreamStillLost of(String upstream, Duration pause, String detail) {
            return new Records.UpstreamStillLost(upstream, pause, detail);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.upstreamStillLost(this);
        }
    }

    /** A lost upstream can be reached again. */
    sealed interface UpstreamFound extends RelayEvent permits Records.UpstreamFound {

        /** {@return which upstream} */
        String upstream();

        /** {@return how long it was lost} */
        Duration lost();

        /**
         * {@return the event}
         *
         * @param upstream which upstream
         * @param lost how long it was lost
         */
        static UpstreamFound of(String upstream, Duration lost) {
            return new Records.UpstreamFound(upstream, lost);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.upstreamFound(this);
        }
    }

    /**
     * An accepted message took an account's usage to or past a threshold of its quota. Reported once in a period, by
     * the relay that handled the message.
     */
    sealed interface QuotaThreshold extends RelayEvent permits Records.QuotaThreshold {

        /** {@return the account, in canonical form} */
        String account();

        /** {@return the account's plan} */
        QuotaPlan plan();

        /** {@return how much is used} */
        QuotaUsage usage();

        /** {@return the threshold reached, in percent: 80 or 100} */
        int percent();

        /**
         * {@return the event}
         *
         * @param account the account, in canonical form
         * @param plan the account's plan
         * @param usage how much is used
         * @param percent the threshold reached, in percent: 80 or 100
         */
        static QuotaThreshold of(String account, QuotaPlan plan, QuotaUsage usage, int percent) {
            return new Records.QuotaThreshold(account, plan, usage, percent);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.quotaThreshold(this);
        }
    }

    /** An operator changed an account's usage; for the audit. */
    sealed interface QuotaAdjusted extends RelayEvent permits Records.QuotaAdjusted {

        /** {@return the change, and who made it} */
        QuotaAdjustment adjustment();

        /** {@return the usage after the change} */
        QuotaUsage usage();

        /**
         * {@return the event}
         *
         * @param adjustment the change, and who made it
         * @param usage the usage after the change
         */
        static QuotaAdjusted of(QuotaAdjustment adjustment, QuotaUsage usage) {
            return new Records.QuotaAdjusted(adjustment, usage);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.quotaAdjusted(this);
        }
    }

    /** A store failed to answer several times in a row; it is not called again until a pause is over. */
    sealed interface StoreLost extends RelayEvent permits Records.StoreLost {

        /** {@return the interface that the store implements, for instance {@code QuotaStore}} */
        String store();

        /** {@return what the relay does until it answers} */
        StoreFailure then();

        /**
         * {@return the event}
         *
         * @param store the interface that the store implements, for instance {@code QuotaStore}
         * @param then what the relay does until it answers
         */
        static StoreLost of(String store, StoreFailure then) {
            return new Records.StoreLost(store, then);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.storeLost(this);
        }
    }

    /** A lost store answers again. */
    sealed interface StoreFound extends RelayEvent permits Records.StoreFound {

        /** {@return the interface that the store implements} */
        String store();

        /**
         * {@return the event}
         *
         * @param store the interface that the store implements
         */
        static StoreFound of(String store) {
            return new Records.StoreFound(store);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.storeFound(this);
        }
    }
}
