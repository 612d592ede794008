package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.reply.PluginGuard;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamDelivery;

/** What a message passes on its way, the same for all sessions of a relay. */
public final class Stages {

    private final Settings settings;
    private final SessionGate sessions;
    private final AuthGate auth;
    private final EnvelopeGate envelopes;
    private final ContentGate contents;
    private final QuotaGate quotas;
    private final ContentPolicy contentPolicy;
    private final PluginGuard policyGuard;
    private final UpstreamDelivery upstream;
    private final RelayListener listener;
    private final RelayClock clock;
    private final RecipientLimit recipientLimit;
    private final Capabilities capabilities;
    private final Reply greeting;
    private final Reply hello;

    /**
     * Brings the stages together.
     *
     * @param settings what the flow itself needs to know
     * @param sessions counters, lifetime, message count
     * @param auth logins
     * @param envelopes senders and recipients
     * @param contents content
     * @param quotas quota
     * @param contentPolicy the host's rule about whole messages
     * @param policyGuard stands around it
     * @param upstream delivers
     * @param listener is told
     * @param clock the relay's clock
     */
    public Stages(
            Settings settings,
            SessionGate sessions,
            AuthGate auth,
            EnvelopeGate envelopes,
            ContentGate contents,
            QuotaGate quotas,
            ContentPolicy contentPolicy,
            PluginGuard policyGuard,
            UpstreamDelivery upstream,
            RelayListener listener,
            RelayClock clock) {
        this.settings = settings;
        this.sessions = sessions;
        this.auth = auth;
        this.envelopes = envelopes;
        this.contents = contents;
        this.quotas = quotas;
        this.contentPolicy = contentPolicy;
        this.policyGuard = policyGuard;
        this.upstream = upstream;
        this.listener = listener;
        this.clock = clock;
        this.recipientLimit = new RecipientLimit(upstream);
        this.capabilities = new Capabilities(settings, auth);
        this.greeting = StandardReply.GREETING.reply(settings.hostName(), settings.productName());
        this.hello = StandardReply.HELLO.reply(settings.hostName());
    }

    /**
     * What the flow itself needs to know.
     *
     * @param hostName the relay's name
     * @param productName the name in the greeting
     * @param tlsAvailable whether STARTTLS can be done
     * @param sessions how many messages and errors a session may have
     * @param messages what a message may be
     * @param times how long a client waits for the reply to its content
     */
    public record Settings(
            String hostName,
            String productName,
            boolean tlsAvailable,
            SessionLimits sessions,
            MessageRules messages,
            TimeLimits times) {}

    /**
     * Returns what the flow itself needs to know.
     *
     * @return the same for all sessions
     */
    public Settings settings() {
        return settings;
    }

    Reply greeting() {
        return greeting;
    }

    /** The reply to HELO. */
    Reply hello() {
        return hello;
    }

    SessionGate sessions() {
        return sessions;
    }

    AuthGate auth() {
        return auth;
    }

    EnvelopeGate envelopes() {
        return envelopes;
    }

    ContentGate contents() {
        return contents;
    }

    QuotaGate quotas() {
        return quotas;
    }

    ContentPolicy contentPolicy() {
        return contentPolicy;
    }

    PluginGuard policyGuard() {
        return policyGuard;
    }

    UpstreamDelivery upstream() {
        return upstream;
    }

    RecipientLimit recipientLimit() {
        return recipientLimit;
    }

    /**
     * Returns the relay's clock.
     *
     * @return the same for all sessions
     */
    public RelayClock clock() {
        return clock;
    }

    Capabilities capabilities() {
        return capabilities;
    }

    void tell(RelayEvent event) {
        PluginGuard.tell(listener, event);
    }
}
