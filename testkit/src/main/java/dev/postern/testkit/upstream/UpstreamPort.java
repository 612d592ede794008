package dev.postern.testkit.upstream;

import dev.postern.testkit.internal.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import org.jspecify.annotations.Nullable;

/** The port of a fake upstream, which it keeps even while connections are refused. Thread-safe. */
final class UpstreamPort {

    private static final int BACKLOG = 1_024;
    /** Whether the placeholder can hold the port beside a listener, so that the port is never free. */
    private static final boolean SHARES = shares();

    private final InetSocketAddress address;
    private final Door door;
    private @Nullable Listener listener;
    private @Nullable Socket placeholder; // bound while connections are refused, it does not listen

    /** Handles a connection. */
    interface Door {
        void admit(Socket socket) throws IOException;
    }

    private record Listener(ServerSocket socket, Thread thread) {}

    /** Listens on a free port of 127.0.0.1; the door is used from then on. */
    UpstreamPort(Door door) throws IOException {
        this.door = door;
        ServerSocket first = listen(0);
        this.address = new InetSocketAddress(first.getInetAddress(), first.getLocalPort());
        serve(first);
    }

    InetSocketAddress address() {
        return address;
    }

    void refuse() {
        if (SHARES) { // else a connection that anybody opens meanwhile may get the port
            keep();
        }
        stopListening();
        keep();
    }

    synchronized void accept() {
        if (listener == null) {
            if (!SHARES) {
                release();
            }
            try {
                serve(listen(address.getPort()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            release();
        }
    }

    void close() {
        stopListening();
        release();
    }

    static Thread thread(int port, String task, Runnable work) {
        Thread thread = new Thread(work, "fake-upstream-" + port + "-" + task);
        thread.setDaemon(true);
        return thread;
    }

    private void stopListening() {
        Listener ended;
        synchronized (this) {
            ended = listener;
            listener = null;
        }
        if (ended != null) {
            Wire.closeQuietly(ended.socket());
            // the system goes on accepting for as long as a thread is inside accept
            OpenConnections.awaitEnd(ended.thread());
        }
    }

    private synchronized void keep() {
        if (placeholder == null && (SHARES || listener == null)) {
            Socket socket = new Socket();
            placeholder = socket;
            try {
                socket.setReuseAddress(true); // connections that are open have the port too
                if (SHARES) {
                    socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                }
                socket.bind(address);
            } catch (IOException e) {
                throw new UncheckedIOException("another program has taken port " + address.getPort(), e);
            }
        }
    }

    private synchronized void release() {
        if (placeholder != null) {
            Wire.closeQuietly(placeholder);
            placeholder = null;
        }
    }

    private static boolean shares() {
        try (ServerSocket socket = new ServerSocket()) {
            return socket.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            if (SHARES) {
                socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), BACKLOG);
            return socket;
        } catch (IOException e) {
            Wire.closeQuietly(socket);
            throw e;
        }
    }

    private synchronized void serve(ServerSocket socket) {
        Thread thread = thread(socket.getLocalPort(), "accept", () -> {
            while (!socket.isClosed()) {
                accept(socket);
            }
        });
        listener = new Listener(socket, thread);
        thread.start();
    }

    private void accept(ServerSocket server) {
        try {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true);
            admit(server, socket);
        } catch (IOException e) {
            // the listening socket was closed, or the client was gone before it was accepted: as it should be
            return;
        }
    }

    private synchronized void admit(ServerSocket server, Socket socket) throws IOException {
        if (listener == null || server != listener.socket()) {
            Wire.closeQuietly(socket); // accepted in the moment of closing
            return;
        }
        door.admit(socket);
    }
}
