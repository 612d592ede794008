package dev.postern.internal.flow;

import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.reply.PluginGuard;
import dev.postern.internal.session.SessionGate;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a message passes on its way, the same for all sessions of a relay.
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
public record Stages(
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
     */
    public record Settings(
            String hostName,
            String productName,
            boolean tlsAvailable,
            long maxMessageSize,
            int maxMessages,
            int maxRecipients,
            int maxErrors,
            boolean dsn) {}

    private static final Logger LOG = LoggerFactory.getLogger(Stages.class);

    /** Tells the listener, whose failures are its own. */
    void tell(RelayEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            LOG.error("RelayListener failed", e);
        }
    }
}
