package dev.postern.internal.connection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/** The listening socket: hands SubEtha guard sockets, and can stop accepting before SubEtha knows of it. */
final class AcceptSocket extends ServerSocket {

    private final SmtpListener listener;
    private final boolean implicitTls;
    private final CountDownLatch closedBySubEtha = new CountDownLatch(1);
    private volatile boolean stopped;

    AcceptSocket(SmtpListener listener, boolean implicitTls) throws IOException {
        this.listener = listener;
        this.implicitTls = implicitTls;
    }

    @Override
    public Socket accept() throws IOException {
        try {
            ClientSocket client = new ClientSocket();
            implAccept(client);
            return new GuardSocket(client, listener, implicitTls);
        } catch (IOException e) {
            if (stopped) {
                awaitClose(); // SubEtha would log an error and try again once a second
            }
            throw e;
        }
    }

    void stopAccepting() {
        stopped = true;
        try {
            super.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        super.close();
        closedBySubEtha.countDown();
    }

    private void awaitClose() {
        try {
            closedBySubEtha.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
