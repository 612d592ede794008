package dev.postern.internal.time;

import java.net.SocketTimeoutException;

/**
 * Thrown when a read did not end in time, by the relay's clock. TLS takes it for any other time-out, and survives it.
 */
public final class DeadlineException extends SocketTimeoutException {

    private static final long serialVersionUID = 1L;

    public DeadlineException() {
        super("nothing received in time");
    }
}
