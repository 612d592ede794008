package dev.postern.spi;

/** Accepts every sender and recipient, and vouches for no one. */
enum AcceptedEnvelopes implements EnvelopePolicy, NonBlocking {
    INSTANCE;

    @Override
    public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
        return Verdict.proceed();
    }

    @Override
    public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
        return Verdict.proceed();
    }
}
