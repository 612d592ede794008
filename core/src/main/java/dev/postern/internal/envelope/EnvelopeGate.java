package dev.postern.internal.envelope;

import dev.postern.internal.reply.PluginGuard;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads MAIL and RCPT, and judges senders and recipients. */
public final class EnvelopeGate {

    /** A MAIL command that was read. */
    public sealed interface Mail {
        /**
         * It is well-formed.
         *
         * @param reversePath the sender
         * @param parameters the ESMTP parameters
         */
        record Sender(ReversePath reversePath, EsmtpParameters parameters) implements Mail {}

        /**
         * It is not.
         *
         * @param verdict the reply
         */
        record Malformed(Verdict verdict) implements Mail {}
    }

    /** A RCPT command that was read. */
    public sealed interface Rcpt {
        /**
         * It is well-formed.
         *
         * @param recipient the recipient
         */
        record To(Recipient recipient) implements Rcpt {}

        /**
         * It is not.
         *
         * @param verdict the reply
         */
        record Malformed(Verdict verdict) implements Rcpt {}
    }

    private final MessageRules rules;
    private final EnvelopePolicy policy;
    private final PluginGuard guard;

    /**
     * Makes the gate.
     *
     * @param rules what a message may be
     * @param policy the host's rules
     * @param guard stands around them
     */
    public EnvelopeGate(MessageRules rules, EnvelopePolicy policy, PluginGuard guard) {
        this.rules = rules;
        this.policy = policy;
        this.guard = guard;
    }

    /**
     * Reads the arguments of MAIL (RFC 5321 section 4.1.1.2).
     *
     * @param arguments what stands behind the verb
     * @return the sender, or the reply
     */
    public Mail mail(String arguments) {
        return new PathParser(arguments, rules.dsn()).mail();
    }

    /**
     * Reads the arguments of RCPT (RFC 5321 section 4.1.1.3).
     *
     * @param arguments what stands behind the verb
     * @param smtpUtf8 whether MAIL had SMTPUTF8 (RFC 6531 section 3.3)
     * @return the recipient, or the reply
     */
    public Rcpt rcpt(String arguments, boolean smtpUtf8) {
        return new PathParser(arguments, rules.dsn()).rcpt(smtpUtf8);
    }

    /** The largest message of an identity without a limit of its own, in octets. */
    public long maxSize() {
        return rules.maxSize();
    }

    /** How many recipients a message has of an identity without a limit of its own. */
    public int maxRecipients() {
        return rules.maxRecipients();
    }

    /** Whether the DSN parameters are offered (RFC 3461). */
    public boolean dsn() {
        return rules.dsn();
    }

    /**
     * Returns the largest message that an identity may send.
     *
     * @param identity who sends
     * @return octets
     */
    public long maxSize(Identity identity) {
        return identity.limits().messageSize().orElse(rules.maxSize());
    }

    /**
     * Returns how many recipients a message of an identity may have.
     *
     * @param identity who sends
     * @return recipients
     */
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

    /**
     * Judges a sender: the declared size first, then the host's rule.
     *
     * @param envelope the envelope without recipients
     * @param identity who sends
     * @param client from where
     * @return proceed, or the reply
     */
    public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
        if (envelope.parameters().size().orElse(0) > maxSize(identity)) {
            return Verdict.refuse(StandardReply.MESSAGE_TOO_LARGE); // RFC 1870 section 6.1
        }
        return guard.call("EnvelopePolicy", () -> policy.sender(envelope, identity, client))
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
    }

    /**
     * Makes the claims of a sender that was accepted the relay's own: the submitter that a client names stays only where the
     * host's policy vouches for it (RFC 4954 section 5).
     *
     * @param envelope the envelope as the client gave it, without recipients
     * @param identity who sends
     * @param client from where
     * @return the envelope that goes on
     */
    public Envelope withOwnClaims(Envelope envelope, Identity identity, ClientInfo client) {
        Optional<MailAddress> claimed = envelope.parameters()
                .get("AUTH")
                .filter(value -> !value.equals("<>"))
                .flatMap(PathParser::submitter);
        if (claimed.isEmpty()) {
            return envelope;
        }
        boolean vouched = guard.call(
                        "EnvelopePolicy", () -> policy.vouchesFor(claimed.get(), envelope, identity, client))
                .orElse(false);
        if (vouched) {
            return envelope;
        }
        Map<String, String> values = new LinkedHashMap<>(envelope.parameters().values());
        values.put("AUTH", "<>");
        return new Envelope(envelope.reversePath(), new EsmtpParameters(values), envelope.recipients());
    }

    /**
     * Judges a recipient: the limit first, then the host's rule.
     *
     * @param sender the envelope without recipients
     * @param accepted the recipients that were accepted before
     * @param recipient the next one
     * @param identity who sends
     * @return proceed, or the reply
     */
    public Verdict recipient(Envelope sender, List<Recipient> accepted, Recipient recipient, Identity identity) {
        int max = maxRecipients(identity);
        if (accepted.size() >= max) {
            return Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS, max);
        }
        return guard.call("EnvelopePolicy", () -> {
                    Envelope sofar = new Envelope(sender.reversePath(), sender.parameters(), accepted);
                    return policy.recipient(sofar, recipient, identity);
                })
                .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
    }
}
