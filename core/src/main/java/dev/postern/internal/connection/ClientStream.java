package dev.postern.internal.connection;

import dev.postern.internal.octets.Octets;
import dev.postern.internal.reply.Printable;
import dev.postern.internal.time.DeadlineException;
import dev.postern.internal.time.TimedRead;
import dev.postern.internal.time.Watchdog;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.TlsInfo;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's octets in and out, in clear or over TLS. Replies wait in a buffer until the next read would block, so that
 * those of a pipelined group leave in one write (RFC 2920 section 3.2).
 *
 * <p>Every wait, read or write, handshake included, has an end that the watchdog keeps, outside of TLS. Only octets of lines
 * and content are activity, not those of TLS itself.
 */
final class ClientStream implements ProxyHeader.Source {

    private static final Logger LOG = LoggerFactory.getLogger(ClientStream.class);

    /** What an idle session holds; most command lines fit, and longer ones get more. */
    private static final int SMALL = 256;

    private static final int REPLIES = 256;

    /** How long, and for how many octets, a client may go on sending after the farewell before it is cut. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** How long a look at whether the client is gone may take. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final int LINGER_OCTETS = 256 * 1024;

    /**
     * Octets of replies that the system holds for a client who does not read them: what a pipelined group gets, many times over.
     * Left to itself the system holds megabytes for each.
     */
    private static final int SEND_BUFFER = 32 * 1024;

    /**
     * A thread has this many rounds of the watchdog to return from a read that was ended. If it does not, it is blocked
     * in what TLS writes while it reads.
     */
    private static final int ROUNDS_TO_COME_BACK = 4;

    private final ClientSocket socket;
    private final TimeLimits times;
    private final RelayClock clock;
    private final Watchdog.Watch watch;
    private final ContentBuffers buffers;
    private @Nullable TlsStreams tls;
    private InputStream in;
    private OutputStream out;
    private final byte[] small = new byte[SMALL];
    private byte[] buffer = small;
    private int position;
    private int limit;
    private int lastRead;
    private volatile long received; // written by the session's thread alone
    private long sent;
    private @Nullable ByteArrayOutputStream pending; // none while a session waits, which most do
    private long lastActivity;
    private final long headerDue;
    private volatile boolean reading;
    private int overdueRounds; // of reads; only for the watchdog's thread

    ClientStream(ClientSocket socket, SmtpListener listener) throws IOException {
        this.socket = socket;
        this.times = listener.times;
        this.clock = listener.clock;
        this.buffers = listener.buffers;
        socket.setTcpNoDelay(true); // replies are small and somebody waits for each
        socket.setSendBufferSize(SEND_BUFFER);
        in = socket.getInputStream();
        out = socket.getOutputStream();
        watch = listener.watchdog.watch(this::tooLate);
        lastActivity = clock.nanoTime();
        headerDue = lastActivity + times.proxyHeader().toNanos();
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

    @Override
    public void skip(int octets) {
        position += octets;
    }

    /** Looks for an LF behind what was looked at before, both counted from the position; -1 when there is none. */
    int indexOfLf(int from) {
        int lf = Octets.indexOf(buffer, position + from, limit, Octets.LF);
        return lf < limit ? lf - position : -1;
    }

    /** Makes room for content. */
    void useContentBuffer() {
        if (buffer == small) {
            moveTo(buffers.waiting());
        }
    }

    /** Gives the room back when what is left fits without it. */
    void useSmallBuffer() {
        if (buffer != small && available() <= SMALL) {
            moveTo(small);
        }
    }

    /** A large buffer is for a client that has just filled a smaller one. */
    private void fitContentBuffer() {
        boolean flows = lastRead >= ContentBuffers.WAITING;
        if (flows != buffer.length > ContentBuffers.WAITING) {
            moveTo(flows ? buffers.flowing() : buffers.waiting());
        }
    }

    private void moveTo(byte[] other) {
        System.arraycopy(buffer, position, other, 0, limit - position);
        if (other != buffer) {
            Arrays.fill(buffer, position, limit, (byte) 0); // it may be a credential, which is wiped but once
        }
        limit -= position;
        position = 0;
        byte[] before = buffer;
        buffer = other;
        if (before != small && before != other) {
            buffers.giveBack(before);
        }
    }

    /**
     * Sends what is pending, then waits for at least one more octet, until the client has been silent for too long or a
     * moment has come.
     */
    void fill(OptionalLong end) throws IOException {
        flush();
        long silence = times.inactivity().equals(TimeLimits.UNLIMITED)
                ? Long.MAX_VALUE / 2
                : times.inactivity().toNanos();
        receive(buffer.length, sooner(lastActivity + silence, end));
    }

    private void receive(int most, long deadline) throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0;
            if (buffer != small) {
                fitContentBuffer();
            }
        } else if (limit == buffer.length) {
            moveTo(position > 0 ? buffer : buffer == small ? buffers.waiting() : buffers.line());
        }
        int room = Math.min(most, buffer.length - limit);
        int read;
        reading = true;
        watch.armUntil(deadline);
        try {
            read = TimedRead.read(socket, in, buffer, limit, room, clock, deadline);
        } finally {
            watch.disarm();
            reading = false;
        }
        if (read < 0) {
            throw socket.readsEnded() ? new DeadlineException() : new EOFException("end of stream");
        }
        lastActivity = clock.nanoTime();
        lastRead = read;
        count(read);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // others only read it
    private void count(int read) {
        received += read;
        limit += read;
    }

