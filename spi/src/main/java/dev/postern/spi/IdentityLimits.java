package dev.postern.spi;

import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An identity's own limits. The relay's limit applies where none is set. {@code MAX_VALUE} means unlimited. */
public final class IdentityLimits {

    /** Names a limit, for authenticators that read limits from a directory, a token or a file. */
    public enum Limit {
        /** See {@link IdentityLimits#withSessionsPerUser}. */
        SESSIONS_PER_USER,
        /** See {@link IdentityLimits#withSessionsPerAccount}. */
        SESSIONS_PER_ACCOUNT,
        /** See {@link IdentityLimits#withMessagesPerSession}. */
        MESSAGES_PER_SESSION,
        /** See {@link IdentityLimits#withRecipientsPerMessage}. */
        RECIPIENTS_PER_MESSAGE,
        /** In octets; see {@link IdentityLimits#withMessageSize}. */
        MESSAGE_SIZE,
        /** See {@link QuotaPlan#perDay}. An identity has one quota: the last one set. */
        QUOTA_PER_DAY,
        /** See {@link QuotaPlan#perWeek}. */
        QUOTA_PER_WEEK,
        /** See {@link QuotaPlan#perMonth}. */
        QUOTA_PER_MONTH;

        private static final Set<Limit> QUOTAS = Set.of(QUOTA_PER_DAY, QUOTA_PER_WEEK, QUOTA_PER_MONTH);

        /**
         * Checks that an identity can have these limits together: it can have only one quota.
         *
         * @param limits the limits
         * @throws IllegalStateException when there are quotas for several periods
         */
        public static void requireOneQuota(Collection<Limit> limits) {
            if (limits.stream().distinct().filter(QUOTAS::contains).count() > 1) {
                throw new IllegalStateException("limit: an identity has one quota");
            }
        }
    }

    private static final IdentityLimits NONE = new IdentityLimits(-1, -1, -1, -1, -1, null);

    private final int sessionsPerUser;
    private final int sessionsPerAccount;
    private final int messagesPerSession;
    private final int recipientsPerMessage;
    private final long messageSize;
    private final @Nullable QuotaPlan quota;

    private IdentityLimits(
            int sessionsPerUser,
            int sessionsPerAccount,
            int messagesPerSession,
            int recipientsPerMessage,
            long messageSize,
            @Nullable QuotaPlan quota) {
        this.sessionsPerUser = sessionsPerUser;
        this.sessionsPerAccount = sessionsPerAccount;
        this.messagesPerSession = messagesPerSession;
        this.recipientsPerMessage = recipientsPerMessage;
        this.messageSize = messageSize;
        this.quota = quota;
    }

    /** {@return limits with none set} */
    public static IdentityLimits none() {
        return NONE;
    }

    /**
     * Limits the user's authenticated sessions.
     *
     * @param max sessions at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public IdentityLimits withSessionsPerUser(int max) {
        return new IdentityLimits(
                (int) positive("sessionsPerUser", max),
                sessionsPerAccount,
                messagesPerSession,
                recipientsPerMessage,
                messageSize,
                quota);
    }

    /**
     * Limits the account's authenticated sessions.
     *
     * @param max sessions at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public IdentityLimits withSessionsPerAccount(int max) {
        return new IdentityLimits(
                sessionsPerUser,
                (int) positive("sessionsPerAccount", max),
                messagesPerSession,
                recipientsPerMessage,
                messageSize,
                quota);
    }

    /**
     * Limits the accepted messages of a session.
     *
     * @param max messages, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public IdentityLimits withMessagesPerSession(int max) {
        return new IdentityLimits(
                sessionsPerUser,
                sessionsPerAccount,
                (int) positive("messagesPerSession", max),
                recipientsPerMessage,
                messageSize,
                quota);
    }

    /**
     * Limits the recipients of a message.
     *
     * @param max recipients, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public IdentityLimits withRecipientsPerMessage(int max) {
        return new IdentityLimits(
                sessionsPerUser,
                sessionsPerAccount,
                messagesPerSession,
                (int) positive("recipientsPerMessage", max),
                messageSize,
                quota);
    }

    /**
     * Limits a message's size. May exceed the relay's own maximum. EHLO announces it once the client has logged in.
     *
     * @param max octets as RFC 1870 section 3 counts them, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public IdentityLimits withMessageSize(long max) {
        return new IdentityLimits(
                sessionsPerUser,
                sessionsPerAccount,
                messagesPerSession,
                recipientsPerMessage,
                positive("messageSize", max),
                quota);
    }

    /**
     * Sets the account's quota.
     *
     * @param plan the plan
     * @return a copy
     * @throws NullPointerException when plan is null; to use the relay's own plan, do not call this method
     */
    public IdentityLimits withQuota(QuotaPlan plan) {
        return new IdentityLimits(
                sessionsPerUser,
                sessionsPerAccount,
                messagesPerSession,
                recipientsPerMessage,
                messageSize,
                Objects.requireNonNull(plan, "plan"));
    }

    /**
     * Sets a limit by name.
     *
     * @param limit the limit
     * @param max in the unit of the limit's own method, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public IdentityLimits with(Limit limit, long max) {
        positive("max of " + Objects.requireNonNull(limit, "limit"), max);
        int number = (int) Math.min(max, Integer.MAX_VALUE);
        return switch (limit) {
            case SESSIONS_PER_USER -> withSessionsPerUser(number);
            case SESSIONS_PER_ACCOUNT -> withSessionsPerAccount(number);
            case MESSAGES_PER_SESSION -> withMessagesPerSession(number);
            case RECIPIENTS_PER_MESSAGE -> withRecipientsPerMessage(number);
            case MESSAGE_SIZE -> withMessageSize(max);
            case QUOTA_PER_DAY -> withQuota(QuotaPlan.perDay(max));
            case QUOTA_PER_WEEK -> withQuota(QuotaPlan.perWeek(max));
            case QUOTA_PER_MONTH -> withQuota(QuotaPlan.perMonth(max));
        };
    }

    /** {@return the limit of the user's authenticated sessions; empty when not set} */
    public OptionalInt sessionsPerUser() {
        return optional(sessionsPerUser);
    }

    /** {@return the limit of the account's authenticated sessions; empty when not set} */
    public OptionalInt sessionsPerAccount() {
        return optional(sessionsPerAccount);
    }

    /** {@return the limit of a session's accepted messages; empty when not set} */
    public OptionalInt messagesPerSession() {
        return optional(messagesPerSession);
    }

    /** {@return the limit of a message's recipients; empty when not set} */
    public OptionalInt recipientsPerMessage() {
        return optional(recipientsPerMessage);
    }

    /** {@return the limit of a message's size in octets; empty when not set} */
    public OptionalLong messageSize() {
        return messageSize < 0 ? OptionalLong.empty() : OptionalLong.of(messageSize);
    }

    /** {@return the account's quota; empty when not set} */
    public Optional<QuotaPlan> quota() {
        return Optional.ofNullable(quota);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IdentityLimits that
                && sessionsPerUser == that.sessionsPerUser
                && sessionsPerAccount == that.sessionsPerAccount
                && messagesPerSession == that.messagesPerSession
                && recipientsPerMessage == that.recipientsPerMessage
                && messageSize == that.messageSize
                && Objects.equals(quota, that.quota);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                sessionsPerUser, sessionsPerAccount, messagesPerSession, recipientsPerMessage, messageSize, quota);
    }

    private static OptionalInt optional(int value) {
        return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static long positive(String parameter, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(parameter + " must be 1 or more, not " + value);
        }
        return value;
    }
}
