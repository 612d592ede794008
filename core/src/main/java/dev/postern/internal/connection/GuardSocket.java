package dev.postern.internal.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What SubEtha takes for the client's socket. It reads one line from it, the verb of {@link HandOverCommand}, and what it
 * writes goes nowhere: its reader, its log and its replies never see a client. Used by the accepting thread alone.
 */
final class GuardSocket extends Socket {

    private static final Logger LOG = LoggerFactory.getLogger(GuardSocket.class);
    private static final byte[] LINE = (HandOverCommand.VERB + "\r\n").getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final SmtpListener listener;
    private final boolean implicitTls;
    private boolean handedOver;

    GuardSocket(Socket socket, SmtpListener listener, boolean implicitTls) throws IOException {
        super((SocketImpl) null);
        this.socket = socket;
        this.listener = listener;
        this.implicitTls = implicitTls;
    }

    /** Gives the connection a thread of its own; from then on SubEtha's closing of this socket means nothing. */
    void handOver() {
        listener.execute(() -> converse());
        handedOver = true;
    }

    private void converse() {
        try {
            Conversation.run(listener, socket, implicitTls);
        } catch (IOException e) {
            LOG.debug("{} lost before it began: {}", socket, e.toString());
        }
    }

    @Override
    public InputStream getInputStream() {
        return new ByteArrayInputStream(LINE);
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return socket.getRemoteSocketAddress();
    }

    @Override
    public InetAddress getInetAddress() {
        return socket.getInetAddress();
    }

    @Override
    public int getPort() {
        return socket.getPort();
    }

    @Override
    public void setSoTimeout(int timeout) {
        // the conversation sets its own
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return handedOver || socket.isClosed();
    }

    @Override
    public synchronized void close() throws IOException {
        if (!handedOver) {
            socket.close();
        }
    }
}
