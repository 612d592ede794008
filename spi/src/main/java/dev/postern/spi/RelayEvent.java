package dev.postern.spi;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a relay tells its listener. There may be more kinds in a later version, and extensions have their own. An event is
 * made by its factory and read by its accessors, of which there may be more later. Immutable.
 */
public interface RelayEvent {

    /**
     * Hands the event to the listener's method for its kind. By default there is none: an event of an extension comes by
     * {@link RelayListener#on} alone.
     *
     * @param listener who is told
     */
    default void passTo(RelayListener listener) {}

    /** What happens in a client's session. */
    interface OfSession extends RelayEvent {

        /** {@return whose session it is, and how far it has come} */
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

        /** {@return the relay's id of the message that is under way, empty outside a message} */
        default Optional<String> messageId() {
            return session().messageId();
        }
    }

    /** Where in a session something was refused. */
    enum Stage {
        /** In place of the greeting. */
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
        /** DATA or BDAT, and all that follows: the content, its checks, the quota, the upstream. */
        CONTENT,
        /** Any other command, and what ends a session between commands. */
        OTHER
    }

    /** How a session ended. */
    enum End {
        /** The client said QUIT. */
        QUIT,
        /** The connection was lost, or the client closed it without a word. */
        LOST,
        /** The relay hung up with a reply: {@link SessionClosed#farewell()}. */
        FAREWELL
    }

    /** What became of a message whose content came to its end. */
    enum Outcome {
        /** It was taken: the client got 250. */
        ACCEPTED,
        /** It was refused for good: the client got 5xx. */
        REFUSED,
        /** It was refused for now: the client got 4xx. */
        DEFERRED,
        /** The client got 4xx, and the upstream may have taken it all the same (RFC 1047). */
        AMBIGUOUS
    }

    /** A relay begins to listen; told before the first of its sessions. */
    sealed interface RelayStarted extends RelayEvent permits Records.RelayStarted {

        /**
         * {@return what the relay holds and has counted at the moment of this call, also once it is closed; for any thread,
         * costs little}
         */
        RelayFigures figures();

        /**
         * {@return the event}
         *
         * @param figures asks the relay
         */
        static RelayStarted of(Supplier<RelayFigures> figures) {
            return new Records.RelayStarted(figures);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.relayStarted(this);
        }
    }

    /** A relay has ended, or did not come to listen; the last that it tells. */
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
         * @param session whose session
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
         * {@return the reply with which the relay hung up, with its row of the catalogue; empty when the session
         * ended otherwise}
         */
        Optional<Reply> farewell();

        /** {@return how many of its messages were accepted} */
        int messages();

        /** {@return how many octets the client has sent, as they are within TLS} */
        long octetsIn();

        /** {@return how many octets the relay has sent, as they are within TLS} */
        long octetsOut();

        /**
         * {@return a copy that says with which reply the relay hung up}
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
         * {@return a copy with what the client has sent}
         *
         * @param newOctetsIn octets, as they are within TLS
         */
        SessionClosed withOctetsIn(long newOctetsIn);

        /**
         * {@return a copy with what the relay has sent}
         *
         * @param newOctetsOut octets, as they are within TLS
         */
        SessionClosed withOctetsOut(long newOctetsOut);

        /**
         * {@return the event}
         *
         * @param session whose session
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

        /** {@return as whom; {@link #identity()} has it too} */
        Identity who();

