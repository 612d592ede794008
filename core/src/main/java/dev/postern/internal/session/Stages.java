package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamDelivery;
import java.time.Duration;

/** What a message passes on its way, the same for all sessions of a relay. */
public final class Stages {

    private final Settings settings;
    private final SessionGate sessions;
    private final AuthGate auth;
    private final EnvelopeGate envelopes;
    private final ContentGate contents;
    private final QuotaGate quotas;
    private final Guarded<ContentPolicy> contentPolicy;
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
            Guarded<ContentPolicy> contentPolicy,
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
        this.upstream = upstream;
        this.listener = listener;
        this.clock = clock;
        this.recipientLimit = new RecipientLimit(Guarded.inline("UpstreamDelivery", upstream)); // it must not block
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
     * @param maxMessageSize for SIZE
     * @param maxMessages for LIMITS (RFC 9422)
     * @param maxRecipients for LIMITS
     * @param maxErrors commands refused with 5xx that a session may have
     * @param dsn whether DSN is offered
     * @param deliveryTimeout how long a client waits for the reply to its content at most
     */
    public record Settings(
            String hostName,
            String productName,
            boolean tlsAvailable,
            long maxMessageSize,
            int maxMessages,
            int maxRecipients,
            int maxErrors,
            boolean dsn,
            Duration deliveryTimeout) {}

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

    Guarded<ContentPolicy> contentPolicy() {
        return contentPolicy;
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
