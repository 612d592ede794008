package dev.postern.internal.upstream;

import dev.postern.spi.Reply;
import java.io.IOException;

/** A connection that cannot be used, or not any more; the message is printable. */
final class UpstreamException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final int MAX_MESSAGE = 400;

    /** Why. */
    enum Kind {
        /** Closed, reset, or speaking something else than SMTP. */
        LOST,
        /** Too slow. */
        TIMED_OUT,
        /** The upstream does not want us, or lacks what we insist on. */
        UNUSABLE,
        /** It does not take our credentials; offering them again at its next address would only get us locked out. */
        LOGIN_REFUSED
    }

    private final Kind kind;

    UpstreamException(Kind kind, String message) {
        super(Reply.printable(message, MAX_MESSAGE));
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