        /**
         * {@return the event}
         *
         * @param session whose session
         * @param who as whom
         */
        static Authenticated of(EventSession session, Identity who) {
            return new Records.Authenticated(session.withIdentity(who), who);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.authenticated(this);
        }
    }

    /** Credentials, or a trusted address, were judged. */
    sealed interface LoginJudged extends OfSession permits Records.LoginJudged {

        /** {@return the SASL mechanism, for instance {@code PLAIN}; empty for a trusted address} */
        Optional<String> mechanism();

        /** {@return the reply: {@link StandardReply#AUTH_SUCCEEDED}, or why not} */
        Reply reply();

        /** {@return how long it took, with the wait for a place among the sessions} */
        Duration took();

        /**
         * {@return a copy that names the mechanism}
         *
         * @param newMechanism the SASL mechanism
         */
        LoginJudged withMechanism(String newMechanism);

        /**
         * {@return the event}
         *
         * @param session whose session, with its identity when it has one now
         * @param reply what came of it
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
     * The content of a message has come to its end. {@link MessageAnswered} follows on the same thread, whatever becomes of
     * it, before another message of the session.
     */
    sealed interface MessageReceived extends OfSession permits Records.MessageReceived {

        /** {@return sender and recipients} */
        Envelope envelope();

        /**
         * {@return the content as it came, freed when the listener returns; empty when the message is refused already, for
         * instance because it is too large}
         */
        Optional<MessageContent> content();

        /**
         * {@return the event}
         *
         * @param session whose session, with identity and message
         * @param envelope sender and recipients
         * @param content the content as it came; empty when the message is refused already
         */
        static MessageReceived of(EventSession session, Envelope envelope, Optional<MessageContent> content) {
            return new Records.MessageReceived(session, envelope, content);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.messageReceived(this);
        }
    }

    /** A message whose content came to its end has its reply, which is about to be sent. */
    sealed interface MessageAnswered extends OfSession permits Records.MessageAnswered {

        /** {@return what became of it} */
        Outcome outcome();

        /** {@return the reply} */
        Reply reply();

        /** {@return octets of its content as it came} */
        long size();

        /** {@return how many recipients it has} */
        int recipients();

        /** {@return how long it took from the last octet of the content to the reply} */
        Duration took();

        /**
         * {@return a copy with the message's size}
         *
         * @param newSize octets of its content as it came
         * @param newRecipients how many recipients it has
         */
        MessageAnswered withSize(long newSize, int newRecipients);

        /**
         * {@return the event}
         *
         * @param session whose session, with identity and message
         * @param outcome what became of it
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

        /** {@return where in the session} */
        Stage stage();

        /** {@return the refusal, with its row of the catalogue where it is one} */
        Reply reply();

        /**
         * {@return what the reply does not say: of refused content, which part and file name, field or domain it was
         * about; printable, empty for other refusals}
         */
        String detail();

        /**
         * {@return a copy with what the reply does not say}
         *
         * @param newDetail a printable text
         */
        Refused withDetail(String newDetail);

        /**
         * {@return the event}
         *
         * @param session whose session
         * @param stage where in the session
         * @param reply the refusal, with its row of the catalogue where it is one
         */
        static Refused of(EventSession session, Stage stage, Reply reply) {
            return new Records.Refused(session, stage, reply, "");
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.refused(this);
        }
    }

    /** An upstream took a message. */
    sealed interface Relayed extends OfSession permits Records.Relayed {

        /** {@return the message; its content is freed when the listener returns} */
        Submission submission();

        /** {@return what the upstream said} */
        DeliveryResult.Accepted result();

        /** {@return how long the delivery took} */
        Duration took();

        /**
         * {@return the event}
         *
         * @param submission the message; its content is freed when the listener returns
         * @param result what the upstream said
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

    /** No upstream took a message. For {@link DeliveryResult.Reason#AMBIGUOUS} one may have. */
    sealed interface NotRelayed extends OfSession permits Records.NotRelayed {

        /** {@return the message; its content is freed when the listener returns} */
        Submission submission();

        /** {@return what came of it} */
        DeliveryResult result();

        /** {@return what the client was told} */
        Reply reply();

        /** {@return how long the delivery took} */
        Duration took();

        /**
         * {@return the event}
         *
         * @param submission the message; its content is freed when the listener returns
         * @param result what came of it
         * @param reply what the client was told
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
     * An upstream took nothing of a message: it cannot be reached, has no turn for it in time, lacks an extension
     * that the message needs, or turned it away. The next one is asked, where there is one; what becomes of the
     * message in the end is told by {@link Relayed} or {@link NotRelayed}. Not told of deliveries of the host's own.
     */
    sealed interface PassedOver extends OfSession permits Records.PassedOver {

        /** {@return the message; its content is freed when its delivery ends} */
        Submission submission();

        /** {@return which upstream, and why; one after which {@link DeliveryResult#anotherMayTry() another may try}} */
        DeliveryResult result();

        /**
         * {@return the event}
         *
         * @param submission the message; its content is freed when its delivery ends
         * @param result which upstream, and why; one after which {@link DeliveryResult#anotherMayTry() another may try}
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
     * An upstream could not be reached several times in a row, so its circuit is open: no message waits for it until
     * a pause is over, and then a single one tries it.
     */
    sealed interface UpstreamLost extends RelayEvent permits Records.UpstreamLost {

        /** {@return which upstream, as {@link DeliveryResult#upstream()} names it} */
        String upstream();

        /** {@return how many attempts failed in a row} */
        int attempts();

        /** {@return how long until it is tried again} */
        Duration pause();

        /** {@return why the last attempt failed; printable} */
        String detail();

        /**
         * {@return the event}
         *
         * @param upstream which upstream, as {@link DeliveryResult#upstream()} names it
         * @param attempts how many attempts failed in a row
         * @param pause how long until it is tried again
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

    /** The one attempt after a pause failed too: an upstream that was lost is left alone for another pause. */
    sealed interface UpstreamStillLost extends RelayEvent permits Records.UpstreamStillLost {

        /** {@return which upstream} */
        String upstream();

        /** {@return how long until it is tried again} */
        Duration pause();

        /** {@return why the attempt failed; printable} */
        String detail();

        /**
         * {@return the event}
         *
         * @param upstream which upstream
         * @param pause how long until it is tried again
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

    /** An upstream that was lost can be reached again. */
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
     * An accepted message brought what an account has used to a part of its quota, or over it. Told once in a period,
     * by the relay whose message it was.
     */
    sealed interface QuotaThreshold extends RelayEvent permits Records.QuotaThreshold {

        /** {@return whose, in its canonical form} */
        String account();

        /** {@return the account's plan} */
        QuotaPlan plan();

        /** {@return how much is used} */
        QuotaUsage usage();

        /** {@return the part that was reached: 80 or 100} */
        int percent();

        /**
         * {@return the event}
         *
         * @param account whose, in its canonical form
         * @param plan the account's plan
         * @param usage how much is used
         * @param percent the part that was reached: 80 or 100
         */
        static QuotaThreshold of(String account, QuotaPlan plan, QuotaUsage usage, int percent) {
            return new Records.QuotaThreshold(account, plan, usage, percent);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.quotaThreshold(this);
        }
    }

    /** An operator changed what an account has used; for the audit. */
    sealed interface QuotaAdjusted extends RelayEvent permits Records.QuotaAdjusted {

        /** {@return what was changed, and by whom} */
        QuotaAdjustment adjustment();

        /** {@return how much is used now} */
        QuotaUsage usage();

        /**
         * {@return the event}
         *
         * @param adjustment what was changed, and by whom
         * @param usage how much is used now
         */
        static QuotaAdjusted of(QuotaAdjustment adjustment, QuotaUsage usage) {
            return new Records.QuotaAdjusted(adjustment, usage);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.quotaAdjusted(this);
        }
    }

    /** A store did not answer several times in a row; it is not asked again before a pause. */
    sealed interface StoreLost extends RelayEvent permits Records.StoreLost {

        /** {@return the interface that it implements, for instance {@code QuotaStore}} */
        String store();

        /** {@return what happens until it answers} */
        StoreFailure then();

        /**
         * {@return the event}
         *
         * @param store the interface that it implements, for instance {@code QuotaStore}
         * @param then what happens until it answers
         */
        static StoreLost of(String store, StoreFailure then) {
            return new Records.StoreLost(store, then);
        }

        @Override
        default void passTo(RelayListener listener) {
            listener.storeLost(this);
        }
    }

    /** A store that was lost answers again. */
    sealed interface StoreFound extends RelayEvent permits Records.StoreFound {

        /** {@return the interface that it implements} */
        String store();

        /**
         * {@return the event}
         *
         * @param store the interface that it implements
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
