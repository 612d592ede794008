package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.time.Watchdog;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that others wrote: Postfix's smtp-sink, which has to be installed. */
class SmtpSinkTest {

    private static final Path SINK = Path.of("/usr/sbin/smtp-sink");

    private static final String[] NONE = {};

    @TempDir
    private Path directory;

    private final Watchdog watchdog = new Watchdog(RelayClock.system());
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        watchdog.close();
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void takesMessagesOctetForOctetOverOneConnection() throws Exception {
        StringBuilder text = new StringBuilder("Subject: dots\r\n\r\n");
        while (text.length() < 100_000) {
            text.append(".".repeat(text.length() % 4))
                    .append("gr\u00fc\u00dfe ")
                    .append(text.length())
                    .append("\r\n");
        }
        int port = sink();
        try (UpstreamPool pool = pool(port)) {
            for (int i = 0; i < 20; i++) {
                DeliveryResult result =
                        pool.deliver(Mail.submission(Mail.content(text.toString()), "a@example.org", "b@example.org"));
                assertThat(result).isInstanceOf(Accepted.class);
            }
        }
        List<String> messages = stored();
        assertThat(messages).hasSize(20);
        // the sink takes off the stuffing and ends lines by LF
        String expected = text.toString().replace("\r\n", "\n");
        assertThat(messages).allMatch(message -> message.stripTrailing().endsWith(expected.stripTrailing()), "as sent");
        assertThat(messages).allMatch(message -> message.contains("X-Rcpt-Args: <b@example.org>"));
    }

    @Test
    void refusesRecipients() throws Exception {
        try (UpstreamPool pool = pool(sink("-f", "RCPT"))) {
            DeliveryResult result = pool.deliver(Mail.simple());
            assertThat(result).isInstanceOf(Rejected.class);
            assertThat(((Rejected) result).recipients()).hasSize(1);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void refusesTheEndOfTheContentForNow() throws Exception {
        try (UpstreamPool pool = pool(sink("-r", "."))) {
            assertReason(pool.deliver(Mail.simple()), Reason.FAILED);
        }
    }

    @Test
    void goesAwayAfterTheEndOfTheContent() throws Exception {
        try (UpstreamPool pool = pool(sink("-q", "."))) {
            assertReason(pool.deliver(Mail.simple()), Reason.AMBIGUOUS);
        }
    }

    @Test
    void goesAwayAtMail() throws Exception {
        try (UpstreamPool pool = pool(sink("-Q", "MAIL"))) {
            assertReason(pool.deliver(Mail.simple()), Reason.TURNED_AWAY);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void halfOfTheUpstreamsDownLosesAndDoublesNothing() throws Exception {
        List<UpstreamDelivery.Share> shares = new ArrayList<>();
        for (String[] options : List.of(new String[] {"-f", "CONNECT"}, NONE, new String[] {"-Q", "MAIL"}, NONE)) {
            shares.add(UpstreamDelivery.share(1, pool(sink(options))));
        }
        try (UpstreamDelivery delivery = UpstreamDelivery.weighted(shares.toArray(UpstreamDelivery.Share[]::new))) {
            for (int i = 0; i < 40; i++) {
                String recipient = "r" + i + "@example.org";
                DeliveryResult result = delivery.deliver(Mail.submission(Mail.content(Mail.TEXT), recipient));
                assertThat(result).isInstanceOf(Accepted.class);
            }
        }
        List<String> messages = stored();
        assertThat(messages).hasSize(40);
        for (int i = 0; i < 40; i++) {
            String recipient = "X-Rcpt-Args: <r" + i + "@example.org>";
            assertThat(messages)
                    .filteredOn(message -> message.contains(recipient))
                    .hasSize(1);
        }
    }

    @Test
    void verifiesWithoutAMessage() throws Exception {
        try (UpstreamPool ready = pool(sink());
                UpstreamPool refusing = pool(sink("-f", "EHLO,HELO"))) {
            assertThat(ready.verify().failure()).isEmpty();
            assertThat(ready.verify().extensions()).contains("PIPELINING");
            assertThat(refusing.verify().failure().orElseThrow().step()).isEqualTo(UpstreamHealth.Step.EHLO);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void speaksNoEsmtp() throws Exception {
        try (UpstreamPool pool = pool(sink("-e"))) {
            assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        }
        assertThat(stored()).hasSize(1);
    }

    private UpstreamPool pool(int port) {
        return new UpstreamPool(Mail.settings(port), RelayClock.system(), watchdog, RelayListener.none());
    }

    private static void assertReason(DeliveryResult result, Reason reason) {
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason())
                .as(((Deferred) result).detail())
                .isEqualTo(reason);
    }

    private int sink(String... options) throws IOException, InterruptedException {
        assertThat(SINK).as("Postfix's test server, of the package postfix").isExecutable();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(SINK.toString()));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody")); // it refuses to serve as root
        }
        command.addAll(List.of(options));
        command.addAll(List.of("-d", directory.resolve("m.").toString(), "127.0.0.1:" + port, "100"));
        Process process = new ProcessBuilder(command).inheritIO().start();
        processes.add(process);
        while (!listens(port)) {
            assertThat(process.waitFor(10, TimeUnit.MILLISECONDS))
                    .as("smtp-sink has ended")
                    .isFalse();
        }
        return port;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** What the sink has written, once it has ended. */
    private List<String> stored() throws IOException, InterruptedException {
        for (Process process : processes) {
            process.destroy();
            process.waitFor();
        }
        List<String> messages = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                messages.add(Files.readString(file, StandardCharsets.UTF_8));
            }
        }
        return messages;
    }
}
