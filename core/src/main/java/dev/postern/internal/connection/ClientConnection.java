package dev.postern.internal.connection;

import dev.postern.internal.reply.Printable;
import dev.postern.internal.session.Client;
import dev.postern.internal.session.Line;
import dev.postern.internal.session.Line.Ending;
import dev.postern.internal.session.Session;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.TlsInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** One client's connection, and the session that pulls from it. Run by one thread; drained and cut by others. */
final class ClientConnection implements Client {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    /** RFC 4954 section 4: the longest line of any command, without CRLF. */
    private static final int MAX_LINE = 12_288 - 2;

    /** So much of a line without an end is thrown away before the connection is given up. */
    private static final int MAX_ENDLESS_LINE = 1 << 20;

    private static final int ENOUGH_FOR_A_VERB = 16;
    private static final int FLUSH_AT = 8192;
    private static final long NANOS_A_SECOND = 1_000_000_000L;

    /** Content may be slow for as long as a client may be silent, or so long, before its rate counts. */
    private static final Duration RATE_START = Duration.ofMinutes(2);

    private final SmtpListener listener;
    private final ClientSocket socket;
    private final boolean implicitTls;
    private final ClientStream stream;
    private final ClientInfo client;
    final Session session;
    private final OptionalLong end;
    private boolean spoken;
    private boolean deaf; // to what is said in clear, for TLS comes first or has begun

    ClientConnection(SmtpListener listener, ClientSocket socket, boolean implicitTls) throws IOException {
        this.listener = listener;
        this.socket = socket;
        this.implicitTls = implicitTls;
        this.client = ClientInfo.of(
                listener.nextSessionId(), (InetSocketAddress) socket.getRemoteSocketAddress(), (InetSocketAddress)
                        socket.getLocalSocketAddress());
        this.stream = new ClientStream(socket, listener);
        this.session = new Session(listener.context(), client, this);
        this.end = session.end();
        this.deaf = implicitTls;
    }

    /** Talks with the client. The one panic boundary: whatever goes wrong ends this session and no other. */
    void run() {
        Thread.currentThread().setName("postern-" + client.sessionId());
        MDC.put("session", client.sessionId());
        listener.begun(this);
        try {
            talk();
        } catch (IOException e) {
            LOG.debug("{} connection lost: {}", client, Printable.of(e));
        } catch (RuntimeException | Error e) {
            LOG.error("{} session ended by a defect", client, Printable.failure(e));
            sayInternalError();
        } finally {
            try {
                session.close();
            } finally {
                stream.close();
                listener.ended(this);
                MDC.remove("session");
            }
        }
    }

    /** Takes the client in, or turns it away; one that TLS comes first for can only be told why behind a handshake. */
    private void talk() throws IOException {
        ClientInfo arrived = behindProxy();
        if (session.admit(arrived) || !implicitTls) {
            talk(implicitTls ? arrived.withTls(startTls()) : arrived);
        } else if (listener.refusedHandshakes.tryAcquire()) {
            try {
                talk(refusedBehindTls(arrived));
            } finally {
                listener.refusedHandshakes.release();
            }
        } else {
            session.run(arrived); // logs the refusal and tells the listener; the client is not sent it in clear
        }
    }

    private ClientInfo refusedBehindTls(ClientInfo arrived) throws IOException {
        try {
            return arrived.withTls(startTls());
        } catch (IOException e) {
            session.run(arrived); // else nobody would be told of the refusal
            throw e;
        }
    }

    private void talk(ClientInfo arrived) throws IOException {
        boolean quit = session.run(arrived);
        stream.flush();
        session.close(); // what the session holds is free before the client has gone
        stream.finish(quit);
    }

    private ClientInfo behindProxy() throws IOException {
        boolean proxied = listener.proxies.stream().anyMatch(proxy -> proxy.contains(socket.getInetAddress()));
        return proxied ? ProxyHeader.read(stream).map(client::withRemote).orElse(client) : client;
    }

    private void sayInternalError() {
        try {
            session.farewell(StandardReply.INTERNAL_ERROR);
            if (!deaf) {
                stream.finish(false);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} farewell not said", client, Printable.failure(e));
        }
    }

    /** Ends the session when no message is under way; called by the thread that stops the relay. */
    void drain() {
        if (session.idle()) {
            socket.endReads();
        }
    }

    String id() {
        return client.sessionId();
    }

    /** Ends the session as soon as no content is under way; for any thread. */
    void end() {
        if (session.requestEnd()) {
            socket.endReads();
        }
    }

    /** Cuts the connection; for any thread. */
    void cut() {
        stream.abort();
    }

    // what the session pulls

