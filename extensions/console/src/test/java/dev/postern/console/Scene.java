package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.management.Management;
import dev.postern.management.ManagementAccess;
import dev.postern.management.ManagementPages;
import dev.postern.management.ManagementRequest;
import dev.postern.management.ManagementResponse;
import dev.postern.management.ManagementServer;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A relay that delivers to nobody, and its console. */
final class Scene implements AutoCloseable {

    static final String ANN = "ann@example.org";
    static final String TOKEN = "0123456789abcdef0123456789abcdef";

    private static final DeliveryResult ACCEPTED =
            DeliveryResult.accepted("nobody", Reply.of(250, new EnhancedStatus(2, 0, 0), "thrown away"));

    private final Console console;
    volatile @Nullable String spool;
    final SmtpRelay relay;
    final ManagementServer server;

    private Scene(Console console, ManagementAccess access) {
        this.console = console;
        relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.of(Map.of(ANN, "secret")))
                        .withPlaintext())
                .sessions(SessionLimits.defaults().withPerUser(100).withPerAddress(1000))
                .quota(QuotaPlan.perDay(1000))
                .delivery(submission -> ACCEPTED)
                .listener(console)
                .start();
        try {
            server = ManagementServer.start(
                    "127.0.0.1", 0, Management.of(relay, access).withPages(withSpool(console.pages(relay))));
        } catch (IOException e) {
            relay.stop(Duration.ZERO);
            throw new UncheckedIOException(e);
        }
    }

    /** Those of the console, and what an endpoint of a spool says while there is one. */
    private ManagementPages withSpool(ManagementPages pages) {
        return new ManagementPages() {
            @Override
            public Optional<ManagementResponse> open(ManagementRequest request) {
                return pages.open(request);
            }

            @Override
            public Optional<ManagementResponse> guarded(ManagementRequest request) {
                String says = spool;
                return says != null && request.path().equals("/spool")
                        ? Optional.of(
                                ManagementResponse.of(200, "application/json", says.getBytes(StandardCharsets.UTF_8)))
                        : pages.guarded(request);
            }
        };
    }

    static Scene open(Console console) {
        return new Scene(console, ManagementAccess.loopback());
    }

    static Scene guarded(Console console) {
        return new Scene(console, ManagementAccess.token(TOKEN));
    }

    String address() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    SmtpProbe session() {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        assertThat(probe.readReply()).hasCode(220);
        probe.ehlo();
        assertThat(probe.authPlain(ANN, "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        return probe;
    }

    /** Sends the lines below From: and Subject:, and what follows them. */
    void send(String subject, String rest) {
        try (SmtpProbe probe = session()) {
            probe.mail(ANN);
            probe.rcpt("bob@example.net");
            assertThat(probe.data("From: " + ANN + "\r\nTo: bob@example.net\r\nSubject: " + subject + "\r\n" + rest))
                    .isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        }
    }

    /** Gives the console a message that the relay would refuse. */
    void caught(String message) {
        console.relayed(RelayEvent.Relayed.of(
                TestMessage.of(message).submission(), (DeliveryResult.Accepted) ACCEPTED, Duration.ZERO));
    }

    @Override
    public void close() {
        server.close();
        relay.stop(Duration.ZERO);
    }
}
