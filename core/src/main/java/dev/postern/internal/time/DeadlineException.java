package dev.postern.internal.time;

import java.io.IOException;

/** A read that did not end before its moment of the relay's clock. */
public final class DeadlineException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public DeadlineException() {
        super("nothing received in time");
    }
}
