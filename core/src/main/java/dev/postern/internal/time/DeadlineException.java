package dev.postern.internal.time;

import java.net.SocketTimeoutException;

/** A read that did not end before its moment of the relay's clock. For TLS it is a time-out like others, which it survives. */
public final class DeadlineException extends SocketTimeoutException {

    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public DeadlineException() {
        super("nothing received in time");
    }
}
