package dev.postern.testkit.probe;

import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * A raw SMTP client: sends exactly what it is told, however wrong, and reads replies strictly by the RFC. It has no
 * notion of state or extensions, so a test can send anything at any time.
 *
 * <p>Every read and every write ends after a safety time-out of real time, {@link #DEFAULT_TIMEOUT} unless set, so that
 * a test fails instead of hanging. A misbehaving server causes an {@link AssertionError} with the transcript; a
 * connection failure while writing causes an {@link UncheckedIOException}. For one thread, except {@link
 * #transcript()}, {@link #reset()} and {@link #close()}, which any thread may call.
 */
public final class SmtpProbe implements AutoCloseable {

    /** How long a read or a write waits for the server, in real time. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final Wire wire;
    private final Transcript transcript = new Transcript();
    private final ReplyReader server;

    private SmtpProbe(Wire wire) {
        this.wire = wire;
        server = new ReplyReader(wire, transcript);
    }

    /**
     * Connects without reading the greeting, which {@link #readReply()} returns.
     *
     * @param server the server's address
     * @return the connected probe
     * @throws UncheckedIOException when no connection can be made
     */
    public static SmtpProbe connect(InetSocketAddress server) {
        return connect(Optional.empty(), server);
    }

    /**
     * Connects without reading the greeting, which {@link #readReply()} returns.
     *
     * @param host a name or an address
     * @param port 1 to 65535
     * @return the connected probe
     * @throws UncheckedIOException when no connection can be made
     */
    public static SmtpProbe connect(String host, int port) {
        return connect(new InetSocketAddress(host, port));
    }

    /**
     * Connects from a local address, so as to appear as a different client.
     *
     * @param local an address of this machine, for instance 127.0.0.2
     * @param server the server's address
     * @return the connected probe
     * @throws UncheckedIOException when no connection can be made from that address
     */
    public static SmtpProbe connectFrom(InetAddress local, InetSocketAddress server) {
        return connect(Optional.of(local), server);
    }

    /**
     * Connects with TLS from the first octet, as on the implicit TLS port (RFC 8314 section 3.3).
     *
     * @param server the server's address
     * @param context determines which certificates are trusted; the certificate's name is not checked
     * @return the connected probe
     * @throws UncheckedIOException when no connection can be made
     * @throws AssertionError when the handshake fails
     */
    public static SmtpProbe connectTls(InetSocketAddress server, SSLContext context) {
        SmtpProbe probe = connect(server);
        probe.upgradeToTls(context);
        return probe;
    }

    private static SmtpProbe connect(Optional<InetAddress> local, InetSocketAddress server) {
        Socket socket = new Socket();
        try {
            if (local.isPresent()) {
                socket.bind(new InetSocketAddress(local.get(), 0));
            }
            socket.setTcpNoDelay(true); // before connecting: afterwards the server may have cut the connection already
            socket.connect(server, (int) DEFAULT_TIMEOUT.toMillis());
            SmtpProbe probe = new SmtpProbe(new Wire(socket));
            probe.timeout(DEFAULT_TIMEOUT);
            return probe;
        } catch (IOException e) {
            Wire.closeQuietly(socket);
            throw new UncheckedIOException("Cannot connect to " + server, e);
        }
    }

    /**
     * Sets the safety time-out for later reads and writes.
     *
     * @param time the limit for a whole reply or a whole write, even if it makes progress; real time, at least 1 ms
     * @return this probe
     */
    public SmtpProbe timeout(Duration time) {
        if (time.toMillis() < 1) {
            throw new IllegalArgumentException("time must be at least 1 ms, not " + time);
        }
        server.timeout(time);
        return this;
    }

    /**
     * Reads one whole reply, of one or more lines.
     *
     * @return the reply
     * @throws AssertionError when none comes in time, the connection ends, or the reply is malformed; the message shows
     *     the octets
     */
    public ProbeReply readReply() {
        return server.reply();
    }

    /**
     * Sends a line and reads one reply.
     *
     * @param line the line without its CRLF, which is sent in the same write
     * @return the reply
     * @throws AssertionError as {@link #readReply()} does
     * @throws UncheckedIOException when the line cannot be written
     */
    public ProbeReply send(String line) {
        write(line + "\r\n");
        return readReply();
    }

    /**
     * Sends text unchanged, in one write.
     *
     * @param text the text, sent as UTF-8
     * @throws UncheckedIOException when it cannot be written
     */
    public void write(String text) {
        write(Octets.of(text));
    }

    /**
     * Sends octets unchanged, in one write.
     *
     * @param octets any octets
     * @throws UncheckedIOException when they cannot be written
     */
    public void write(byte[] octets) {
        transcript.client(octets);
        transmit(octets);
    }

    /** A server that stops reading would block the write forever, so the connection is cut when the time is over. */
    private void transmit(byte[] octets) {
        long millis = server.timeout().toMillis();
        CompletableFuture<Void> written = new CompletableFuture<Void>().orTimeout(millis, TimeUnit.MILLISECONDS);
        CompletableFuture<Void> unused = written.whenComplete((nothing, late) -> {
            if (late != null) {
                Wire.closeQuietly(wire::cut);
            }
        });
        try {
            wire.write(octets);
        } catch (IOException e) {
            if (written.isCompletedExceptionally()) {
                throw new AssertionError(
                        transcript.explain(
                                "The server has not read all of " + octets.length + " octets within " + millis + " ms"),
                        e);
            }
            throw new UncheckedIOException(transcript.explain("Cannot write: " + e), e);
        } finally {
            written.complete(null);
        }
    }

    /**
     * Sends EHLO and reads the reply.
     *
     * @return the reply
     */
    public ProbeReply ehlo() {
        return send("EHLO probe.test");
    }

    /**
     * Sends STARTTLS and, after a 220 reply, does the TLS handshake. The server has then forgotten the EHLO.
     *
     * @param context determines which certificates are trusted; the certificate's name is not checked
     * @return the reply to STARTTLS
     * @throws AssertionError when the reply is not 220, or the handshake fails
     */
    public ProbeReply startTls(SSLContext context) {
        ProbeReply reply = require(220, send("STARTTLS"), "STARTTLS");
        upgradeToTls(context);
        return reply;
    }

    /**
     * Does the TLS handshake, whatever came before.
     *
     * @param context determines which certificates are trusted; the certificate's name is not checked
     * @throws AssertionError when the handshake fails, or when unread octets from before it are pending; a client must
     *     never treat those as part of the protected session (CVE-2011-0411)
     */
    public void upgradeToTls(SSLContext context) {
        byte[] early = wire.takeBuffered();
        if (early.length > 0) {
            throw new AssertionError(transcript.explain(
                    "Octets from the server before the TLS handshake: \"" + Octets.escape(early) + "\""));
        }
        try {
            transcript.note("TLS handshake: " + wire.secureAsClient(context));
        } catch (IOException e) {
            throw new AssertionError(transcript.explain("TLS handshake failed: " + e), e);
        }
    }

    /**
     * Logs in with AUTH PLAIN and an initial response (RFC 4616, RFC 4954 section 4).
     *
     * @param user the authentication identity
     * @param password the password
     * @return the reply to AUTH
     */
    public ProbeReply authPlain(String user, String password) {
        return send("AUTH PLAIN " + base64("\0" + user + "\0" + password));
    }

    /**
     * Logs in with AUTH LOGIN, one answer per challenge.
     *
     * @param user the user name
     * @param password the password
     * @return the final reply, or the first one that is not a challenge
     */
    public ProbeReply authLogin(String user, String password) {
        ProbeReply reply = send("AUTH LOGIN");
        for (String answer : List.of(user, password)) {
            if (reply.code() != 334) {
                return reply;
            }
            reply = send(base64(answer));
        }
        return reply;
    }

    /**
     * Sends MAIL and reads the reply.
     *
     * @param reversePath the text between the angle brackets, empty for the null reverse-path
     * @param parameters ESMTP parameters, for instance {@code SIZE=1000}
     * @return the reply
     */
    public ProbeReply mail(String reversePath, String... parameters) {
        return send(command("MAIL FROM:<" + reversePath + ">", parameters));
    }

    /**
     * Sends RCPT and reads the reply.
     *
     * @param forwardPath the text between the angle brackets
     * @param parameters ESMTP parameters, for instance {@code NOTIFY=NEVER}
     * @return the reply
     */
    public ProbeReply rcpt(String forwardPath, String... parameters) {
        return send(command("RCPT TO:<" + forwardPath + ">", parameters));
    }

    /**
     * Sends DATA and, after 354, the content.
     *
     * @param content as for {@link #data(byte[])}, sent as UTF-8
     * @return the reply to the final dot
     * @throws AssertionError when the reply to DATA is not 354
     */
    public ProbeReply data(String content) {
        return data(Octets.of(content));
    }

    /**
     * Sends DATA and, after 354, the content: doubles a dot at the start of a line, adds a CRLF if the end lacks one,
     * then sends the final dot. Lone CRs and LFs are sent unchanged.
     *
     * @param content the message without dot-stuffing
     * @return the reply to the final dot
     * @throws AssertionError when the reply to DATA is not 354
     */
    public ProbeReply data(byte[] content) {
        require(354, send("DATA"), "DATA");
        byte[] stuffed = Octets.stuffed(content);
        transcript.note("client sends " + stuffed.length + " octets of content");
        transmit(stuffed);
        return readReply();
    }

    /**
     * Sends a BDAT command and its chunk in one write (RFC 3030), and reads the reply.
     *
     * @param chunk the octets, sent unchanged
     * @param last whether to send LAST, which ends the message
     * @return the reply
     */
    public ProbeReply bdat(byte[] chunk, boolean last) {
        byte[] command = Octets.of("BDAT " + chunk.length + (last ? " LAST" : "") + "\r\n");
        byte[] both = Arrays.copyOf(command, command.length + chunk.length);
        System.arraycopy(chunk, 0, both, command.length, chunk.length);
        transcript.client(command);
        transcript.note("client sends " + chunk.length + " octets of content");
        transmit(both);
        return readReply();
    }

    /**
     * Ends the session normally (RFC 5321 section 4.1.1.10): sends QUIT, reads the reply and, if that is 221, waits
     * until the server has closed the connection.
     *
     * @return the reply to QUIT
     * @throws AssertionError when the server replied 221 but does not close the connection in time
     */
    public ProbeReply quit() {
        ProbeReply reply = send("QUIT");
        if (reply.code() == 221) {
            assertClosed();
        }
        return reply;
    }

    /**
     * Waits until the server closes the connection, by FIN or RST.
     *
     * @return true when it has, false when the safety time-out passed
     * @throws AssertionError when octets come instead
     */
    public boolean closedByPeer() {
        return server.hasEnded();
    }

    /**
     * Waits until the server closes the connection.
     *
     * @throws AssertionError when it does not do so in time, or octets come instead
     */
    public void assertClosed() {
        if (!closedByPeer()) {
            throw server.stillThere();
        }
    }

    /** Ends the connection with RST, like a client that crashes. Does nothing when already closed. */
    public void reset() {
        try {
            wire.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection without QUIT. Does nothing when already closed. */
    @Override
    public void close() {
        Wire.closeQuietly(wire);
    }

    /**
     * {@return the dialogue so far: {@code C:} the client, {@code S:} the server, {@code --} remarks; each line ends
     * with LF} Content of {@link #data} and {@link #bdat} appears as a remark; otherwise the latest 1,000 lines are
     * kept. AUTH arguments, and everything that the client sends until AUTH is answered, are {@code ***}.
     */
    public String transcript() {
        return transcript.text();
    }

    /** Returns the transcript. */
    @Override
    public String toString() {
        return transcript();
    }

    /** {@return this client's local port, 1 to 65535} */
    public int localPort() {
        return wire.localPort();
    }

    /** {@return whether there is unread input from the server; false once the connection has ended} */
    public boolean hasUnread() {
        try {
            return wire.hasPending();
        } catch (IOException e) {
            return false; // the connection's end is no reply
        }
    }

    /**
     * Takes the unread input from the server, which is not added to the transcript. Waits a tenth of a second for the
     * rest of a TLS record that has begun to arrive, but not for anything else.
     *
     * @return the octets; none when the connection has ended
     */
    public byte[] takeUnread() {
        try {
            return wire.takePending();
        } catch (IOException e) {
            return new byte[0]; // the connection's end is no reply
        }
    }

    private ProbeReply require(int code, ProbeReply reply, String command) {
        if (reply.code() != code) {
            throw new AssertionError(
                    transcript.explain("Expected " + code + " in reply to " + command + ", but was: " + reply));
        }
        return reply;
    }

    private static String command(String start, String... parameters) {
        return parameters.length == 0 ? start : start + " " + String.join(" ", parameters);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
