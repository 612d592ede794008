package dev.postern.internal.envelope;

import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.reply.Judged;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads MAIL and RCPT, and judges senders and recipients. */
public final class EnvelopeGate {

    /**
     * The limits; {@code MAX_VALUE} means without limit.
     *
     * @param messageSize octets of a message
     * @param recipients recipients of a message
     * @param dsn whether the DSN parameters are offered (RFC 3461)
     */
    public record Limits(long messageSize, int recipients, boolean dsn) {}

    private final Limits limits;
    private final Guarded<EnvelopePolicy> policy;

    public EnvelopeGate(Limits limits, Guarded<EnvelopePolicy> policy) {
        this.limits = limits;
        this.policy = policy;
    }

    /** Reads the arguments of MAIL (RFC 5321 section 4.1.1.2): an envelope without recipients. */
    public Judged<Envelope> mail(String arguments) {
        return new PathParser(arguments, limits.dsn).mail();
    }

    /**
     * Reads the arguments of RCPT (RFC 5321 section 4.1.1.3).
     *
     * @param smtpUtf8 whether MAIL had SMTPUTF8 (RFC 6531 section 3.3)
     */
    public Judged<Recipient> rcpt(String arguments, boolean smtpUtf8) {
        return new PathParser(arguments, limits.dsn).rcpt(smtpUtf8);
    }

    /** The largest message of an identity without a limit of its own, in octets. */
    public long maxSize() {
        return limits.messageSize;
    }

    /** How many recipients a message has of an identity without a limit of its own. */
    public int maxRecipients() {
        return limits.recipients;
    }

    /** Whether the DSN parameters are offered (RFC 3461). */
    public boolean dsn() {
        return limits.dsn;
    }

    /** The octets of the largest message that an identity may send. */
    public long maxSize(Identity identity) {
        return identity.limits().messageSize().orElse(limits.messageSize);
    }

    /** How many recipients a message of an identity may have. */
    public int maxRecipients(Identity identity) {
        return identity.limits().recipientsPerMessage().orElse(limits.recipients);
    }

    /** Judges an envelope without recipients: the declared size first, then the host's rule. */
    public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
        if (envelope.parameters().size().orElse(0) > maxSize(identity)) {
            return Verdict.refuse(StandardReply.MESSAGE_TOO_LARGE); // RFC 1870 section 6.1
        }
        return policy.call(rules -> rules.sender(envelope, identity, client))
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
    }

    /**
     * Makes the claims of a sender that was accepted the relay's own: the submitter that a client names stays only where the
     * host's policy vouches for it (RFC 4954 section 5).
     */
    public Envelope withOwnClaims(Envelope envelope, Identity identity, ClientInfo client) {
        Optional<MailAddress> claimed = envelope.parameters()
                .get("AUTH")
                .filter(value -> !value.equals("<>"))
                .flatMap(PathParser::submitter);
        if (claimed.isEmpty()) {
            return envelope;
        }
        boolean vouched = policy.call(rules -> rules.vouchesFor(claimed.get(), envelope, identity, client))
                .orElse(false);
        if (vouched) {
            return envelope;
        }
        Map<String, String> values = new LinkedHashMap<>(envelope.parameters().values());
        values.put("AUTH", "<>");
        return new Envelope(envelope.reversePath(), new EsmtpParameters(values), envelope.recipients());
    }

    /** Judges the next recipient: the limit first, then the host's rule. */
    public Verdict recipient(Envelope sender, List<Recipient> accepted, Recipient recipient, Identity identity) {
        int max = maxRecipients(identity);
        if (accepted.size() >= max) {
            return Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS, max);
        }
        return policy.call(rules -> {
                    Envelope soFar = new Envelope(sender.reversePath(), sender.parameters(), accepted);
                    return rules.recipient(soFar, recipient, identity);
                })
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
    }
}
