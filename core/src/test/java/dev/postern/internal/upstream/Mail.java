package dev.postern.internal.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.UpstreamPool.Account;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.internal.upstream.UpstreamPool.Server;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
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

    static final String HELO = "relay.example.com";
    static final CircuitSettings NO_CIRCUIT = CircuitSettings.defaults().withFailures(Integer.MAX_VALUE);

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

    /** The way to an upstream of a test. */
    record Way(Server server, UpstreamTimeouts timeouts, PoolSettings pooling) {

        UpstreamPool pool(RelayClock clock, Watchdog watchdog, RelayListener listener) {
            return new UpstreamPool(server, timeouts, pooling, NO_CIRCUIT, HELO, clock, watchdog, listener);
        }

        Way with(PoolSettings other) {
            return new Way(server, timeouts, other);
        }

        Way with(UpstreamTimeouts other) {
            return new Way(server, other, pooling);
        }

        Way as(Account account) {
            return new Way(
                    new Server(
                            server.host(),
                            server.port(),
                            server.security(),
                            server.tls(),
                            server.verifyHostName(),
                            account),
                    timeouts,
                    pooling);
        }

        Way withoutHostNameCheck() {
            return new Way(
                    new Server(server.host(), server.port(), server.security(), server.tls(), false, server.account()),
                    timeouts,
                    pooling);
        }
    }

    static Way to(int port) {
        return to(port, Security.NONE, null, "", Duration.ofSeconds(20));
    }

    static Way to(int port, Security security, @Nullable SSLContext tls, String user, Duration limit) {
        return new Way(
                new Server(
                        "localhost",
                        port,
                        security,
                        tls,
                        true,
                        new Account(user, user.isEmpty() ? "" : "secret", null)),
                UpstreamTimeouts.each(limit).withDelivery(Duration.ofDays(1)),
                PoolSettings.defaults().withConnections(0, 10));
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
