package dev.postern.internal.connection.subetha;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The listening socket: hands SubEtha guard sockets, and can stop accepting before SubEtha knows of it. */
final class AcceptSocket<S extends Socket> extends ServerSocket {

    private final Supplier<S> sockets;
    private final Consumer<S> begin;
    private final CountDownLatch closedBySubEtha = new CountDownLatch(1);
    private volatile boolean stopped;

    AcceptSocket(Supplier<S> sockets, Consumer<S> begin) throws IOException {
        this.sockets = sockets;
        this.begin = begin;
    }

    @Override
    public Socket accept() throws IOException {
        try {
            S client = sockets.get();
            implAccept(client);
            return new GuardSocket(client, () -> begin.accept(client));
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
