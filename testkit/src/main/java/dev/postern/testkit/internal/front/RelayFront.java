package dev.postern.testkit.internal.front;

import dev.postern.testkit.internal.script.FaultScript;
import dev.postern.testkit.internal.wire.Wire;
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
 * Stands before a relay, with a port of its own for each of the relay's: passes on what both sides say, writes it down,
 * and fails where it is told to. One pair of daemon threads a connection.
 */
public final class RelayFront implements AutoCloseable {

    private static final int BACKLOG = 1_024;

    /** What a front needs to take part in TLS on both sides; made when asked for, since that costs time. */
    public record Tls(Supplier<SSLContext> server, Supplier<SSLContext> client) {}

    /** One port, and the relay's that it stands before. */
    public record Door(Kind kind, InetSocketAddress relay, ServerSocket socket) {

        /** What a session begins with. */
        public enum Kind {
            CLEAR,
            IMPLICIT_TLS
        }

        public InetSocketAddress address() {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }
    }

    private final Tls tls;
    private volatile Supplier<SSLContext> presented;
    private final FaultScript script = new FaultScript();
    private final List<Door> doors = new ArrayList<>();
    private final List<Thread> acceptors = new ArrayList<>();
    private final List<FrontConnection> sessions = new ArrayList<>();
    private int admitted;
    private boolean closed;

    public RelayFront(Tls tls) {
        this.tls = tls;
        this.presented = tls.server();
    }

    /** Shows clients another certificate from the next handshake on. */
    public void present(SSLContext context) {
        presented = () -> context;
    }

    /** Opens a port before one of the relay's. */
    public Door open(Door.Kind kind, InetSocketAddress relay) {
        Door door;
        try {
            ServerSocket socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), BACKLOG);
            door = new Door(kind, relay, socket);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port for what stands before the relay", e);
        }
        Thread acceptor = thread("accept", () -> acceptAll(door));
        doors.add(door);
        acceptors.add(acceptor);
        acceptor.start();
        return door;
    }

    public FaultScript script() {
        return script;
    }

    public synchronized List<FrontConnection> sessions() {
        return List.copyOf(sessions);
    }

    /** Forgets sessions that are over, faults, and another certificate. */
    public synchronized void forget() {
        script.clear();
        presented = tls.server();
        sessions.removeIf(session -> !session.open());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        doors.forEach(door -> Wire.closeQuietly(door.socket()));
        acceptors.forEach(RelayFront::awaitEnd);
        List<FrontConnection> all = sessions();
        all.forEach(FrontConnection::abort);
        all.forEach(session -> session.awaitEnd(Duration.ofSeconds(10)));
    }

    private void acceptAll(Door door) {
        while (!door.socket().isClosed()) {
            accept(door);
        }
    }

    private void accept(Door door) {
        try {
            Socket client = door.socket().accept();
            client.setTcpNoDelay(true);
            admit(door, client);
        } catch (IOException e) {
            return; // closed, or the client was gone before it was accepted: both are as they should be
        }
    }

    private synchronized void admit(Door door, Socket client) throws IOException {
        if (closed) {
            Wire.closeQuietly(client);
            return;
        }
        FrontConnection session = new FrontConnection(
                admitted++, client, door.relay(), door.kind(), new Tls(() -> presented.get(), tls.client()), script);
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
}
