package dev.postern.spi;

/** Asks the second policy when the first one proceeds or does not vouch. */
class BothPolicies implements EnvelopePolicy {

    /** Combines two policies that cannot block. */
    private static final class Immediate extends BothPolicies implements NonBlocking {
        private Immediate(EnvelopePolicy first, EnvelopePolicy second) {
            super(first, second);
        }
    }

    private final EnvelopePolicy first;
    private final EnvelopePolicy second;

    private BothPolicies(EnvelopePolicy first, EnvelopePolicy second) {
        this.first = first;
        this.second = second;
    }

    static EnvelopePolicy of(EnvelopePolicy first, EnvelopePolicy second) {
        return first instanceof NonBlocking && second instanceof NonBlocking
                ? new Immediate(first, second)
                : new BothPolicies(first, second);
    }

    @Override
    public final Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
        Verdict verdict = first.sender(envelope, identity, client);
        return verdict.refusal().isPresent() ? verdict : second.sender(envelope, identity, client);
    }

    @Override
    public final Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
        Verdict verdict = first.recipient(envelope, recipient, identity);
        return verdict.refusal().isPresent() ? verdict : second.recipient(envelope, recipient, identity);
    }

    @Override
    public final boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
        return first.vouchesFor(submitter, envelope, identity, client)
                || second.vouchesFor(submitter, envelope, identity, client);
    }
}
