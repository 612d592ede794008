package dev.postern.spi;

import java.time.Duration;

/** What a relay tells its listener. */
public sealed interface RelayEvent {

    /** What happens in a client's session. */
    sealed interface OfSession extends RelayEvent {
        /**
         * Returns whose session it happened in.
         *
         * @return the client
         */
        ClientInfo client();
    }

    /**
     * A client connected and got the greeting.
     *
     * @param client who
     */
    record SessionOpened(ClientInfo client) implements OfSession {}

    /**
     * A session that got the greeting ended.
     *
     * @param client who
     * @param lasted how long it lasted
     * @param messages how many of its messages were accepted
     */
    record SessionClosed(ClientInfo client, Duration lasted, int messages) implements OfSession {}

    /**
     * A client authenticated.
     *
     * @param client who
     * @param identity as whom
     */
    record Authenticated(ClientInfo client, Identity identity) implements OfSession {}

    /**
     * A connection, a command or a message was refused.
     *
     * @param client whose
     * @param reply the refusal, with its row of the catalogue where it is one
     * @param detail what the reply does not say: of refused content, which part and file name, field or domain it was
     *     about; printable, empty for other refusals
     */
    record Refused(ClientInfo client, Reply reply, String detail) implements OfSession {}

    /**
     * An upstream took a message.
     *
     * @param submission the message; its content is freed when the listener returns
     * @param result what the upstream said
     * @param took how long the delivery took
     */
    record Relayed(Submission submission, DeliveryResult.Accepted result, Duration took) implements OfSession {
        @Override
        public ClientInfo client() {
            return submission.client();
        }
    }

    /**
     * No upstream took a message. For {@link DeliveryResult.Reason#AMBIGUOUS} one may have.
     *
     * @param submission the message; its content is freed when the listener returns
     * @param result what came of it
     * @param reply what the client was told
     * @param took how long the delivery took
     */
    record NotRelayed(Submission submission, DeliveryResult result, Reply reply, Duration took) implements OfSession {
        @Override
        public ClientInfo client() {
            return submission.client();
        }
    }

    /**
     * An upstream took nothing of a message: it cannot be reached, has no turn for it in time, lacks an extension that the
     * message needs, or turned it away. The next one is asked, where there is one; what becomes of the message in the end
     * is told by {@link Relayed} or {@link NotRelayed}. Not told of deliveries of the host's own.
     *
     * @param submission the message; its content is freed when its delivery ends
     * @param result which upstream, and why; one after which {@link DeliveryResult#anotherMayTry() another may try}
     */
    record PassedOver(Submission submission, DeliveryResult result) implements OfSession {
        @Override
        public ClientInfo client() {
            return submission.client();
        }
    }

    /**
     * An upstream could not be reached several times in a row, so its circuit is open: no message waits for it until a
     * pause is over, and then a single one tries it.
     *
     * @param upstream which upstream, as {@link DeliveryResult#upstream()} names it
     * @param attempts how many failed in a row
     * @param pause until it is tried again
     * @param detail why the last attempt failed; printable
     */
    record UpstreamLost(String upstream, int attempts, Duration pause, String detail) implements RelayEvent {}

    /**
     * The one attempt after a pause failed too: an upstream that was lost is left alone for another pause.
     *
     * @param upstream which upstream
     * @param pause until it is tried again
     * @param detail why the attempt failed; printable
     */
    record UpstreamStillLost(String upstream, Duration pause, String detail) implements RelayEvent {}

    /**
     * An upstream that was lost can be reached again.
     *
     * @param upstream which upstream
     * @param lost how long it was lost
     */
    record UpstreamFound(String upstream, Duration lost) implements RelayEvent {}

    /**
     * An accepted message brought what an account has used to a part of its quota, or over it. Told once in a period, by
     * the relay whose message it was.
     *
     * @param account whose
     * @param plan the account's plan
     * @param usage how much is used
     * @param percent the part that was reached: 80 or 100
     */
    record QuotaThreshold(String account, QuotaPlan plan, QuotaUsage usage, int percent) implements RelayEvent {}

    /**
     * An operator changed what an account has used; for the audit.
     *
     * @param adjustment what was changed, and by whom
     * @param usage how much is used now
     */
    record QuotaAdjusted(QuotaAdjustment adjustment, QuotaUsage usage) implements RelayEvent {}

    /**
     * A store did not answer several times in a row; it is not asked again before a pause.
     *
     * @param store the interface that it implements, for instance {@code QuotaStore}
     * @param then what happens until it answers
     */
    record StoreLost(String store, StoreFailure then) implements RelayEvent {}

    /**
     * A store that was lost answers again.
     *
     * @param store the interface that it implements
     */
    record StoreFound(String store) implements RelayEvent {}
}
