package dev.postern.internal.connection;

import dev.postern.internal.connection.subetha.Acceptor;
import dev.postern.internal.reply.Printable;
import java.io.IOException;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client that is just being accepted; then what its thread runs. */
final class IncomingClient implements Acceptor.Incoming, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(IncomingClient.class);

    private final SmtpListener listener;
    private final boolean implicitTls;
    private final ClientSocket socket = new ClientSocket();

    IncomingClient(SmtpListener listener, boolean implicitTls) {
        this.listener = listener;
        this.implicitTls = implicitTls;
    }

    @Override
    public Socket socket() {
        return socket;
    }

    @Override
    public void begin() {
        listener.execute(this);
    }

    /** Talks with the client until one of the two ends it. */
    @Override
    public void run() {
        try (socket) {
            new ClientConnection(listener, socket, implicitTls).run();
        } catch (IOException e) {
            LOG.debug("{} lost before it began: {}", socket, Printable.of(e));
        }
    }
}
