package dev.postern.stores;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries connections to a server, and holds its answers back on demand: it gets what is asked, and does it, but nobody
 * hears so in time.
 */
final class StallingProxy implements AutoCloseable {

    private static final int BLOCK = 8192;

    private final ServerSocket listener;
    private final int to;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private boolean held;

    StallingProxy(int to) {
        this.to = to;
        try {
            listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(() -> {
            while (true) {
                carry(listener.accept());
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    synchronized void hold() {
        held = true;
    }

    synchronized void release() {
        held = false;
        notifyAll();
    }

    private synchronized void awaitRelease() throws InterruptedException {
        while (held) {
            wait();
        }
    }

    private void carry(Socket near) throws IOException {
        Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        sockets.add(near);
        sockets.add(far);
        start(() -> pump(near, far, false));
        start(() -> pump(far, near, true));
    }

    private void pump(Socket from, Socket into, boolean answers) throws IOException, InterruptedException {
        try (from;
                into) {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            byte[] block = new byte[BLOCK];
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                if (answers) {
                    awaitRelease();
                }
                out.write(block, 0, length);
            }
        } finally {
            sockets.remove(from);
            sockets.remove(into);
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                return; // an end was closed
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        release();
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
