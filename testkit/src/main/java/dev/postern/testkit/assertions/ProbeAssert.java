package dev.postern.testkit.assertions;

import dev.postern.testkit.probe.SmtpProbe;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a probe's connection. For the probe's thread. */
public final class ProbeAssert extends AbstractAssert<ProbeAssert, SmtpProbe> {

    ProbeAssert(SmtpProbe actual) {
        super(actual, ProbeAssert.class);
    }

    /**
     * Waits until the server closes the connection, by FIN or RST.
     *
     * @return this assertion
     * @throws AssertionError when it stays open for the probe's time-out, or octets come instead
     */
    public ProbeAssert isClosed() {
        isNotNull();
        actual.assertClosed();
        return this;
    }
}
