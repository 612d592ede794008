package dev.postern.spool;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of a relay hear when its spool is full. */
@OnAnyJdk
class CapacityTest {

    private static final String ANN = "ann@example.org";
    private static final int CAPACITY = 10_000; // octets
    private static final String TOO_MUCH = ("x".repeat(98) + "\r\n").repeat(CAPACITY / 100);

    @TempDir
    private Path directory;

    private SmtpRelay relay(Policies policies, Spool spool) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.of(Map.of(ANN, "secret")))
                        .withPlaintext())
                .policies(policies)
                .delivery(spool)
                .start();
    }

    private Spool spool() {
        return Spool.builder(SpoolStore.directory(directory.resolve("spool")))
                .settings(SpoolSettings.defaults().withCapacity(100, CAPACITY))
                .start(message -> DeliveryResult.deferred("up", Reason.FAILED, "not now"));
    }

    private static SmtpProbe session(SmtpRelay relay) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        assertThat(probe.readReply()).hasCode(220);
        probe.ehlo();
        assertThat(probe.authPlain(ANN, "secret")).hasCode(235);
        return probe;
    }

    private static void send(SmtpProbe probe, String text, StandardReply reply) {
        assertThat(probe.mail(ANN)).hasCode(250);
        assertThat(probe.rcpt("bob@example.net")).hasCode(250);
        assertThat(probe.data("From: ann@example.org\r\n\r\n" + text)).isStandardReply(reply);
    }

    /** Nobody could know before; it is no fault of the upstream, so the session goes on. */
    @Test
    void fullAtTheEndOfContent_isAnsweredBy452AndTheSessionGoesOn() {
        try (Spool spool = spool();
                SmtpRelay relay = relay(Policies.defaults(), spool);
                SmtpProbe probe = session(relay)) {
            send(probe, TOO_MUCH, StandardReply.CONTENT_SPACE);
            send(probe, "hello\r\n", StandardReply.MESSAGE_ACCEPTED);
        }
    }

    @Test
    void fullAtMail_isAnsweredBy452BeforeTheContentIsSent() {
        try (Spool spool = spool();
                SmtpRelay relay = relay(Policies.defaults().withEnvelope(spool.capacityPolicy()), spool);
                SmtpProbe probe = session(relay)) {
            assertThat(probe.send("MAIL FROM:<" + ANN + "> SIZE=" + (CAPACITY + 1)))
                    .isStandardReply(StandardReply.CONTENT_SPACE);
            send(probe, TOO_MUCH, StandardReply.CONTENT_SPACE); // its size was not said
            send(probe, "hello\r\n", StandardReply.MESSAGE_ACCEPTED);
        }
    }
}
