package dev.postern.settings;

import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import java.util.Objects;
import java.util.function.Consumer;

/** The host's own rules about clients, senders, recipients and messages. Immutable. */
public final class Policies {

    private static final Policies DEFAULTS = new Policies(new Fields());

    private final Fields fields;

    private static final class Fields extends Values {
        private SenderDomains senderDomains = SenderDomains.ofIdentity();
        private SessionPolicy session = SessionPolicy.acceptAll();
        private EnvelopePolicy envelope = EnvelopePolicy.acceptAll();
        private ContentPolicy content = ContentPolicy.acceptAll();
    }

    private Policies(Fields fields) {
        this.fields = fields;
    }

    private Policies with(Consumer<Fields> change) {
        return new Policies(Values.copy(fields, change));
    }

    /** {@return the default policies, which accept everything} */
    public static Policies defaults() {
        return DEFAULTS;
    }

    /**
     * Sets which domains an identity may send from. Default: the identity's domains.
     *
     * @param domains the rule
     * @return a copy
     */
    public Policies withSenderDomains(SenderDomains domains) {
        return with(copy -> copy.senderDomains = Objects.requireNonNull(domains, "senderDomains"));
    }

    /**
     * Sets the host's rule about connections. Default: accept every client.
     *
     * @param policy the rule
     * @return a copy
     */
    public Policies withSession(SessionPolicy policy) {
        return with(copy -> copy.session = Objects.requireNonNull(policy, "session"));
    }

    /**
     * Sets the host's rule about senders and recipients. Default: accept all, because newsletters often have bounces
     * sent to a service's domain. {@link EnvelopePolicy#senderInIdentityDomains(boolean)} refuses envelope senders
     * outside the identity's domains.
     *
     * @param policy the rule
     * @return a copy
     */
    public Policies withEnvelope(EnvelopePolicy policy) {
        return with(copy -> copy.envelope = Objects.requireNonNull(policy, "envelope"));
    }

    /**
     * Sets the host's rule about whole messages. Default: accept all.
     *
     * @param policy the rule
     * @return a copy
     */
    public Policies withContent(ContentPolicy policy) {
        return with(copy -> copy.content = Objects.requireNonNull(policy, "content"));
    }

    /** {@return which domains an identity may send from} */
    public SenderDomains senderDomains() {
        return fields.senderDomains;
    }

    /** {@return the rule about connections} */
    public SessionPolicy session() {
        return fields.session;
    }

    /** {@return the rule about senders and recipients} */
    public EnvelopePolicy envelope() {
        return fields.envelope;
    }

    /** {@return the rule about whole messages} */
    public ContentPolicy content() {
        return fields.content;
    }
}
