package dev.postern.spring;

import dev.postern.RelayStartException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in terms of properties and beans why the relay did not start. */
final class RelayFailureAnalyzer extends AbstractFailureAnalyzer<RuntimeException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, RuntimeException cause) {
        RelaySetupException setup = findCause(root, RelaySetupException.class);
        if (setup != null) {
            return new FailureAnalysis("The SMTP relay cannot start: " + setup.getMessage(), setup.action(), setup);
        }
        RelayStartException start = findCause(root, RelayStartException.class);
        if (start != null) {
            return new FailureAnalysis(
                    "The SMTP relay cannot start: " + start.getMessage(),
                    "Addresses and ports are postern.host, postern.port and postern.tls-port, 0 for any free port; upstreams"
                            + " are below postern.upstream. postern.verify-upstreams=false starts while an upstream is"
                            + " not ready.",
                    start);
        }
        return null;
    }
}
