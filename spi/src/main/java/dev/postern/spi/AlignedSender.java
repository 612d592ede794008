package dev.postern.spi;

/** Refuses an envelope sender outside of the identity's domains. */
record AlignedSender(boolean nullAllowed) implements EnvelopePolicy, NonBlocking {

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

    @Override
    public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
        return Verdict.proceed();
    }
}
