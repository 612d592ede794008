package dev.postern.internal.connection;

import dev.postern.internal.connection.subetha.Acceptor;
import dev.postern.internal.reply.Printable;
import java.io.IOException;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client that is just being accepted. */
final class IncomingClient implements Acceptor.Incoming {

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
        listener.execute(this::talk);
    }

    private void talk() {
        try (socket) {
            new ClientConnection(listener, socket, implicitTls).run();
        } catch (IOException e) {
            LOG.debug("{} lost before it began: {}", socket, Printable.of(e));
        }
    }
}
