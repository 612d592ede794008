package dev.postern.readme;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.Envelope;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

// DOC delivery
/** Stores each message as a file, its envelope in front of its content: wholly, or not at all. */
final class DirectoryDelivery implements UpstreamDelivery {
    private final Path directory;
    private volatile boolean closed;

    DirectoryDelivery(Path directory) {
        this.directory = directory;
    }

    @Override
    public DeliveryResult deliver(Submission message) {
        Path part = directory.resolve(message.id() + ".part");
        Path whole = directory.resolve(message.id() + ".msg");
        try {
            write(message, part);
            if (closed || isLate(message)) { // the client does not wait any more, and sends it again
                throw new IOException("too late");
            }
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel names = FileChannel.open(directory)) {
                names.force(true); // the file's name is as safe as its octets
            }
            return DeliveryResult.accepted("directory", Reply.fromUpstream(250, List.of("stored")));
        } catch (IOException e) { // not taken: the client is told to come back
            Reason reason = Files.exists(whole) ? Reason.AMBIGUOUS : Reason.FAILED;
            return DeliveryResult.deferred("directory", reason, e.toString());
        } finally {
            part.toFile().delete(); // is there only when something went wrong
        }
    }

    private static void write(Submission message, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            out.write(text(message.envelope()).getBytes(StandardCharsets.UTF_8));
            message.content().writeTo(out); // in blocks
            channel.force(true);
        }
    }

    private static String text(Envelope envelope) {
        Stream<String> sender = Stream.of("MAIL FROM:" + envelope.reversePath() + " " + envelope.parameters());
        Stream<String> recipients =
                envelope.recipients().stream().map(to -> "RCPT TO:<" + to.address() + "> " + to.parameters());
        return Stream.concat(sender, recipients)
                .map(line -> line.strip() + "\r\n")
                .collect(Collectors.joining("", "", "DATA\r\n"));
    }

    private static boolean isLate(Submission message) {
        return message.timeLeft().filter(Duration::isZero).isPresent();
    }

    @Override
    public void close() {
        closed = true;
    }
}
// end
