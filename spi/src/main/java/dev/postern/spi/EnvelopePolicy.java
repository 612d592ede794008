package dev.postern.spi;

/**
 * A host's own rules about senders and recipients, asked after the relay's limits. Called on the session's thread or one
 * of the relay's, concurrently. May block. When a policy throws, returns null or takes longer than the relay's plug-in
 * time-out, the relay refuses temporarily, and takes {@link #vouchesFor} for a no. The same question gets the same answer,
 * whatever was asked before. The case of a domain does not matter (RFC 5321 section 2.4, {@link MailAddress#foldDomain}).
 */
public interface EnvelopePolicy {

    /**
     * Judges the reverse-path.
     *
     * @param envelope the envelope, without recipients yet
     * @param identity who sends
     * @param client from where
     * @return proceed, or the reply to MAIL; never null
     */
    Verdict sender(Envelope envelope, Identity identity, ClientInfo client);

    /**
     * Judges one recipient.
     *
     * @param envelope the envelope with the recipients that were accepted before
     * @param recipient the next one
     * @param identity who sends
     * @return proceed, or the reply to RCPT; never null
     */
    Verdict recipient(Envelope envelope, Recipient recipient, Identity identity);

    /**
     * Says whether the relay vouches to its upstreams for the submitter of a message (RFC 4954 section 5). Asked after
     * {@link #sender} has proceeded, when the client names a mailbox in MAIL's {@code AUTH=} parameter. If so, an upstream to
     * which the relay has logged in gets that mailbox, else {@code AUTH=<>}, "not known".
     *
     * @param submitter the mailbox that the client names; any client can name any
     * @param envelope the envelope as the client gave it, without recipients yet
     * @param identity who sends
     * @param client from where
     * @return true when the mailbox is the sender's by the host's own knowledge; false is the default
     */
    default boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
        return false;
    }

    /**
     * Asks another policy where this one says proceed, or does not vouch.
     *
     * @param next the other one
     * @return both: either can refuse, either can vouch
     */
    default EnvelopePolicy and(EnvelopePolicy next) {
        return BothPolicies.of(this, next);
    }

    /**
     * Accepts every sender and recipient.
     *
     * @return the default
     */
    static EnvelopePolicy acceptAll() {
        return AcceptedEnvelopes.INSTANCE;
    }

    /**
     * Refuses an envelope sender outside of the identity's domains with {@link StandardReply#SENDER_NOT_ALLOWED}; the
     * null reverse-path is allowed, for notifications.
     *
     * @return the rule
     */
    static EnvelopePolicy senderInIdentityDomains() {
        return senderInIdentityDomains(true);
    }

    /**
     * Refuses an envelope sender outside of the identity's domains with {@link StandardReply#SENDER_NOT_ALLOWED}.
     *
     * @param nullAllowed whether the null reverse-path, by which notifications are sent, is allowed
     * @return the rule
     */
    static EnvelopePolicy senderInIdentityDomains(boolean nullAllowed) {
        return new AlignedSender(nullAllowed);
    }
}
