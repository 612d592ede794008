package dev.postern.internal.session;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;

/** What all sessions of a relay have in common: the gates that a message passes, and who delivers it. */
public record SessionContext(
        SessionGate sessions,
        AuthGate auth,
        EnvelopeGate envelopes,
        ContentGate contents,
        QuotaGate quotas,
        Submitter submitter,
        Capabilities capabilities,
        RelayListener listener) {

    void tell(RelayEvent event) {
        PluginGuard.tell(listener, event);
    }
}
