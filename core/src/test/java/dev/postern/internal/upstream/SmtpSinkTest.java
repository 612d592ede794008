package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Postfix's test server. */
@Needs(Tool.SMTP_SINK)
class SmtpSinkTest extends ForeignServerTests {

    private static final Pattern RECIPIENT = Pattern.compile("^X-Rcpt-Args: <(.*)>$", Pattern.MULTILINE);

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private static List<String> options(Manner manner) {
        return switch (manner) {
            case ACCEPTS -> List.of();
            case SPEAKS_NO_ESMTP -> List.of("-e");
            case REFUSES_CONNECTIONS -> List.of("-f", "CONNECT");
            case REFUSES_EHLO_AND_HELO -> List.of("-f", "EHLO,HELO");
            case REFUSES_RECIPIENTS -> List.of("-f", "RCPT");
            case DEFERS_CONTENT -> List.of("-r", ".");
            case VANISHES_AT_MAIL -> List.of("-Q", "MAIL");
            case VANISHES_AFTER_CONTENT -> List.of("-q", ".");
        };
    }

    @Override
    int start(Manner manner) throws IOException, InterruptedException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(Tool.SMTP_SINK.path()));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody")); // it refuses to serve as root
        }
        command.addAll(options(manner));
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

    @Override
    List<Stored> stored() throws IOException, InterruptedException {
        for (Process process : processes) {
            process.destroy();
            process.waitFor();
        }
        List<Stored> messages = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                messages.add(stored(Files.readString(file, StandardCharsets.UTF_8)));
            }
        }
        return messages;
    }

    /** Behind fields of its own, of which the last is a Received: field. */
    private static Stored stored(String file) {
        Matcher recipient = RECIPIENT.matcher(file);
        assertThat(recipient.find()).as(file).isTrue();
        String text = file.substring(file.indexOf("Subject: "));
        return new Stored(recipient.group(1), text.stripTrailing() + "\n");
    }

    /** It ends lines by LF. */
    @Override
    String asStored(String text) {
        return text.replace("\r\n", "\n");
    }
}
