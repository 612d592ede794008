package dev.postern.internal.connection;

import dev.postern.internal.time.TimedRead;
import dev.postern.internal.time.Watchdog;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.TlsInfo;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's octets in and out, in clear or over TLS. Replies wait in a buffer until the next read would block, so that
 * those of a pipelined group leave in one write (RFC 2920 section 3.2). Every wait has an end.
 */
final class ClientStream {

    private static final Logger LOG = LoggerFactory.getLogger(ClientStream.class);

    /** Holds the longest line, and is a good size for content. */
    private static final int BUFFER = 16 * 1024;

    private static final String[] TLS_PROTOCOLS = {"TLSv1.3", "TLSv1.2"}; // RFC 8314 section 4.1

    /** How long, and for how many octets, a client may go on sending after the farewell before it is cut. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final int LINGER_OCTETS = 256 * 1024;

    private final Socket socket;
    private final SmtpListener.Settings settings;
    private final RelayClock clock;
    private final Watchdog.Watch watch;
    private Socket current; // the socket, or TLS above it
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(512);
    private long lastActivity;

    ClientStream(Socket socket, SmtpListener listener) {
        this.socket = socket;
        this.current = socket;
        this.settings = listener.settings;
        this.clock = listener.clock;
        this.watch = listener.watchdog.watch(socket);
        this.lastActivity = clock.nanoTime();
    }

    // what was received

    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    int available() {
        return limit - position;
    }

    void skip(int octets) {
        position += octets;
    }

    /** Looks for an octet behind those that were looked at before; both counted from the position. */
    int indexOf(char wanted, int from) {
        for (int i = position + from; i < limit; i++) {
            if (buffer[i] == wanted) {
                return i - position;
            }
        }
        return -1;
    }

    /** Sends what is pending, then waits for at least one more octet. */
    void fill(OptionalLong end) throws IOException {
        flush();
        if (position == limit) {
            position = 0;
            limit = 0;
        } else if (limit == buffer.length) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        int read = TimedRead.read(socket, input(), buffer, limit, buffer.length - limit, clock, deadline(end));
        if (read < 0) {
            throw new EOFException("end of stream");
        }
        lastActivity = clock.nanoTime();
        limit += read;
    }

    boolean isPast(OptionalLong moment) {
        return moment.isPresent() && clock.nanoTime() - moment.getAsLong() >= 0;
    }

    /** The end of the client's time to be silent, or of the session's, whichever comes first. */
    private long deadline(OptionalLong end) {
        long silence =
                lastActivity + settings.inactivity().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2);
        return end.isPresent() && end.getAsLong() - silence < 0 ? end.getAsLong() : silence;
    }

    // what is sent

    void queue(Reply reply) {
        try {
            reply.writeTo(pending);
        } catch (IOException e) {
            throw new UncheckedIOException("a buffer in memory", e);
        }
    }

    int queued() {
        return pending.size();
    }

    void flush() throws IOException {
        if (pending.size() > 0) {
            lastActivity = clock.nanoTime(); // before the client can see it, so that its silence begins no later
            watch.arm(settings.writeLimit());
            try {
                pending.writeTo(output());
                output().flush();
            } finally {
                watch.disarm();
            }
            pending.reset();
        }
    }

    /** Says the last words so that they arrive: octets of the client that nobody read would turn them into a reset. */
    void finish() throws IOException {
        flush();
        current.shutdownOutput();
        long deadline = clock.nanoTime() + LINGER.toNanos();
        watch.arm(LINGER);
        for (int octets = 0; octets < LINGER_OCTETS; ) {
            int read = TimedRead.read(socket, input(), buffer, 0, buffer.length, clock, deadline);
            if (read < 0) {
                return;
            }
            octets += read;
        }
    }

    /** Makes a blocked read see the end of the stream. */
    void wake() {
        try {
            socket.shutdownInput();
        } catch (IOException e) {
            LOG.debug("{} not woken: {}", socket, e.toString());
        }
    }

    void close() {
        watch.close();
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("{} not closed: {}", socket, e.toString());
        }
    }

    /** Does a TLS handshake within its limit; empty when it failed, which is worth one line at DEBUG. */
    Optional<TlsInfo> encrypt() throws IOException {
        flush();
        SSLContext context = settings.tls().orElseThrow();
        SSLSocket tls = (SSLSocket) context.getSocketFactory()
                // the text of the address, for a name would be looked up
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), false);
        tls.setUseClientMode(false);
        tls.setEnabledProtocols(Arrays.stream(TLS_PROTOCOLS)
                .filter(List.of(tls.getSupportedProtocols())::contains)
                .toArray(String[]::new));
        socket.setSoTimeout(0); // the watch bounds the handshake as a whole
        watch.arm(settings.handshakeLimit());
        try {
            tls.startHandshake();
        } catch (IOException e) {
            LOG.debug("[{}] no TLS: {}", socket.getInetAddress().getHostAddress(), e.toString());
            return Optional.empty();
        } finally {
            watch.disarm();
        }
        current = tls;
        in = tls.getInputStream();
        out = tls.getOutputStream();
        position = 0;
        limit = 0;
        lastActivity = clock.nanoTime();
        SSLSession session = tls.getSession();
        return Optional.of(new TlsInfo(session.getProtocol(), session.getCipherSuite(), List.of()));
    }

    private InputStream input() throws IOException {
        return current == socket ? socket.getInputStream() : in;
    }

    private OutputStream output() throws IOException {
        return current == socket ? socket.getOutputStream() : out;
    }
}
