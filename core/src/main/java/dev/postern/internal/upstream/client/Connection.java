package dev.postern.internal.upstream.client;

import dev.postern.internal.octets.Octets;
import dev.postern.internal.time.DeadlineException;
import dev.postern.internal.time.Watchdog;
import dev.postern.spi.RelayClock;
import dev.postern.spi.TlsInfo;
import dev.postern.spi.UpstreamTimeouts;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * One connection: a socket, perhaps with TLS above it, a buffered writer, a reply reader, and a watch over all of it. Used
 * by one thread at a time. What is written stays in the buffer until {@link #flush()}, so that commands can be grouped
 * (RFC 2920).
 */
public final class Connection implements Closeable {

    private static final Logger LOG = StageLog.LOG;
    public static final int BUFFER_OCTETS = 32 * 1024;
    /** A look takes a millisecond at most, but for a record that comes octet by octet. */
    private static final Duration LOOK_LIMIT = Duration.ofMillis(500);

    private static final Duration GOODBYE_LIMIT = Duration.ofMillis(500);
    /** Under load, connections rest for moments only, and to look for their end would cost more than it finds. */
    private static final Duration LONG_REST = Duration.ofSeconds(1);

    /** Counts connections that can be used, or are in use. */
    public interface Count {

        public void opened();

        /** {@code saidQuit} tells whether the upstream knows of the end. */
        void closed(boolean saidQuit);
    }

    private static final byte[] CRLF = {'\r', '\n'};

    private final Socket plain;
    private final RelayClock clock;
    private final Watchdog.Watch watch;
    private final ReplyReader reader;
    private final InputStream received; // by the socket, under TLS what is still encrypted
    private final byte[] buffer = new byte[BUFFER_OCTETS];
    private int buffered;
    private OutputStream out;
    private @Nullable SSLSocket tls;
    private Duration limit = Duration.ZERO; // of each part of the step
    private long end; // of all steps
    private long deadline; // of what is being written or waited for
    private final long opened;
    private long restedFrom;
    private int messages;
    private boolean tookRecipient;
    private int writes;
    private boolean saidQuit;
    private boolean woken; // a moment ago, which has looked for what was not asked for
    private @Nullable Count counted; // until it is closed

    /**
     * Takes a connected socket, which it closes.
     *
     * @throws IOException when the socket was closed already
     */
    public Connection(Socket plain, RelayClock clock, Watchdog watchdog) throws IOException {
        this.plain = plain;
        this.clock = clock;
        this.out = plain.getOutputStream();
        this.received = plain.getInputStream();
        this.reader = new ReplyReader(plain, received, clock);
        this.opened = clock.nanoTime();
        this.end = opened;
        this.deadline = opened;
        this.watch = watchdog.watch(this);
    }

    /**
     * Says until when, as {@link RelayClock#nanoTime()} counts, all steps that follow must be done, whatever their
     * limits.
     */
    public void endBy(long moment) {
        end = moment;
    }

    /**
     * Begins a step. Each write of a block from here on, and each reply, must be done within the limit, or the socket is
     * closed under it.
     */
    public void limit(Duration newLimit) {
        limit = newLimit;
    }

    /** Says until when what begins now and has a limit of its own must be done. */
    long endOf(Duration itsLimit) {
        long moment = clock.nanoTime() + itsLimit.toNanos();
        return moment - end < 0 ? moment : end;
    }

    private void begin() {
        deadline = endOf(limit);
        watch.armUntil(deadline);
    }

    /**
     * Once the end has come nothing is written: an end of content whose reply nobody waits for makes a message all the
     * same.
     */
    private void beginWrite() throws UpstreamException {
        begin();
        if (deadline == end && clock.nanoTime() - end >= 0) {
            throw new UpstreamException(UpstreamException.Kind.TIMED_OUT, "write: time-out");
        }
    }

    /**
     * Puts TLS above the socket and shakes hands, within the limit of the step.
     *
     * @throws UpstreamException also when there are octets that were received in clear: whoever put them there wants them
     *     to be taken for what came through TLS (CVE-2011-0411)
     */
    public void startTls(TlsClient client) throws UpstreamException {
        expectSilence();
        begin();
        try {
            plain.setSoTimeout(0); // a handshake is many reads; the watch bounds them together
            SSLSocket socket = client.over(plain);
            socket.startHandshake();
            client.requireAlternativeName(socket.getSession());
            reader.readFrom(socket.getInputStream());
            out = socket.getOutputStream();
            tls = socket;
        } catch (IOException e) {
            throw lost("TLS handshake", e);
        }
    }

    public boolean encrypted() {
        return tls != null;
    }

    /** Returns what is known of the TLS, also when the connection is closed. */
    public Optional<TlsInfo> tlsInfo() {
        return Optional.ofNullable(tls).map(socket -> TlsClient.describe(socket.getSession()));
    }

    public UpstreamReply exchange(String command, Duration itsLimit) throws UpstreamException {
        limit(itsLimit);
        expectSilence();
        command(command);
        flush();
        return reply();
    }

    /**
     * Adds a command line to the buffer.
     *
     * @throws IllegalArgumentException when the line has a control character: whoever made it checked it, but a line end in
     *     it would be a command of its own (CVE-2025-7962)
     */
    public void command(String line) throws UpstreamException {
        byte[] octets = line.getBytes(StandardCharsets.UTF_8);
        for (byte octet : octets) {
            if (Octets.isControl(octet)) {
                throw new IllegalArgumentException("control character in a command");
            }
        }
        write(octets, 0, octets.length);
        write(CRLF, 0, 2);
    }

    /** Adds octets to the buffer, as they are; what would fill it alone is written without a copy. */
    void write(byte[] octets, int offset, int length) throws UpstreamException {
        if (length > BUFFER_OCTETS - buffered) {
            flush();
        }
        if (length >= BUFFER_OCTETS) {
            send(octets, offset, length);
            return;
        }
        System.arraycopy(octets, offset, buffer, buffered, length);
        buffered += length;
    }

    void flush() throws UpstreamException {
        int length = buffered;
        buffered = 0;
        send(buffer, 0, length);
    }

    /** How many writes to the socket have begun: what one that fails had to write may have left, but for its last octet. */
    int writes() {
        return writes;
    }

    /** Waits for a reply within the limit of the step. */
    public UpstreamReply reply() throws UpstreamException {
        begin();
        try {
            UpstreamReply reply = reader.read(deadline);
            watch.disarm();
            return reply;
        } catch (IOException e) {
            throw lost("reply", e);
        }
    }

    /**
     * Looks for a reply that came before the connection was lost: a server that has had enough of a message often says so
     * and closes without reading the rest.
     *
     * @return the reply, empty when there is none, or none that could be the reason
     */
    Optional<UpstreamReply> lastWords() {
        limit(GOODBYE_LIMIT);
        try {
            return Optional.of(reply()).filter(UpstreamReply::negative);
        } catch (UpstreamException e) {
            return Optional.empty();
        }
    }

    /**
     * Checks that all replies were asked for: that none has come to here, neither to our buffer nor to the socket's.
     *
     * @throws UpstreamException when not: what was read next would be the answer to something else
     */
    void expectSilence() throws UpstreamException {
        if (woken) {
            woken = false;
            return;
        }
        try {
            if (!isSilent()) {
                throw new UpstreamException(UpstreamException.Kind.OUT_OF_STEP, "the upstream spoke out of turn");
            }
        } catch (IOException e) {
            throw lost("look", e);
        }
    }

    /** Under TLS only a read can tell a reply from a session ticket or a new key, which may come at any time. */
    private boolean isSilent() throws IOException {
        if (reader.hasBuffered()) {
            return false;
        }
        if (tls == null) {
            return received.available() == 0;
        }
        if (tls.getInputStream().available() > 0) {
            return false;
        }
        if (received.available() == 0) {
            return true;
        }
        watch.armUntil(clock.nanoTime() + LOOK_LIMIT.toNanos());
        try {
            return !reader.receive();
        } finally {
            watch.disarm();
        }
    }

    /** Tells whether octets were read that no reply has used. */
    boolean hasBuffered() {
        return reader.hasBuffered();
    }

    /** Lets the connection rest; the watch closes it, without a word, when nobody wants it for too long. */
    public void rest(Duration longest) {
        restedFrom = clock.nanoTime();
        deadline = restedFrom + longest.toNanos();
        watch.armUntil(deadline);
    }

    /**
     * Ends the rest; false when something arrived meanwhile - a 421, the end of TLS or of the connection - or it was
     * too long.
     */
    public boolean wake() {
        watch.disarm();
        long now = clock.nanoTime();
        try {
            woken = now - deadline < 0
                    && !plain.isClosed()
                    && isSilent()
                    && (now - restedFrom < LONG_REST.toNanos() || isThere());
            return woken;
        } catch (IOException e) {
            return false;
        }
    }

    /** The end of a connection can only be told by a read, which takes a millisecond when there is none. */
    private boolean isThere() throws IOException {
        plain.setSoTimeout(1);
        try {
            int heard = received.read();
            LOG.debug("{}: {} while at rest", plain, heard < 0 ? "closed" : "an octet");
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    /** Tells whether the connection has done its share. */
    public boolean isWorn(int maxMessages, Duration maxAge) {
        return messages >= maxMessages || clock.nanoTime() - opened >= maxAge.toNanos();
    }

    /** Counts a message whose MAIL was accepted. */
    void used() {
        messages++;
    }

    /** Notes that a recipient was accepted. */
    void recipientTaken() {
        tookRecipient = true;
    }

    /** Whether the upstream has ever accepted a recipient here, of whatever message. */
    boolean tookRecipient() {
        return tookRecipient;
    }

    /** When it was opened, as {@link RelayClock#nanoTime()} counts. */
    public long opened() {
        return opened;
    }

    public int messages() {
        return messages;
    }

    /** Counts the connection until it is closed. */
    public synchronized void countIn(Count count) {
        count.opened();
        counted = count;
    }

    private synchronized void countOut() {
        if (counted != null) {
            counted.closed(saidQuit);
            counted = null;
        }
    }

    public boolean isClosed() {
        return plain.isClosed();
    }

    /** Sends QUIT, if that can be done at once. */
    public void quit() {
        limit(GOODBYE_LIMIT);
        endBy(clock.nanoTime() + GOODBYE_LIMIT.toNanos());
        try {
            command("QUIT");
            flush();
            saidQuit = true;
        } catch (UpstreamException e) {
            close();
        }
    }

    /** Waits a moment for the answer to QUIT (RFC 5321 section 4.1.1.10); false when there was none. */
    public boolean awaitGoodbye() {
        try {
            plain.setSoTimeout(clock.waitMillis(GOODBYE_LIMIT.toNanos()));
            return (tls == null ? plain : tls).getInputStream().read() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Closes at once. The TLS socket is not asked: to close it may block. */
    @Override
    public void close() {
        watch.close();
        countOut();
        try {
            plain.close();
        } catch (IOException e) {
            return; // there is nothing more to be done with it
        }
    }

    /** Block by block: what moves is not ended, however much it is. A socket takes no more at once either. */
    private void send(byte[] octets, int offset, int length) throws UpstreamException {
        try {
            for (int sent = 0; sent < length; sent += UpstreamTimeouts.BLOCK_OCTETS) {
                beginWrite();
                writes++;
                out.write(octets, offset + sent, Math.min(length - sent, UpstreamTimeouts.BLOCK_OCTETS));
            }
        } catch (IOException e) {
            throw lost("write", e);
        }
    }

    /** A closed socket may be the watch's doing, so the clock decides what it was. */
    private UpstreamException lost(String what, IOException cause) {
        if (cause instanceof UpstreamException known) {
            return known;
        }
        if (cause instanceof DeadlineException || clock.nanoTime() - deadline >= 0) {
            return new UpstreamException(UpstreamException.Kind.TIMED_OUT, what + ": time-out");
        }
        return new UpstreamException(UpstreamException.Kind.LOST, what + ": " + cause);
    }
}
