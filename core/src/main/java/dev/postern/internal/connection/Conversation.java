package dev.postern.internal.connection;

import dev.postern.internal.reply.Printable;
import dev.postern.internal.session.SubmissionFlow;
import dev.postern.internal.session.SubmissionFlow.Expects;
import dev.postern.internal.time.DeadlineException;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Carries one client's octets to the flow, and the flow's replies back. Run by one thread; drained and cut by others. */
final class Conversation implements SubmissionFlow.Wire {

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

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
    private final SubmissionFlow flow;
    private boolean spoken;

    private Conversation(SmtpListener listener, ClientSocket socket, boolean implicitTls) throws IOException {
        this.listener = listener;
        this.socket = socket;
        this.implicitTls = implicitTls;
        this.client = ClientInfo.of(
                listener.nextSessionId(), (InetSocketAddress) socket.getRemoteSocketAddress(), (InetSocketAddress)
                        socket.getLocalSocketAddress());
        this.stream = new ClientStream(socket, listener);
        this.flow = new SubmissionFlow(listener.stages, client, this);
    }

    /** Talks with a client until one of the two ends it. */
    static void run(SmtpListener listener, ClientSocket socket, boolean implicitTls) throws IOException {
        try (socket) {
            new Conversation(listener, socket, implicitTls).run();
        }
    }

    /** The one panic boundary: whatever goes wrong ends this session and no other. */
    private void run() {
        Thread.currentThread().setName("postern-" + client.sessionId());
        MDC.put("session", client.sessionId());
        listener.begun(this);
        try {
            converse();
        } catch (IOException e) {
            LOG.debug("{} connection lost: {}", client, Printable.of(e));
        } catch (RuntimeException | Error e) {
            LOG.error("{} session ended by a defect", client, Printable.failure(e));
            sayInternalError();
        } finally {
            try {
                flow.close();
            } finally {
                stream.close();
                listener.ended(this);
                MDC.remove("session");
            }
        }
    }

    /** Ends the session when no message is under way; called by the thread that stops the relay. */
    void drain() {
        if (flow.idle()) {
            socket.endReads();
        }
    }

    /** Ends the session at once; called by the thread that stops the relay. */
    void cut() {
        stream.abort();
    }

    @Override
    public void reply(Reply reply) {
        stream.queue(reply);
    }

    @Override
    public boolean hasUnread() {
        return stream.available() > 0;
    }

    @Override
    public boolean gone() {
        return listener.draining() || stream.gone();
    }

    private void converse() throws IOException {
        if (listener.settings.proxies().stream().anyMatch(proxy -> proxy.contains(socket.getInetAddress()))) {
            ProxyHeader.read(stream).ifPresent(flow::proxied);
        }
        if (implicitTls) {
            encrypt();
        }
        flow.open();
        while (flow.expects() != Expects.NOTHING) {
            try {
                step();
            } catch (DeadlineException e) {
                flow.farewell(whyItEnds());
            }
        }
        stream.flush();
        flow.close(); // what the session holds is free before the client has gone
        stream.finish();
    }

    private StandardReply whyItEnds() {
        if (listener.draining()) {
            return StandardReply.SHUTTING_DOWN;
        }
        return stream.isPast(flow.end()) ? StandardReply.SESSION_LIFETIME : StandardReply.INACTIVITY;
    }

    private void step() throws IOException {
        if (listener.draining() && flow.idle()) {
            flow.farewell(StandardReply.SHUTTING_DOWN);
        } else if (stream.isPast(flow.end())) {
            flow.farewell(StandardReply.SESSION_LIFETIME);
        } else {
            switch (flow.expects()) {
                case LINE -> line();
                case CONTENT -> content();
                case TLS_HANDSHAKE -> encrypt();
                case NOTHING -> throw new IllegalStateException("nothing is expected");
            }
        }
        if (stream.queued() > FLUSH_AT) {
            stream.flush();
        }
    }

    private void line() throws IOException {
        readLine();
        stream.useSmallBuffer();
    }

    private void readLine() throws IOException {
        int length = stream.indexOf('\n', 0);
        if (length < 0) {
            length = restOfLine();
        }
        if (length < 0) {
            discardLine();
            return;
        }
        if (!spoken) {
            spoken = true;
            ProxyHeader.refuse(stream); // only listed proxies may say who a client is
        }
        int start = stream.position();
        stream.skip(length + 1);
        if (length == 0 || stream.buffer()[start + length - 1] != '\r') {
            flow.lineMalformed(stream.buffer(), start, length); // RFC 5321 section 2.3.8: only CRLF ends a line
        } else if (length - 1 > MAX_LINE) {
            flow.lineTooLong(stream.buffer(), start, length);
        } else {
            flow.line(stream.buffer(), start, length - 1);
        }
    }

    /** Waits for a line's end, however it is cut into pieces; -1 when it is longer than any may be. */
    private int restOfLine() throws IOException {
        if (stream.available() == 0) {
            stream.fill(flow.end()); // between commands, only silence and age count
        }
        OptionalLong deadline = lineDeadline();
        int seen = 0;
        int length = stream.indexOf('\n', 0);
        while (length < 0 && stream.available() <= MAX_LINE + 1) { // the CR may be there before the LF is
            seen = stream.available();
            stream.fill(deadline);
            length = stream.indexOf('\n', seen);
        }
        return length;
    }

    private OptionalLong lineDeadline() {
        long end = listener.clock.nanoTime()
                + listener.settings.times().commandLine().toNanos();
        return OptionalLong.of(ClientStream.sooner(end, flow.end()));
    }

    private void discardLine() throws IOException {
        OptionalLong deadline = lineDeadline();
        byte[] begin = Arrays.copyOfRange(stream.buffer(), stream.position(), stream.position() + ENOUGH_FOR_A_VERB);
        for (int discarded = 0; discarded < MAX_ENDLESS_LINE; ) {
            int end = stream.indexOf('\n', 0);
            discarded += stream.available();
            if (end >= 0) {
                stream.skip(end + 1);
                flow.lineTooLong(begin, 0, begin.length);
                return;
            }
            stream.skip(stream.available());
            stream.fill(deadline);
        }
        flow.farewell(StandardReply.TOO_MANY_ERRORS);
    }

    /** Receives until the flow has all of the content, or of a chunk, that the client is sending. */
    private void content() throws IOException {
        long begun = listener.clock.nanoTime();
        long received = 0;
        stream.useBulkBuffer();
        while (flow.expects() == Expects.CONTENT) {
            if (stream.available() == 0) {
                stream.fill(slowest(begun, received));
            }
            int consumed = flow.content(stream.buffer(), stream.position(), stream.available());
            stream.skip(consumed);
            received += consumed;
        }
        stream.useSmallBuffer();
    }

    /** When the next octets are due at the latest: a client that trickles must not hold a session for ever. */
    private OptionalLong slowest(long begun, long received) {
        TimeLimits times = listener.settings.times();
        Duration start = times.inactivity().equals(TimeLimits.UNLIMITED) ? RATE_START : times.inactivity();
        long due = begun + start.toNanos() + received / times.contentRate() * NANOS_A_SECOND;
        return OptionalLong.of(ClientStream.sooner(due, flow.end()));
    }

    private void encrypt() throws IOException {
        Tls tls = new Tls(listener.settings.tls().orElseThrow(), listener.settings.clientCertificates());
        flow.tlsStarted(stream.encrypt(tls, flow.end()));
    }

    private void sayInternalError() {
        try {
            flow.farewell(StandardReply.INTERNAL_ERROR);
            stream.finish();
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} farewell not said", client, Printable.failure(e));
        }
    }
}
