package dev.postern.internal.time;

import dev.postern.spi.RelayClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/**
 * Reads from a socket until a moment of the relay's clock. A socket's own time-out begins anew with each octet of a TLS
 * record, and covers nothing that TLS writes while it reads; so the caller has a {@link Watchdog.Watch} armed.
 */
public final class TimedRead {

    /**
     * A wait of this length or more is left to the watchdog, whose rounds are short in comparison. A socket without a
     * time-out is read in one system call in place of three.
     */
    private static final int LONG_WAIT_MILLIS = 5_000;

    private TimedRead() {}

    /**
     * Reads what is there, or waits for it until a moment as {@link RelayClock#nanoTime()} counts; -1 at the end of the
     * stream. The socket is the one under TLS.
     *
     * @throws DeadlineException when the moment came first
     */
    public static int read(
            Socket socket, InputStream in, byte[] buffer, int offset, int length, RelayClock clock, long deadline)
            throws IOException {
        while (true) {
            long remaining = deadline - clock.nanoTime();
            if (remaining <= 0) {
                throw new DeadlineException();
            }
            int millis = clock.waitMillis(remaining);
            if (millis >= LONG_WAIT_MILLIS) {
                millis = 0;
            }
            if (socket.getSoTimeout() != millis) {
                socket.setSoTimeout(millis);
            }
            try {
                return in.read(buffer, offset, length);
            } catch (SocketTimeoutException e) {
                // the real wait is over; whether the moment has come is for the relay's clock to say, above
            }
        }
    }
}
