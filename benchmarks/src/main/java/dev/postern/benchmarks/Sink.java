package dev.postern.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server on 127.0.0.1 that takes every message, counts how often it got each, and breaks down when it is told to. A
 * message has arrived when the end of its content was read, whether its 250 could be sent or not: that is the worst that
 * an honest server can do to a client. Safe for use by several threads.
 */
final class Sink implements Closeable {

    private static final int BACKLOG = 1024;

    private final Settings settings;
    private final int port;
    private final Map<String, Integer> arrivals = new ConcurrentHashMap<>();
    private final AtomicInteger arrived = new AtomicInteger();
    private final Set<SinkSession> sessions = ConcurrentHashMap.newKeySet();
    private @Nullable ServerSocket listener;
    private volatile IntConsumer onArrival = count -> {};
    private volatile boolean mute;

    /**
     * What the sink offers.
     *
     * @param mode how connections are protected
     * @param tls the key, for any mode but NONE
     * @param chunking whether BDAT is offered
     * @param recording whether messages are counted by name; else only their number is
     */
    record Settings(TlsMode mode, @Nullable SSLContext tls, boolean chunking, boolean recording) {

        static final Settings PLAIN = new Settings(TlsMode.NONE, null, true, true);
    }

    /** Makes a sink that listens. */
    Sink(Settings settings, int port) throws IOException {
        this.settings = settings;
        ServerSocket first = bind(port);
        this.port = first.getLocalPort();
        serve(first);
    }

    int port() {
        return port;
    }

    Settings settings() {
        return settings;
    }

    /** How often each message arrived, by the local part of its first recipient. */
    Map<String, Integer> arrivals() {
        return Map.copyOf(arrivals);
    }

    /** Is told, before the message is answered, that so many have arrived; called by the session's thread. */
    void onArrival(IntConsumer listener) {
        onArrival = listener;
    }

    /** Stops listening and cuts all connections, as a server does that crashes. */
    void crash() {
        ServerSocket ended;
        synchronized (this) {
            ended = listener;
            listener = null;
        }
        try {
            if (ended != null) {
                ended.close();
            }
            for (SinkSession session : new ArrayList<>(sessions)) {
                session.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Listens again, on the same port; nothing happens when it does already. */
    synchronized void restart() {
        if (listener == null) {
            try {
                serve(bind(port));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Says nothing any more, on connections old and new, but goes on reading; connections stay so for good. */
    void mute(boolean silent) {
        mute = silent;
    }

    boolean isMute() {
        return mute;
    }

    void arrived(String name) {
        if (settings.recording()) {
            arrivals.merge(name, 1, Integer::sum);
        }
        onArrival.accept(arrived.incrementAndGet());
    }

    void ended(SinkSession session) {
        sessions.remove(session);
    }

    @Override
    public void close() {
        crash();
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), BACKLOG);
        return socket;
    }

    private synchronized void serve(ServerSocket socket) {
        listener = socket;
        start("sink-" + port, () -> {
            try {
                while (true) {
                    admit(socket, socket.accept());
                }
            } catch (IOException e) {
                return; // it was closed
            }
        });
    }

    private synchronized void admit(ServerSocket from, Socket socket) throws IOException {
        if (listener != from) {
            socket.close(); // accepted in the moment of the crash
            return;
        }
        SinkSession session = new SinkSession(this, new Wire(socket));
        sessions.add(session);
        start("sink-" + port + "-session", session);
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
