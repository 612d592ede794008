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

/**
 * What SubEtha takes for the client's socket. It reads one line from it, the verb of {@link ConverseCommand}, and what it
 * writes goes nowhere: its reader, its log and its replies never see a client.
 */
final class GuardSocket extends Socket {

    private static final byte[] LINE = (ConverseCommand.VERB + "\r\n").getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final SmtpListener listener;
    private final boolean implicitTls;
    private boolean conversed;

    GuardSocket(Socket socket, SmtpListener listener, boolean implicitTls) throws IOException {
        super((SocketImpl) null);
        this.socket = socket;
        this.listener = listener;
        this.implicitTls = implicitTls;
    }

    /** SubEtha is to find the end of the stream here from now on. */
    void markConversed() {
        conversed = true;
    }

    void converse() throws IOException {
        Conversation.run(listener, socket, implicitTls);
    }

    @Override
    public InputStream getInputStream() {
        return conversed ? InputStream.nullInputStream() : new ByteArrayInputStream(LINE);
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
        return socket.isClosed();
    }

    @Override
    public synchronized void close() throws IOException {
        socket.close();
    }
}
