package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command that does a relay's work on loopback and ends, so that the JVM can write down what it has loaded and learned
 * meanwhile, for those that start later.
 */
@Command(
        name = "warm-up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Relays messages on loopback, from itself to itself, and ends. For the JVM's cache of a faster start:",
        description = {
            "java -XX:AOTCacheOutput=postern.aot -jar postern-quickstart.jar warm-up   (JDK 25)",
            "java -XX:AOTCache=postern.aot -jar postern-quickstart.jar ...",
            "java -XX:ArchiveClassesAtExit=postern.jsa -jar postern-quickstart.jar warm-up   (before)",
            "java -XX:SharedArchiveFile=postern.jsa -jar postern-quickstart.jar ..."
        })
final class WarmUp implements Callable<Integer> {

    private static final String HOST = "127.0.0.1";
    private static final String ADDRESS = "warm-up@postern.invalid";
    private static final int MESSAGES_OF_A_SESSION = 10;

    private final PrintStream out;

    @Option(names = "--messages", defaultValue = "5000", description = "How many messages [default: ${DEFAULT-VALUE}].")
    private int messages;

    @Spec
    private @Nullable CommandSpec spec;

    WarmUp(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        if (messages < 1) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "--messages: at least 1");
        }
        Logging.intoNothing();
        try (SmtpRelay behind = relay().delivery(message -> DeliveryResult.accepted(
                                "nowhere", Reply.of(250, new EnhancedStatus(2, 0, 0), "forgotten")))
                        .start();
                SmtpRelay relay =
                        relay().upstream(Upstream.smtp(HOST, behind.port())).start()) {
            for (int sent = 0; sent < messages; ) {
                try (Submission submission = Submission.open(HOST, relay.port(), ADDRESS)) {
                    for (int i = 0; i < MESSAGES_OF_A_SESSION && sent < messages; i++) {
                        Reply reply = submission.send(message(sent++));
                        if (reply.code() != 250) {
                            throw new IOException("the relay says: " + reply);
                        }
                    }
                }
            }
        }
        out.println("postern: relayed " + messages + " messages to nowhere");
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static SmtpRelayBuilder relay() {
        Identity anybody = Identity.of(ADDRESS).withDomains("postern.invalid");
        return SmtpRelay.builder()
                .listen(HOST, 0)
                .auth(AuthSettings.defaults().withTrusted(HOST + "/32", anybody))
                .sessions(SessionLimits.defaults().withMessages(Integer.MAX_VALUE));
    }

    /** A message of a line, or of some KiB in two parts: what a relay sees most. */
    private static byte[] message(int number) {
        String header = "From: Warm Up <" + ADDRESS + ">\r\nTo: " + ADDRESS + "\r\nSubject: " + number + "\r\n"
                + "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: <" + number + "@postern.invalid>\r\n";
        String body = number % 2 == 0
                ? "\r\nA line.\r\n"
                : "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_part\"\r\n\r\n"
                        + "--=_part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                        + "A line of a text.\r\n".repeat(100)
                        + "--=_part\r\nContent-Type: text/html; charset=utf-8\r\n"
                        + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                        + "<p>A line of a text=2E</p>\r\n".repeat(80)
                        + "--=_part--\r\n";
        return (header + body).getBytes(StandardCharsets.US_ASCII);
    }
}
