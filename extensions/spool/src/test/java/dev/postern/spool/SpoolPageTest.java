package dev.postern.spool;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.spi.Authenticator;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.HeldPage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/spool.md. */
class SpoolPageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "spool.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/postern/spool/SpoolPageTest.java");

    // example
    /** The spool is opened by start(); until then, spool is empty. */
    static SmtpRelayBuilder spooling(
            SmtpRelayBuilder relay, Path directory, Upstream upstream, AtomicReference<Spool> spool) {
        return relay.policies(
                        Policies.defaults().withEnvelope(Spool.capacityPolicy(() -> Optional.ofNullable(spool.get()))))
                .upstreams(connect -> {
                    Spool opened = Spool.builder(SpoolStore.directory(directory))
                            .settings(SpoolSettings.defaults().withHostName("relay.example.org"))
                            .start(connect.to(upstream));
                    spool.set(opened); // to be asked and steered; the relay closes it
                    return opened;
                });
    }
    // end

    @Test
    void aMessageGoesThroughTheSpoolOfTheExample(@TempDir Path directory) {
        AtomicReference<Spool> spool = new AtomicReference<>();
        SmtpRelayBuilder builder = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.of(Map.of("ann@example.org", "secret")))
                        .withPlaintext());
        try (FakeUpstream upstream = FakeUpstream.start()) {
            Upstream next = Upstream.smtp("127.0.0.1", upstream.port());
            try (SmtpRelay relay = spooling(builder, directory, next, spool).start();
                    SmtpProbe probe = SmtpProbe.connect(new InetSocketAddress("127.0.0.1", relay.port()))) {
                assertThat(probe.readReply()).hasCode(220);
                assertThat(probe.send("EHLO client.test")).isOk();
                assertThat(probe.authPlain("ann@example.org", "secret")).hasCode(235);
                assertThat(probe.mail("ann@example.org")).isOk();
                assertThat(probe.rcpt("bob@example.net")).isOk();
                assertThat(probe.data("From: ann@example.org\r\n\r\nhello\r\n")).isOk();
                assertThat(upstream.awaitMessage()).isTo("bob@example.net");
                assertThat(spool.get().figures().spooled()).isEqualTo(1);
            }
            assertThat(upstream).hasMessages(1);
        }
    }

    @Test
    void thePageHasIt() throws IOException {
        HeldPage.holdExample(PAGE, SOURCE);
    }
}
