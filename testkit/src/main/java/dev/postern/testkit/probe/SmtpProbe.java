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
 * A raw SMTP client: sends exactly what it is told, however wrong, and reads replies by the letter of the RFC. It knows
 * no state and no extension, so that a test can say anything at any time.
 *
 * <p>Every read and every write ends after a safety time-out of real time, {@link #DEFAULT_TIMEOUT} unless set, so that a
 * test fails and does not hang. What is wrong with the server is an {@link AssertionError} with the transcript; what is
 * wrong with the connection while writing is an {@link UncheckedIOException}. For one thread, but for {@link #transcript()},
 * {@link #reset()} and {@link #close()}, which any thread may call.
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
     * Connects. The greeting is left to {@link #readReply()}.
     *
     * @param server where to
     * @return the connected probe
     * @throws UncheckedIOException when no connection can be made
     */
    public static SmtpProbe connect(InetSocketAddress server) {
        return connect(Optional.empty(), server);
    }

    /**
     * Connects. The greeting is left to {@link #readReply()}.
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
     * Connects from an address, to be another client than those that come from elsewhere.
     *
     * @param local an address of this machine, for instance 127.0.0.2
     * @param server where to
     * @return the connected probe
     * @throws UncheckedIOException when no connection can be made from there
     */
    public static SmtpProbe connectFrom(InetAddress local, InetSocketAddress server) {
        return connect(Optional.of(local), server);
    }

    /**
     * Connects and shakes hands at once, as on the implicit TLS port (RFC 8314 section 3.3).
     *
     * @param server where to
     * @param context says which certificates are trusted; the name in the certificate is not checked
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
     * Sets the safety time-out of what is read and written from now on.
     *
     * @param time for a whole reply, or for all that is written at once, however little of it comes or goes at a time;
     *     real time, at least 1 ms
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
     * Reads one whole reply, of one line or more.
     *
     * @return the reply
     * @throws AssertionError when none comes in time, the connection ends, or the reply is malformed; the text shows the
     *     octets
     */
    public ProbeReply readReply() {
        return server.reply();
    }

    /**
     * Sends a line and reads one reply.
     *
     * @param line the line without its CRLF, which goes out in the same write
     * @return the reply
     * @throws AssertionError as {@link #readReply()} does
     * @throws UncheckedIOException when the line cannot be written
     */
    public ProbeReply send(String line) {
        write(line + "\r\n");
        return readReply();
    }

    /**
     * Sends text as it is, in one write; nothing is added.
     *
     * @param text is sent as UTF-8
     * @throws UncheckedIOException when it cannot be written
     */
    public void write(String text) {
        write(Octets.of(text));
    }

    /**
     * Sends octets as they are, in one write; nothing is added.
     *
     * @param octets any octets
     * @throws UncheckedIOException when they cannot be written
     */
    public void write(byte[] octets) {
        transcript.client(octets);
        transmit(octets);
    }

    /** A server that reads no more would block it for ever, so the connection is cut when the time is over. */
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
     * Sends STARTTLS and, when the reply is 220, shakes hands. The server has then forgotten the EHLO.
     *
     * @param context says which certificates are trusted; the name in the certificate is not checked
     * @return the reply to STARTTLS
     * @throws AssertionError when the reply is not 220, or the handshake fails
     */
    public ProbeReply startTls(SSLContext context) {
        ProbeReply reply = require(220, send("STARTTLS"), "STARTTLS");
        upgradeToTls(context);
        return reply;
    }

    /**
     * Shakes hands, whatever was said before.
     *
     * @param context says which certificates are trusted; the name in the certificate is not checked
     * @throws AssertionError when the handshake fails, or the server has sent octets before it that were not read; a
     *     client must never take those for a part of the protected session (CVE-2011-0411)
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
     * Logs in with AUTH LOGIN, one answer a challenge.
     *
     * @param user the user name
     * @param password the password
     * @return the final reply, or the first one that is no challenge
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
     * @param reversePath what stands between the angle brackets, empty for the null reverse-path
     * @param parameters ESMTP parameters, for instance {@code SIZE=1000}
     * @return the reply
     */
    public ProbeReply mail(String reversePath, String... parameters) {
        return send(command("MAIL FROM:<" + reversePath + ">", parameters));
    }

    /**
     * Sends RCPT and reads the reply.
     *
     * @param forwardPath what stands between the angle brackets
     * @param parameters ESMTP parameters, for instance {@code NOTIFY=NEVER}
     * @return the reply
     */
    public ProbeReply rcpt(String forwardPath, String... parameters) {
        return send(command("RCPT TO:<" + forwardPath + ">", parameters));
    }

    /**
     * Sends DATA and, after 354, the content.
     *
     * @param content as {@link #data(byte[])} takes it, in UTF-8
     * @return the reply to the final dot
     * @throws AssertionError when the reply to DATA is not 354
     */
    public ProbeReply data(String content) {
        return data(Octets.of(content));
    }

    /**
     * Sends DATA and, after 354, the content: dots are doubled where a line begins, a missing CRLF at the end is added,
     * then the final dot. Lone CRs and LFs go out as they are.
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
     * @param chunk the octets, sent as they are
     * @param last whether LAST is said, which ends the message
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
     * Ends the session in order (RFC 5321 section 4.1.1.10): sends QUIT, reads the reply and, when that is 221, waits until the
     * server has ended the connection.
     *
     * @return the reply to QUIT
     * @throws AssertionError when the server has said goodbye and does not end the connection in time
     */
    public ProbeReply quit() {
        ProbeReply reply = send("QUIT");
        if (reply.code() == 221) {
            assertClosed();
        }
        return reply;
    }

    /**
     * Waits until the server ends the connection, by FIN or RST.
     *
     * @return true when it has, false when the safety time-out passed
     * @throws AssertionError when octets come in place of the end
     */
    public boolean closedByPeer() {
        return server.hasEnded();
    }

    /**
     * Waits until the server ends the connection.
     *
     * @throws AssertionError when it does not do so in time, or octets come in place of the end
     */
    public void assertClosed() {
        if (!closedByPeer()) {
            throw server.stillThere();
        }
    }

    /** Ends the connection with RST, as a client does that crashes; nothing happens when it is closed. */
    public void reset() {
        try {
            wire.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection without QUIT; nothing happens when it is closed. */
    @Override
    public void close() {
        Wire.closeQuietly(wire);
    }

    /**
     * {@return what was said until now: {@code C:} the client, {@code S:} the server, {@code --} remarks; each line
     * ends with LF} Content of {@link #data} and {@link #bdat} is a remark; of the rest, the latest 1,000 lines are
     * kept. Arguments of AUTH, and what the client sends until AUTH is answered, are {@code ***}.
     */
    public String transcript() {
        return transcript.text();
    }

    /** Returns the transcript. */
    @Override
    public String toString() {
        return transcript();
    }

    /** {@return the port that the server sees this client at, 1 to 65535} */
    public int localPort() {
        return wire.localPort();
    }

    /**
     * {@return whether the server has said something that nobody has read; false once the connection has ended}
     */
    public boolean hasUnread() {
        try {
            return wire.hasPending();
        } catch (IOException e) {
            return false; // the connection's end is no reply
        }
    }

    /**
     * Takes what the server has said that nobody has read, of which the transcript knows nothing. For the rest of
     * a TLS record that has begun to come it waits a tenth of a second, and for what has not begun not at all.
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
