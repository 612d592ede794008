package dev.postern.internal.connection;

import dev.postern.internal.flow.SubmissionFlow;
import dev.postern.internal.flow.SubmissionFlow.Expects;
import dev.postern.internal.time.DeadlineException;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.TlsInfo;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;
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

    private static final int FLUSH_AT = 8192;

    private final SmtpListener listener;
    private final ClientStream stream;
    private final boolean implicitTls;
    private final ClientInfo client;
    private final SubmissionFlow flow;

    Conversation(SmtpListener listener, Socket socket, boolean implicitTls) {
        this.listener = listener;
        this.implicitTls = implicitTls;
        this.stream = new ClientStream(socket, listener);
        this.client = ClientInfo.of(
                listener.nextSessionId(), (InetSocketAddress) socket.getRemoteSocketAddress(), (InetSocketAddress)
                        socket.getLocalSocketAddress());
        this.flow = new SubmissionFlow(listener.stages, client, this);
    }

    /** The one panic boundary: whatever goes wrong ends this session and no other. */
    void run() {
        MDC.put("session", client.sessionId());
        listener.begun(this);
        try {
            converse();
        } catch (IOException e) {
            LOG.debug("{} connection lost: {}", client, e.toString());
        } catch (RuntimeException | Error e) {
            LOG.error("{} session ended by a defect", client, e);
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
            stream.wake();
        }
    }

    /** Ends the session at once; called by the thread that stops the relay. */
    void cut() {
        stream.close();
    }

    @Override
    public void reply(Reply reply) {
        stream.queue(reply);
    }

    @Override
    public boolean hasUnread() {
        return stream.available() > 0;
    }

    private void converse() throws IOException {
        if (implicitTls && !encrypt()) {
            return;
        }
        flow.open();
        while (flow.expects() != Expects.NOTHING) {
            try {
                step();
            } catch (DeadlineException e) {
                flow.farewell(stream.isPast(flow.end()) ? StandardReply.SESSION_LIFETIME : StandardReply.INACTIVITY);
            } catch (EOFException e) {
                if (!listener.draining()) {
                    throw e;
                }
                flow.farewell(StandardReply.SHUTTING_DOWN);
            }
        }
        stream.flush();
        flow.close(); // what the session holds is free before the client has gone
        stream.finish();
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
                case TLS_HANDSHAKE -> {
                    if (!encrypt()) {
                        throw new EOFException("no TLS");
                    }
                }
                case NOTHING -> throw new IllegalStateException("nothing is expected");
            }
        }
        if (stream.queued() > FLUSH_AT) {
            stream.flush();
        }
    }

    private void line() throws IOException {
        int length = stream.indexOf('\n', 0);
        while (length < 0) {
            int seen = stream.available();
            if (seen > MAX_LINE) {
                discardLine();
                return;
            }
            stream.fill(flow.end());
            length = stream.indexOf('\n', seen);
        }
        int start = stream.position();
        stream.skip(length + 1);
        if (length == 0 || stream.buffer()[start + length - 1] != '\r') {
            flow.lineMalformed(); // RFC 5321 section 2.3.8: only CRLF ends a line
        } else if (length - 1 > MAX_LINE) {
            flow.lineTooLong();
        } else {
            flow.line(stream.buffer(), start, length - 1);
        }
    }

    private void discardLine() throws IOException {
        for (int discarded = 0; discarded < MAX_ENDLESS_LINE; ) {
            int end = stream.indexOf('\n', 0);
            discarded += stream.available();
            if (end >= 0) {
                stream.skip(end + 1);
                flow.lineTooLong();
                return;
            }
            stream.skip(stream.available());
            stream.fill(flow.end());
        }
        flow.farewell(StandardReply.TOO_MANY_ERRORS);
    }

    private void content() throws IOException {
        if (stream.available() == 0) {
            stream.fill(flow.end());
        }
        stream.skip(flow.content(stream.buffer(), stream.position(), stream.available()));
    }

    private boolean encrypt() throws IOException {
        Optional<TlsInfo> tls = stream.encrypt();
        tls.ifPresent(flow::tlsStarted);
        return tls.isPresent();
    }

    private void sayInternalError() {
        try {
            flow.farewell(StandardReply.INTERNAL_ERROR);
            stream.finish();
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} farewell not said", client, e);
        }
    }
}
