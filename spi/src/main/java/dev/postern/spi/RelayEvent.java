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
