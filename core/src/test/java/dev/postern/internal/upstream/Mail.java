package dev.postern.internal.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.internal.upstream.UpstreamPool.Circuit;
import dev.postern.internal.upstream.UpstreamPool.Pooling;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.internal.upstream.UpstreamPool.Settings;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamTimeouts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Messages and settings for tests. */
final class Mail {

    static final String TEXT = "Subject: hello\r\n\r\nworld\r\n";

    static final Pooling POOLING =
            new Pooling(0, 10, Duration.ofSeconds(30), Duration.ofSeconds(60), 1000, Duration.ofMinutes(10));

    private Mail() {}

    static Submission simple() {
        return submission(content(TEXT), "alice@example.org");
    }

    static Submission submission(MessageContent content, String... recipients) {
        return submission(
                content,
                EsmtpParameters.none(),
                Arrays.stream(recipients).map(Recipient::of).toArray(Recipient[]::new));
    }

    static Submission submission(MessageContent content, EsmtpParameters parameters, Recipient... recipients) {
        return submission(content, "bob@example.com", parameters, recipients);
    }

    static Submission submission(
            MessageContent content, String sender, EsmtpParameters parameters, Recipient... recipients) {
        InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        Envelope envelope = new Envelope(ReversePath.of(MailAddress.parse(sender)), parameters, List.of(recipients));
        return Submission.of(
                "m1", ClientInfo.of("s1", nowhere, nowhere), Identity.of("bob"), envelope, content, Instant.EPOCH);
    }

    static MessageContent content(String text) {
        return new Blocks(text.getBytes(UTF_8), Integer.MAX_VALUE);
    }

    /** Content that no pair of socket buffers holds. */
    static MessageContent large() {
        byte[] octets = new byte[32 * 1024 * 1024];
        Arrays.fill(octets, (byte) 'x');
        octets[octets.length - 2] = '\r';
        octets[octets.length - 1] = '\n';
        return new Blocks(octets, Integer.MAX_VALUE);
    }

    static Settings settings(int port) {
        return settings(port, Security.NONE, null, "", Duration.ofSeconds(20));
    }

    static Settings settings(int port, Security security, @Nullable SSLContext tls, String user, Duration limit) {
        return new Settings(
                "localhost",
                port,
                security,
                tls,
                true,
                user,
                user.isEmpty() ? "" : "secret",
                null,
                UpstreamTimeouts.each(limit).withDelivery(Duration.ofDays(1)),
                POOLING,
                "relay.example.com",
                new Circuit(Integer.MAX_VALUE, Duration.ofMinutes(1), Duration.ofMinutes(1)));
    }

    /**
     * Content in memory.
     *
     * @param octets the content
     * @param blockSize how much is written at a time
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Blocks(byte[] octets, int blockSize) implements MessageContent {

        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public boolean eightBit() {
            for (byte octet : octets) {
                if (octet < 0) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(octets);
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            for (int from = 0; from < octets.length; ) {
                int length = Math.min(blockSize, octets.length - from);
                out.write(octets, from, length);
                from += length;
            }
        }
    }

    /**
     * Content that is not as long as it says.
     *
     * @param content the content
     * @param size what it says
     */
    record Lying(MessageContent content, long size) implements MessageContent {

        @Override
        public boolean eightBit() {
            return content.eightBit();
        }

        @Override
        public InputStream open() throws IOException {
            return content.open();
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            content.writeTo(out);
        }
    }
}
