package dev.postern.internal.connection.subetha;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.net.UnknownHostException;

/**
 * What SubEtha takes for the client's socket. There is nothing to read from it, and what SubEtha writes goes nowhere: its
 * reader, its log and its replies never see a client. Used by the accepting thread alone.
 */
final class GuardSocket extends Socket {

    /** Not the client's address, for SubEtha would look for its name, by DNS, while others wait to be accepted. */
    private static final InetSocketAddress SOMEBODY = named("client", new byte[4]);

    private final Socket client;
    private final Runnable begin;
    private boolean handedOver;

    GuardSocket(Socket client, Runnable begin) throws IOException {
        super((SocketImpl) null);
        this.client = client;
        this.begin = begin;
    }

    /** Gives the connection a thread of its own; from then on SubEtha's closing of this socket means nothing. */
    void handOver() {
        begin.run();
        handedOver = true;
    }

    private static InetSocketAddress named(String name, byte[] address) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(name, address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return SOMEBODY;
    }

    @Override
    public InetAddress getInetAddress() {
        return SOMEBODY.getAddress();
    }

    @Override
    public int getPort() {
        return SOMEBODY.getPort();
    }

    @Override
    public void setSoTimeout(int timeout) {
        // the session sets its own
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return handedOver || client.isClosed();
    }

    @Override
    public synchronized void close() throws IOException {
        if (!handedOver) {
            client.close();
        }
    }
}
