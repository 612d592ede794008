package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.ServerTls;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever an upstream says too much, too little, too late or in pieces: a client is told 250 only when that upstream
 * answered the end of this client's content with 2xx. A long run: see {@link DialogueFuzzTest}.
 */
@OnAnyJdk
@Timeout(value = Fuzz.MINUTES, unit = TimeUnit.MINUTES)
class RepliesInStepFuzzTest {

    /** How the way to the upstream is protected. */
    private enum Security {
        NONE,
        STARTTLS,
        IMPLICIT_TLS
    }

    private static final int MESSAGES = 12;
    /** For a reply that is left out; real time, for it ends but a wait in vain. */
    private static final Duration PATIENCE = Duration.ofMillis(150);

    @Test
    void whatIsToldAsAcceptedWasAccepted(@TempDir Path directory) {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger sent = new AtomicInteger();
        int rounds = Fuzz.run(15, random -> round(random, directory, told, sent));
        if (rounds >= 15) {
            assertThat(told.get()).as("accepted of %s", sent).isGreaterThan(sent.get() / 10);
        }
    }

    private static void round(SplittableRandom random, Path directory, AtomicInteger told, AtomicInteger sent)
            throws IOException {
        SlippingReplies replies = new SlippingReplies(random.nextInt(10, 120), random.split());
        Security security = random.nextInt(3) > 0 ? Security.NONE : Security.values()[random.nextInt(3)];
        try (FakeUpstream upstream = upstream(random, security).answering(replies);
                SmtpRelay relay = relay(way(security, upstream.port()), directory)) {
            for (int i = 0; i < MESSAGES; i++) {
                String sender = "s" + i + "@client.test";
                int code = submit(relay, random, sender);
                sent.incrementAndGet();
                if (code == 250) {
                    told.incrementAndGet();
                    assertThat(replies.accepted(sender))
                            .as(
                                    "what the upstream said to %s, whose client was told 250: %s",
                                    sender, upstream.transcript())
                            .isTrue();
                }
            }
        }
    }

    private static FakeUpstream upstream(SplittableRandom random, Security security) {
        List<String> offers = new ArrayList<>(List.of("8BITMIME"));
        if (random.nextInt(4) > 0) {
            offers.add("PIPELINING");
        }
        if (random.nextInt(4) > 0) {
            offers.add("CHUNKING");
        }
        FakeUpstream upstream = FakeUpstream.start().withOnlyExtensions(offers.toArray(String[]::new));
        return switch (security) {
            case NONE -> upstream;
            case STARTTLS -> upstream.withStartTls(TestCertificates.serverContext());
            case IMPLICIT_TLS -> upstream.withImplicitTls(TestCertificates.serverContext());
        };
    }

    private static Upstream way(Security security, int port) {
        Upstream way = switch (security) {
            case NONE -> Upstream.smtp("localhost", port);
            case STARTTLS -> Upstream.startTls("localhost", port).tls(TestCertificates.clientContext());
            case IMPLICIT_TLS -> Upstream.smtps("localhost", port).tls(TestCertificates.clientContext());
        };
        return way.timeouts(UpstreamTimeouts.each(PATIENCE)
                        .withConnect(Duration.ofSeconds(10))
                        .withDelivery(Duration.ofSeconds(20)))
                .circuit(CircuitSettings.defaults()
                        .withFailures(Integer.MAX_VALUE)
                        .withPause(Duration.ofMillis(1)));
    }

    private static SmtpRelay relay(Upstream way, Path directory) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .tls(TlsSettings.of(ServerTls.context()))
                .auth(AuthSettings.defaults()
                        .withTrusted("127.0.0.0/8", Identity.of("alice@client.test"))
                        .withPasswords(Authenticator.inMemory().build()))
                .storage(ContentStorage.defaults().withDirectory(directory))
                .upstream(way)
                .start();
    }

    private static int submit(SmtpRelay relay, SplittableRandom random, String sender) {
        try (SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0))) {
            assertThat(probe.readReply().code()).isEqualTo(220);
            assertThat(probe.send("EHLO client.test").code()).isEqualTo(250);
            assertThat(probe.mail(sender).code()).isEqualTo(250);
            int recipients = random.nextInt(1, 4);
            for (int i = 0; i < recipients; i++) {
                assertThat(probe.rcpt("r" + i + "@dest.test").code()).isEqualTo(250);
            }
            String text = "a line of it\r\n".repeat(random.nextInt(5) == 0 ? random.nextInt(40_000) : 3);
            return probe.data("From: alice@client.test\r\nSubject: hello\r\n\r\n" + text)
                    .code();
        }
    }
}
