package dev.postern.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Stands before a relay on a port of its own: passes on what both sides say, writes it down, and fails where it is told
 * to. One pair of daemon threads a connection.
 */
final class RelayFront implements AutoCloseable {

    private static final int BACKLOG = 1_024;

    /** What a front needs to take part in STARTTLS on both sides; made when asked for, since that costs time. */
    record Tls(Supplier<SSLContext> server, Supplier<SSLContext> client) {}

    private final InetSocketAddress relay;
    private final Tls tls;
    private final FaultScript script = new FaultScript();
    private final ServerSocket socket;
    private final Thread acceptor;
    private final List<FrontConnection> sessions = new ArrayList<>();
    private int admitted;

    RelayFront(InetSocketAddress relay, Tls tls) {
        this.relay = relay;
        this.tls = tls;
        try {
            this.socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), BACKLOG);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port for what stands before the relay", e);
        }
        this.acceptor = thread("accept", this::acceptAll);
        acceptor.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    FaultScript script() {
        return script;
    }

    synchronized List<FrontConnection> sessions() {
        return List.copyOf(sessions);
    }

    /** Forgets sessions that are over, and faults. */
    synchronized void forget() {
        script.clear();
        sessions.removeIf(session -> !session.open());
    }

    @Override
    public void close() {
        closeQuietly(socket);
        awaitEnd(acceptor);
        List<FrontConnection> all = sessions();
        all.forEach(FrontConnection::abort);
        all.forEach(session -> session.awaitEnd(Duration.ofSeconds(10)));
    }

    private void acceptAll() {
        while (!socket.isClosed()) {
            accept();
        }
    }

    private void accept() {
        try {
            Socket client = socket.accept();
            client.setTcpNoDelay(true);
            admit(client);
        } catch (IOException e) {
            return; // closed, or the client was gone before it was accepted: both are as they should be
        }
    }

    private synchronized void admit(Socket client) throws IOException {
        if (socket.isClosed()) {
            closeQuietly(client);
            return;
        }
        FrontConnection session = new FrontConnection(admitted++, client, relay, tls, script);
        sessions.add(session);
        thread("session-" + session.index(), session::run).start();
    }

    static Thread thread(String task, Runnable work) {
        Thread thread = new Thread(work, "relay-front-" + task);
        thread.setDaemon(true);
        return thread;
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            return; // nothing is left to be done with it
        }
    }
}
