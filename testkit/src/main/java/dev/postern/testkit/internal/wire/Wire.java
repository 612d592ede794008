package dev.postern.testkit.internal.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One end of a connection: octets in, octets out, with or without TLS. Reads belong to one thread. */
public final class Wire implements AutoCloseable {

    /** What ends a line. */
    public enum LineEnd {
        /** LF, whether CR stands before it or not. */
        LF,
        /** CRLF and nothing else. */
        CRLF
    }

    /** What protects the connection. */
    public enum Protection {
        NONE,
        TLS
    }

    /** Whether a server asks for the client's certificate. */
    public enum ClientCertificate {
        NOT_ASKED,
        REQUIRED
    }

    private static final Duration PENDING = Duration.ofMillis(100);

    private final Socket raw;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private Protection protection = Protection.NONE;
    private @Nullable String clientSubject;
    private final byte[] buffer = new byte[8192];
    private int position;
    private int limit;
    private int timeout; // milliseconds, 0 for none
    private @Nullable Long end; // of reading, by System.nanoTime
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    public Wire(Socket raw) throws IOException {
        this.raw = raw;
        this.socket = raw;
        this.in = raw.getInputStream();
        this.out = raw.getOutputStream();
    }

    /** The next octet, or -1 at the end of the stream. */
    public int read() throws IOException {
        return octetComes() ? buffer[position++] & 0xff : -1;
    }

    /** Waits for an octet, which stays to be read; false at the end of the stream. */
    public boolean octetComes() throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0; // also when the read fails: what was read before must not be read again
            limit = Math.max(0, receive());
        }
        return limit > position;
    }

    private int receive() throws IOException {
        Long until = end;
        if (until != null) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                throw new SocketTimeoutException("Read timed out");
            }
            socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
        }
        return in.read(buffer);
    }

    /** From now on, reading is over after so long, however little comes at a time. */
    public void readWithin(Duration time) {
        end = System.nanoTime() + time.toNanos();
    }

    /** An octet that has come, and stays to be read. */
    public int peek() {
        return buffer[position] & 0xff;
    }

    /** What has come and was not read, for a test that is over: waits a moment for what is under way. */
    public byte[] takePending() throws IOException {
        if (hasPending() && position == limit) {
            octetComesSoon();
        }
        return takeBuffered();
    }

    /** Tells whether octets have come that nobody has read; over TLS, it may wait a moment to see what has come. */
    public boolean hasPending() throws IOException {
        if (position < limit) {
            return true;
        }
        if (raw.isClosed()) {
            return false;
        }
        // what has come may be TLS's own: a ticket of a session (RFC 8446 section 4.6.1), or its end
        return in.available() > 0 || raw.getInputStream().available() > 0 && octetComesSoon();
    }

    private boolean octetComesSoon() throws IOException {
        Long before = end;
        readWithin(PENDING);
        try {
            return octetComes();
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            end = before;
            socket.setSoTimeout(timeout);
        }
    }

    public int localPort() {
        return raw.getLocalPort();
    }

    /** The next line with its end; without an end, or empty, at the end of the stream. */
    public byte[] readLine(LineEnd end) throws IOException {
        int previous = -1;
        for (boolean ended = false; !ended && octetComes(); ) {
            int from = position;
            while (position < limit && !ended) {
                int octet = buffer[position++];
                ended = octet == '\n' && (end == LineEnd.LF || previous == '\r');
                previous = octet;
            }
            line.write(buffer, from, position - from);
        }
        return takeUnfinishedLine();
    }

    /** What has come of a line whose reading failed. */
    public byte[] takeUnfinishedLine() {
        byte[] octets = line.toByteArray();
        line.reset();
        return octets;
    }

    /** So many octets; memory is taken for those that come, however many are announced. */
    public byte[] readExactly(int count) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(Math.min(count, buffer.length));
        while (octets.size() < count) {
            if (!octetComes()) {
                throw new EOFException("end of stream after " + octets.size() + " of " + count + " octets");
            }
            int part = Math.min(limit - position, count - octets.size());
            octets.write(buffer, position, part);
            position += part;
        }
        return octets.toByteArray();
    }

    /** What has been received and not yet read. */
    public byte[] takeBuffered() {
        byte[] octets = Arrays.copyOfRange(buffer, position, limit);
        position = limit;
        return octets;
    }

    public void write(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
    }

    /** Limits each wait for octets, and those of a handshake. */
    public void readTimeout(int millis) throws IOException {
        timeout = millis;
        socket.setSoTimeout(millis);
    }

    /** Shakes hands as the client; the certificate is checked as the context says, the name in it is not. */
    public String secureAsClient(SSLContext context) throws IOException {
        return secure((SSLSocket) context.getSocketFactory()
                .createSocket(raw, raw.getInetAddress().getHostAddress(), raw.getPort(), true));
    }

    /** Shakes hands as the server; octets that came too early count as a part of the handshake. */
    public String secureAsServer(SSLContext context) throws IOException {
        return secureAsServer(context, ClientCertificate.NOT_ASKED);
    }

    /** The same, and looks at who the client is. */
    public String secureAsServer(SSLContext context, ClientCertificate certificate) throws IOException {
        InputStream early = new ByteArrayInputStream(takeBuffered());
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, early, true);
        tls.setNeedClientAuth(certificate == ClientCertificate.REQUIRED);
        String protocol = secure(tls);
        if (certificate == ClientCertificate.REQUIRED) {
            clientSubject = tls.getSession().getPeerPrincipal().getName();
        }
        return protocol;
    }

    /** The subject of the certificate that the client has shown. */
    public Optional<String> clientSubject() {
        return Optional.ofNullable(clientSubject);
    }

    private String secure(SSLSocket tls) throws IOException {
        tls.setSoTimeout(timeout); // what is left of the time to read the last line does not count
        tls.startHandshake();
        socket = tls;
        in = tls.getInputStream();
        out = tls.getOutputStream();
        protection = Protection.TLS;
        return tls.getSession().getProtocol();
    }

    public Protection protection() {
        return protection;
    }

    /** Says that no more will be sent; reading goes on. */
    public void closeOutput() throws IOException {
        socket.shutdownOutput();
        if (!raw.isOutputShutdown()) {
            raw.shutdownOutput();
        }
    }

    /** Ends the connection with RST, from any thread. */
    public void reset() throws IOException {
        if (!raw.isClosed()) {
            raw.setSoLinger(true, 0);
            raw.close();
        }
    }

    /** Ends the connection at once, from any thread, also while another one is blocked in it. */
    public void cut() throws IOException {
        raw.close();
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            raw.close();
        }
    }

    /** Closes; what is broken already is as closed as it can be. */
    public static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            return; // nothing is left to be done with it
        }
    }
}
