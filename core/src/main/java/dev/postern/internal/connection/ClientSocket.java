package dev.postern.internal.connection;

import dev.postern.internal.reply.Printable;
import java.io.IOException;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's connection. Another thread can end its reads, which leaves the way out to the farewell. */
final class ClientSocket extends Socket {

    private static final Logger LOG = LoggerFactory.getLogger(ClientSocket.class);

    private volatile boolean readsEnded;

    /** Whether the end of the stream, when a read meets it, is of our own making. */
    boolean readsEnded() {
        return readsEnded;
    }

    /** Ends the read that waits, if one does, and all that come later; for any thread. Does not block. */
    void endReads() {
        if (readsEnded) {
            return;
        }
        readsEnded = true;
        try {
            shutdownInput();
        } catch (IOException e) {
            if (!isClosed()) { // else its session has just ended, and nobody is left to be woken
                LOG.debug("{} not woken: {}", this, Printable.of(e));
            }
        }
    }
}
