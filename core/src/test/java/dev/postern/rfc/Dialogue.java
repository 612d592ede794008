package dev.postern.rfc;

import dev.postern.Script;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.charset.StandardCharsets;

/** A {@link Script} over a socket. */
record Dialogue(SmtpProbe probe) implements Script.Peer {

    /** Holds the dialogue; whatever differs fails with the transcript. */
    static void hold(SmtpProbe probe, String script) {
        Script.hold(script, new Dialogue(probe));
    }

    @Override
    public void send(String octets) {
        probe.write(octets);
    }

    @Override
    public String reply() {
        return new String(probe.readReply().wire(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void shakeHands() {
        probe.upgradeToTls(TestCertificates.clientContext());
    }

    @Override
    public void assertClosed() {
        probe.assertClosed();
    }

    @Override
    public String transcript() {
        return probe.transcript();
    }
}
