package dev.postern.spi;

/**
 * A host's own rules about senders and recipients, applied after the relay's limits. Called on the session's thread or
 * a relay thread, concurrently. May block. When a policy throws, returns null or takes longer than the relay's plug-in
 * time-out, the relay refuses temporarily, and does not vouch ({@link #vouchesFor}). The same question always gets the
 * same answer. The case of a domain does not matter (RFC 5321 section 2.4, {@link MailAddress#foldDomain}).
 */
public interface EnvelopePolicy {

    /**
     * Accepts or refuses the reverse-path.
     *
     * @param envelope the envelope, without recipients yet
     * @param identity who sends
     * @param client the client
     * @return proceed, or the reply to MAIL; never null
     */
    Verdict sender(Envelope envelope, Identity identity, ClientInfo client);

    /**
     * Accepts or refuses one recipient.
     *
     * @param envelope the envelope with the recipients accepted so far
     * @param recipient the next one
     * @param identity who sends
     * @return proceed, or the reply to RCPT; never null
     */
    Verdict recipient(Envelope envelope, Recipient recipient, Identity identity);

    /**
     * Returns whether the relay vouches to its upstreams for a message's submitter (RFC 4954 section 5). Called after
     * {@link #sender} has proceeded, if the client named a mailbox in MAIL's {@code AUTH=} parameter. When true, an
     * upstream that the relay has logged in to gets that mailbox; otherwise it gets {@code AUTH=<>}, "not known".
     *
     * @param submitter the mailbox that the client names; any client can name any
     * @param envelope the envelope as the client gave it, without recipients yet
     * @param identity who sends
     * @param client the client
     * @return true when the host knows that the mailbox is the sender's; the default is false
     */
    default boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
        return false;
    }

    /**
     * Combines this policy with another, which is asked when this one proceeds or does not vouch.
     *
     * @param next the other one
     * @return a policy in which either can refuse and either can vouch
     */
    default EnvelopePolicy and(EnvelopePolicy next) {
        return BothPolicies.of(this, next);
    }

    /**
     * Accepts every sender and recipient.
     *
     * @return the default policy
     */
    static EnvelopePolicy acceptAll() {
        return AcceptedEnvelopes.INSTANCE;
    }

    /**
     * Refuses an envelope sender outside the identity's domains with {@link StandardReply#SENDER_NOT_ALLOWED}; the null
     * reverse-path is allowed, for notifications.
     *
     * @return the rule
     */
    static EnvelopePolicy senderInIdentityDomains() {
        return senderInIdentityDomains(true);
    }

    /**
     * Refuses an envelope sender outside the identity's domains with {@link StandardReply#SENDER_NOT_ALLOWED}.
     *
     * @param nullAllowed whether to allow the null reverse-path, which notifications use
     * @return the rule
     */
    static EnvelopePolicy senderInIdentityDomains(boolean nullAllowed) {
        return new AlignedSender(nullAllowed);
    }
}
