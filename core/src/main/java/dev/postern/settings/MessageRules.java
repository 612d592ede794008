package dev.postern.settings;

import dev.postern.spi.MessageSigner;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Limits on messages, and the checks and fix-ups that the relay applies. {@code MAX_VALUE} means no limit. An identity
 * may have {@link dev.postern.spi.IdentityLimits limits of its own}. Immutable.
 */
public final class MessageRules {

    private static final MessageRules DEFAULTS = new MessageRules(new Fields());

    private final Fields fields;

    private static final class Fields extends Values {
        private int maxRecipients = 50;
        private long maxSize = 20L << 20;
        private boolean dsn;
        private boolean requireTls;
        private EnumSet<FixUp> fixUps = EnumSet.allOf(FixUp.class);
        private EnumSet<Check> checks = EnumSet.of(Check.MIME, Check.ATTACHMENTS, Check.FROM);
        private @Nullable MessageSigner signer;
    }

    private MessageRules(Fields fields) {
        this.fields = fields;
    }

    private MessageRules with(Consumer<Fields> change) {
        return new MessageRules(Values.copy(fields, change));
    }

    /** {@return the default rules} */
    public static MessageRules defaults() {
        return DEFAULTS;
    }

    /**
     * Limits the recipients of a message. Default: 50.
     *
     * @param max 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public MessageRules withMaxRecipients(int max) {
        return with(copy -> copy.maxRecipients = Bounds.atLeast("maxRecipients", 1, max));
    }

    /**
     * Limits a message's size. Default: 20,971,520 octets (20 MiB).
     *
     * @param octets as RFC 1870 section 3 counts them, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when octets is under 1
     */
    public MessageRules withMaxSize(long octets) {
        return with(copy -> copy.maxSize = Bounds.atLeast("maxSize", 1L, octets));
    }

    /**
     * Offers DSN (RFC 3461) to clients. Only for upstreams that offer it too, or with a spool, which notifies senders
     * when the upstream does not. Default: not offered.
     *
     * @return a copy
     */
    public MessageRules withDsn() {
        return with(copy -> copy.dsn = true);
    }

    /**
     * Offers REQUIRETLS (RFC 8689) to clients over TLS: a message that asks for it goes only to an upstream that offers
     * it too, over TLS and with a certificate for its name, and is refused otherwise. Default: not offered. Caution: a
     * host's own delivery must pass on the parameter in {@link dev.postern.spi.Envelope#parameters} and honour it.
     *
     * @return a copy
     */
    public MessageRules withRequireTls() {
        return with(copy -> copy.requireTls = true);
    }

    /**
     * Applies these fix-ups to messages, in addition to those already set. Default: all of them.
     *
     * @param fixUps the fix-ups
     * @return a copy
     */
    public MessageRules with(FixUp... fixUps) {
        EnumSet<FixUp> changed = EnumSet.copyOf(fields.fixUps);
        changed.addAll(List.of(Objects.requireNonNull(fixUps, "fixUps")));
        return with(copy -> copy.fixUps = changed);
    }

    /**
     * Does not apply these fix-ups.
     *
     * @param fixUps the fix-ups to leave out
     * @return a copy
     */
    public MessageRules without(FixUp... fixUps) {
        EnumSet<FixUp> changed = EnumSet.copyOf(fields.fixUps);
        changed.removeAll(List.of(Objects.requireNonNull(fixUps, "fixUps")));
        return with(copy -> copy.fixUps = changed);
    }

    /**
     * Makes these checks, in addition to those already set. Default: {@link Check#MIME}, {@link Check#ATTACHMENTS} and
     * {@link Check#FROM}.
     *
     * @param checks the checks
     * @return a copy
     */
    public MessageRules with(Check... checks) {
        EnumSet<Check> changed = EnumSet.copyOf(fields.checks);
        changed.addAll(List.of(Objects.requireNonNull(checks, "checks")));
        return with(copy -> copy.checks = changed);
    }

    /**
     * Does not make these checks.
     *
     * @param checks the checks to leave out
     * @return a copy
     */
    public MessageRules without(Check... checks) {
        EnumSet<Check> changed = EnumSet.copyOf(fields.checks);
        changed.removeAll(List.of(Objects.requireNonNull(checks, "checks")));
        return with(copy -> copy.checks = changed);
    }

    /**
     * Sets the signer of messages, for instance for DKIM. Called after checks and fix-ups. Default: none.
     *
     * @param signer the signer
     * @return a copy
     */
    public MessageRules withSigner(MessageSigner signer) {
        return with(copy -> copy.signer = Objects.requireNonNull(signer, "signer"));
    }

    /** {@return the limit of a message's recipients} */
    public int maxRecipients() {
        return fields.maxRecipients;
    }

    /** {@return the limit of a message's size, in octets as RFC 1870 section 3 counts them} */
    public long maxSize() {
        return fields.maxSize;
    }

    /** {@return whether DSN is offered} */
    public boolean dsn() {
        return fields.dsn;
    }

    /** {@return whether REQUIRETLS is offered over TLS} */
    public boolean requireTls() {
        return fields.requireTls;
    }

    /**
     * Returns whether the relay applies a fix-up.
     *
     * @param fixUp the fix-up
     * @return whether it does
     */
    public boolean mends(FixUp fixUp) {
        return fields.fixUps.contains(fixUp);
    }

    /**
     * Returns whether the relay makes a check.
     *
     * @param check the check
     * @return whether it does
     */
    public boolean checks(Check check) {
        return fields.checks.contains(check);
    }

    /** {@return the signer of messages, if set} */
    public Optional<MessageSigner> signer() {
        return Optional.ofNullable(fields.signer);
    }

    /**
     * Compares with other rules.
     *
     * @param others the others
     * @return one text for each rule that differs, for instance {@code maxRecipients 50 -> 100}, sorted; empty when all
     *     are equal
     */
    public List<String> changesTo(MessageRules others) {
        return Values.changes(byName(), others.byName());
    }

    private Map<String, Object> byName() {
        return Map.of(
                "maxRecipients", fields.maxRecipients,
                "maxSize", fields.maxSize,
                "dsn", fields.dsn,
                "requireTls", fields.requireTls,
                "fixUps", fields.fixUps,
                "checks", fields.checks,
                "signer", new Signer(fields.signer));
    }

    /** Shows only the signer's class, because the signer has a key. */
    private record Signer(@Nullable MessageSigner signer) {
        @Override
        public String toString() {
            return signer == null ? "none" : signer.getClass().getName();
        }
    }
}
