package dev.postern.internal.connection.subetha;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.subethamail.smtp.server.SMTPServer;
import org.subethamail.smtp.server.Session;
import org.subethamail.smtp.server.SessionHandler;

/**
 * Listens at one address, by SubEthaSMTP's accept loop. Nothing else of it is used: it never sees what a client says.
 */
public final class Acceptor<S extends Socket> {

    /** SubEtha would leave connections beyond its limit waiting without a word. Ours is below this one, and answers. */
    private static final int BEYOND_OURS = 8192;

    private static final int BACKLOG = 1024;

    private final AcceptSocket<S> socket;
    private final SMTPServer server;
    private final InetSocketAddress address;

    /**
     * Begins to listen.
     *
     * @param where port 0 for any free one
     * @param sockets makes what the next connection is accepted into; not connected yet
     * @param begin gives a connection a thread; called by the accepting thread, which closes the socket when this throws
     * @throws IOException when the address cannot be had
     */
    public Acceptor(InetSocketAddress where, int maxConnections, Supplier<S> sockets, Consumer<S> begin)
            throws IOException {
        socket = new AcceptSocket<>(sockets, begin);
        server = SMTPServer.port(where.getPort())
                .bindAddress(where.getAddress())
                .hostName("postern") // else it asks DNS for one
                .serverSocketFactory(() -> socket)
                .executorService(new SessionExecutor())
                .sessionHandler(new HandOver())
                .maxConnections(Math.min(maxConnections, 1 << 20) + BEYOND_OURS)
                .backlog(BACKLOG)
                .serverThreadName("postern-accept-" + where.getPort())
                .build();
        try {
            server.start();
        } catch (RuntimeException e) {
            socket.close();
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        }
        address = new InetSocketAddress(where.getAddress(), server.getPortAllocated());
    }

    /** The real address. */
    public InetSocketAddress address() {
        return address;
    }

    /** Whether connections are accepted. */
    public boolean listening() {
        return !socket.isClosed();
    }

    /** Takes no connection any more. Those that were taken go on. */
    public void stopAccepting() {
        socket.stopAccepting();
    }

    /** Ends the accepting thread. */
    public void stop() {
        server.stop();
    }

    /**
     * SubEtha asks this first about each session, on the accepting thread. It hands the connection to a thread of its own
     * and ends SubEtha's session at once, before the client has said a word: SubEtha reads nothing, and holds nothing for
     * the session.
     */
    private static final class HandOver implements SessionHandler {

        /** Goes nowhere: see {@link GuardSocket}. */
        private static final SessionAcceptance HANDED_OVER = SessionAcceptance.failure(421, "handed over");

        @Override
        public SessionAcceptance accept(Session session) {
            ((GuardSocket) session.getSocket()).handOver();
            return HANDED_OVER;
        }

        @Override
        public void onSessionEnd(Session session) {
            // ours goes on
        }
    }
}
