package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.management.Management;
import dev.postern.management.ManagementAccess;
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
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolStore;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A relay that delivers to nobody, and its console. */
final class Scene implements AutoCloseable {

    static final String ANN = "ann@example.org";
    static final String TOKEN = "0123456789abcdef0123456789abcdef";

    private static final DeliveryResult ACCEPTED =
            DeliveryResult.accepted("nobody", Reply.of(250, new EnhancedStatus(2, 0, 0), "thrown away"));

    private final Console console;
    final AtomicBoolean upstreamWorks = new AtomicBoolean(true);
    final SmtpRelay relay;
    final ManagementServer server;

    private Scene(Console console, ManagementAccess access, Optional<Path> directory) {
        this.console = console;
        UpstreamDelivery upstream = submission -> upstreamWorks.get()
                ? ACCEPTED
                : DeliveryResult.deferred("up", DeliveryResult.Reason.FAILED, "450 4.2.1 <b>busy</b>");
        Optional<Spool> spool = directory.map(
                where -> Spool.builder(SpoolStore.directory(where)).start(upstream));
        relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.of(Map.of(ANN, "secret")))
                        .withPlaintext())
                .sessions(SessionLimits.defaults().withPerUser(100).withPerAddress(1000))
                .quota(QuotaPlan.perDay(1000))
                .delivery(spool.<UpstreamDelivery>map(each -> each).orElse(upstream))
                .listener(console)
                .start();
        try {
            Management management = Management.of(relay, access).withPages(console.pages(relay));
            server = ManagementServer.start(
                    "127.0.0.1", 0, spool.map(management::withSpool).orElse(management));
        } catch (IOException e) {
            relay.stop(Duration.ZERO);
            throw new UncheckedIOException(e);
        }
    }

    static Scene open(Console console) {
        return new Scene(console, ManagementAccess.loopback(), Optional.empty());
    }

    /** With a spool in a directory, whose upstream takes nothing yet. */
    static Scene spooled(Console console, Path directory) {
        Scene scene = new Scene(console, ManagementAccess.loopback(), Optional.of(directory));
        scene.upstreamWorks.set(false);
        return scene;
    }

    static Scene guarded(Console console) {
        return new Scene(console, ManagementAccess.token(TOKEN), Optional.empty());
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
                    .hasCode(250); // relayed, or queued
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