    /**
     * Tells whether the client has closed its side, as far as that can be seen without a wait; what it has sent before is
     * kept. Touches nothing of what was received before, for a line of it may be in use.
     */
    boolean gone() {
        if (limit == buffer.length) {
            return false; // there is no room to look behind what it has sent
        }
        watch.arm(LOOK); // a TLS record in pieces would hold us for longer than the socket's time-out
        try {
            socket.setSoTimeout(1);
            int read = in.read(buffer, limit, buffer.length - limit);
            count(Math.max(read, 0));
            return read < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            LOG.debug("{} is gone: {}", socket, Printable.of(e));
            return true;
        } finally {
            watch.disarm();
        }
    }

    /**
     * Called by the watchdog, in each of its rounds. A read is ended first, which leaves the way out to the farewell.
     */
    private void tooLate() {
        if (reading && overdueRounds++ < ROUNDS_TO_COME_BACK) {
            socket.endReads();
        } else {
            abort();
        }
    }

    /**
     * For the header of a proxy, which has a time limit of its own, as a whole. Reads no octet more than is asked for: what follows
     * may be a TLS handshake, which is not read through this buffer.
     */
    @Override
    public byte[] peek(int octets) throws IOException {
        while (available() < octets) {
            receive(octets - available(), headerDue);
        }
        return Arrays.copyOfRange(buffer, position, limit);
    }

    static long sooner(long moment, OptionalLong other) {
        return other.isPresent() && other.getAsLong() - moment < 0 ? other.getAsLong() : moment;
    }

    // what is sent

    void queue(Reply reply) {
        ByteArrayOutputStream replies = pending == null ? new ByteArrayOutputStream(REPLIES) : pending;
        pending = replies;
        try {
            reply.writeTo(replies);
        } catch (IOException e) {
            throw new UncheckedIOException("a buffer in memory", e);
        }
    }

    int queued() {
        return pending == null ? 0 : pending.size();
    }

    void flush() throws IOException {
        ByteArrayOutputStream replies = pending;
        if (replies != null) {
            pending = null;
            lastActivity = clock.nanoTime(); // before the client can see it, so that its silence begins no later
            watch.arm(times.unread());
            try {
                replies.writeTo(out);
                out.flush();
            } finally {
                watch.disarm();
            }
            sent += replies.size();
        }
    }

    long received() {
        return received;
    }

    long sent() {
        return sent;
    }

    /**
     * Says the last words so that they arrive: octets of the client that nobody read would turn them into a reset.
     *
     * @param afterQuit whether the client has said that it sends nothing more
     */
    void finish(boolean afterQuit) throws IOException {
        flush();
        if (afterQuit && tls == null && available() == 0 && in.available() == 0) {
            return; // a client sends nothing after QUIT (RFC 5321 section 4.1.1.10), but TLS does
        }
        watch.arm(LINGER); // which closes the socket under a client that stays
        if (tls != null) {
            tls.closeOutput();
        }
        socket.shutdownOutput();
        if (socket.readsEnded()) {
            return;
        }
        if (socket.getSoTimeout() != 0) {
            socket.setSoTimeout(0);
        }
        InputStream raw = socket.getInputStream();
        for (int octets = 0; octets < LINGER_OCTETS; ) {
            int read = raw.read(buffer, 0, buffer.length);
            if (read < 0) {
                return;
            }
            octets += read;
        }
    }

    /** Frees what the session's thread holds; only that thread may call it. */
    void close() {
        watch.close();
        if (buffer != small) {
            buffers.giveBack(buffer);
            buffer = small;
        }
        if (tls != null) {
            tls.release();
        }
        abort();
    }

    /** Ends every wait with an exception; for any thread. */
    void abort() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("{} not closed: {}", socket, Printable.of(e));
        }
    }

    /**
     * Does a TLS handshake within its limit, and before the session's end. The session has seen to it that nothing was
     * received before it.
     */
    TlsInfo encrypt(Tls settings, OptionalLong end) throws IOException {
        flush();
        TlsStreams secure = new TlsStreams(in, out, settings.engine(), buffers);
        tls = secure;
        socket.setSoTimeout(0); // the watch bounds the handshake as a whole
        watch.armUntil(sooner(clock.nanoTime() + times.handshake().toNanos(), end));
        try {
            secure.handshake();
        } catch (EOFException e) {
            // when we ended it, there is nothing that a farewell could be said in
            throw socket.readsEnded() ? new SSLHandshakeException("ended by the relay") : e;
        } finally {
            watch.disarm();
        }
        in = secure.input();
        out = secure.output();
        position = 0;
        limit = 0;
        lastActivity = clock.nanoTime();
        return Tls.describe(secure.session());
    }

    /** What binds a login to the TLS connection; empty for one in clear. */
    Optional<byte[]> channelBinding(String type) {
        return tls == null ? Optional.empty() : TlsBinding.of(tls.session(), type);
    }
}
