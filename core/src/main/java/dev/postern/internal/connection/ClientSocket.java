package dev.postern.internal.connection;

import dev.postern.internal.reply.Printable;
import dev.postern.internal.time.DeadlineException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection. Another thread can end its reads: they time out. TLS above this socket survives a time-out,
 * even in the middle of a record, but not an end of the stream; so the farewell can still be sent.
 */
final class ClientSocket extends Socket {

    private static final Logger LOG = LoggerFactory.getLogger(ClientSocket.class);

    private volatile boolean readsEnded;

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                return checked(in.read());
            }

            @Override
            public int read(byte[] octets, int offset, int length) throws IOException {
                return checked(in.read(octets, offset, length));
            }
        };
    }

    private int checked(int read) throws DeadlineException {
        if (read < 0 && readsEnded) {
            throw new DeadlineException();
        }
        return read;
    }

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