    @Override
    public Line line() throws IOException {
        stream.useSmallBuffer();
        if (stream.queued() > FLUSH_AT) {
            stream.flush();
        }
        int length = stream.indexOfLf(0);
        if (length < 0) {
            if (stream.available() == 0) {
                stream.fill(end); // between commands, only silence and age count
            }
            length = restOfLine();
        }
        if (length < 0) {
            return beginningOfLine();
        }
        if (!spoken) {
            spoken = true;
            ProxyHeader.refuse(stream); // only listed proxies may say who a client is
        }
        int start = stream.position();
        byte[] buffer = stream.buffer();
        stream.skip(length + 1);
        if (length == 0 || buffer[start + length - 1] != '\r') {
            return new Line(buffer, start, length, Ending.BARE);
        }
        return new Line(buffer, start, length - 1, length - 1 > MAX_LINE ? Ending.TOO_LATE : Ending.CRLF);
    }

    /** Waits for the end of a line that has begun, however it is cut into pieces; -1 when it is longer than any may be. */
    private int restOfLine() throws IOException {
        OptionalLong deadline = lineDeadline();
        int seen = 0;
        int length = stream.indexOfLf(0);
        while (length < 0 && stream.available() <= MAX_LINE + 1) { // the CR may be there before the LF is
            seen = stream.available();
            stream.fill(deadline);
            length = stream.indexOfLf(seen);
        }
        return length;
    }

    private OptionalLong lineDeadline() {
        long due = listener.clock.nanoTime() + listener.times.commandLine().toNanos();
        return OptionalLong.of(ClientStream.sooner(due, end));
    }

    /** Reads to the end of a line that is too long, and keeps its beginning. */
    private Line beginningOfLine() throws IOException {
        OptionalLong deadline = lineDeadline();
        byte[] begin = Arrays.copyOfRange(stream.buffer(), stream.position(), stream.position() + ENOUGH_FOR_A_VERB);
        boolean bare = false;
        byte last = 0;
        for (int discarded = 0; discarded < MAX_ENDLESS_LINE; ) {
            int lineEnd = stream.indexOfLf(0);
            int octets = lineEnd < 0 ? stream.available() : lineEnd + 1;
            for (int i = stream.position(); i < stream.position() + octets; i++) {
                byte octet = stream.buffer()[i];
                bare |= (last == '\r') != (octet == '\n');
                last = octet;
            }
            stream.skip(octets);
            discarded += octets;
            if (lineEnd >= 0) {
                return new Line(begin, 0, begin.length, bare ? Ending.BARE : Ending.TOO_LATE);
            }
            stream.fill(deadline);
        }
        return new Line(begin, 0, begin.length, Ending.NONE);
    }

    @Override
    public Content content() {
        return new Body();
    }

    /** Content that comes at a pace, for a client that trickles must not hold a session for ever. */
    private final class Body implements Content {

        private final long begun = listener.clock.nanoTime();
        private long received;

        private Body() {
            stream.useContentBuffer();
        }

        @Override
        public int await() throws IOException {
            if (stream.available() == 0) {
                stream.fill(due());
            }
            return stream.available();
        }

        /** When the next octets are due at the latest. */
        private OptionalLong due() {
            TimeLimits times = listener.times;
            Duration start = times.inactivity().equals(TimeLimits.UNLIMITED) ? RATE_START : times.inactivity();
            long due = begun + start.toNanos() + received / times.contentRate() * NANOS_A_SECOND;
            return OptionalLong.of(ClientStream.sooner(due, end));
        }

        @Override
        public byte[] buffer() {
            return stream.buffer();
        }

        @Override
        public int position() {
            return stream.position();
        }

        @Override
        public void take(int octets) {
            stream.skip(octets);
            received += octets;
        }

        @Override
        public void close() {
            stream.useSmallBuffer();
        }
    }

    @Override
    public TlsInfo startTls() throws IOException {
        deaf = true;
        TlsInfo info = stream.encrypt(Objects.requireNonNull(listener.tls), end);
        deaf = false;
        return info;
    }

    @Override
    public Optional<byte[]> channelBinding(String type) {
        return stream.channelBinding(type);
    }

    @Override
    public void say(Reply reply) {
        stream.queue(reply);
    }

    @Override
    public void flush() throws IOException {
        stream.flush();
    }

    @Override
    public long received() {
        return stream.received();
    }

    @Override
    public long sent() {
        return stream.sent();
    }

    @Override
    public boolean hasUnread() {
        return stream.available() > 0;
    }

    @Override
    public boolean draining() {
        return listener.draining();
    }

    @Override
    public boolean gone() {
        return listener.draining() || session.ending() || stream.gone();
    }
}
