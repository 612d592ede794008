package dev.postern.internal.envelope;

import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
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
import java.util.Set;

/**
 * Reads MAIL and RCPT, and judges senders and recipients.
 *
 * @param rules what is obeyed, unless an identity has limits of its own
 */
public record EnvelopeGate(MessageRules rules, Guarded<EnvelopePolicy> policy) {

    /** Reads the arguments of MAIL (RFC 5321 section 4.1.1.2): an envelope without recipients. */
    public Judged<Envelope> mail(String arguments, boolean tls) {
        return new PathParser(arguments, rules.dsn()).mail(requireTls(tls) ? Set.of("REQUIRETLS") : Set.of());
    }

    /** Whether REQUIRETLS is offered, which it is over TLS alone (RFC 8689 section 2). */
    public boolean requireTls(boolean tls) {
        return tls && rules.requireTls();
    }

    /**
     * Reads the arguments of RCPT (RFC 5321 section 4.1.1.3), behind a MAIL with SMTPUTF8 or not (RFC 6531 section
     * 3.3).
     */
    public Judged<Recipient> rcpt(String arguments, boolean smtpUtf8) {
        return new PathParser(arguments, rules.dsn()).rcpt(smtpUtf8);
    }

    /** The octets of the largest message that an identity may send. */
    public long maxSize(Identity identity) {
        return identity.limits().messageSize().orElse(rules.maxSize());
    }

    /** How many recipients a message of an identity may have. */
    public int maxRecipients(Identity identity) {
        return identity.limits().recipientsPerMessage().orElse(rules.maxRecipients());
    }

    /** Gives {@code <Postmaster>} the relay's name, unless it is to go on as it is (RFC 5321 section 4.5.1). */
    public Recipient completed(Recipient recipient, String hostName) {
        if (!recipient.address().domain().isEmpty() || !rules.mends(FixUp.POSTMASTER)) {
            return recipient;
        }
        return new Recipient(new MailAddress("postmaster", hostName), recipient.parameters());
    }

    /** Judges an envelope without recipients: the declared size first, then the host's rule. */
    public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
        if (envelope.parameters().size().orElse(0) > maxSize(identity)) {
            return Verdict.refuse(StandardReply.MESSAGE_TOO_LARGE); // RFC 1870 section 6.1
        }
        return policy.call(rule -> rule.sender(envelope, identity, client))
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
        boolean vouched = policy.call(rule -> rule.vouchesFor(claimed.get(), envelope, identity, client))
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
        return policy.call(rule -> {
                    Envelope soFar = new Envelope(sender.reversePath(), sender.parameters(), accepted);
                    return rule.recipient(soFar, recipient, identity);
                })
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
    }
}
