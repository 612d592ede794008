package dev.postern.spi;

/**
 * A host's own rules about senders and recipients, asked after the relay's limits. Called on the session's thread or one
 * of the relay's, concurrently; may block. One that throws, returns null or takes longer than the relay's plug-in
 * time-out refuses temporarily.
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
    default Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
        return Verdict.proceed();
    }

    /**
     * Judges one recipient.
     *
     * @param envelope the envelope with the recipients that were accepted before
     * @param recipient the next one
     * @param identity who sends
     * @return proceed, or the reply to RCPT; never null
     */
    default Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
        return Verdict.proceed();
    }

    /**
     * Asks another policy where this one says proceed.
     *
     * @param next the other one
     * @return both
     */
    default EnvelopePolicy and(EnvelopePolicy next) {
        EnvelopePolicy first = this;
        return new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                Verdict verdict = first.sender(envelope, identity, client);
                return verdict.refusal().isPresent() ? verdict : next.sender(envelope, identity, client);
            }

            @Override
            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                Verdict verdict = first.recipient(envelope, recipient, identity);
                return verdict.refusal().isPresent() ? verdict : next.recipient(envelope, recipient, identity);
            }
        };
    }

    /**
     * Accepts every sender and recipient.
     *
     * @return the default
     */
    static EnvelopePolicy acceptAll() {
        return new EnvelopePolicy() {};
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
        return new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                return envelope.reversePath()
                                .address()
                                .map(MailAddress::domain)
                                .map(MailAddress::foldDomain)
                                .map(domain -> identity.covering(domain).isPresent())
                                .orElse(nullAllowed)
                        ? Verdict.proceed()
                        : Verdict.refuse(StandardReply.SENDER_NOT_ALLOWED);
            }
        };
    }
}
