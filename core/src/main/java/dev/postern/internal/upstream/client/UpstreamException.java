package dev.postern.internal.upstream.client;

import dev.postern.spi.Reply;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection that cannot be used, or not any more; the message is printable. */
public final class UpstreamException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final int MAX_MESSAGE = 400;

    public enum Kind {
        /** Closed or reset. */
        LOST,
        /**
         * It says what nobody asked for, or what is no reply: which reply belongs to which command is not known any
         * more.
         */
        OUT_OF_STEP,
        /** Too slow. */
        TIMED_OUT,
        /** The upstream does not want us, or lacks what we insist on. */
        UNUSABLE,
        /** It takes no further connection while others of ours are open. */
        CROWDED,
        /** It does not take our login now. */
        LOGIN_DEFERRED,
        /** It does not take our credentials; offering them again at its next address would only get us locked out. */
        LOGIN_REFUSED
    }

    private final Kind kind;
    private final transient @Nullable UpstreamReply reply;

    public UpstreamException(Kind kind, String message) {
        this(kind, message, null);
    }

    private UpstreamException(Kind kind, String message, @Nullable UpstreamReply reply) {
        super(Reply.printable(message, MAX_MESSAGE));
        this.kind = kind;
        this.reply = reply;
    }

    /** The upstream said no before there was a message. */
    public static UpstreamException unusable(String stage, UpstreamReply reply) {
        return new UpstreamException(Kind.UNUSABLE, stage + ": " + reply, reply);
    }

    /** The same, where others of our connections are open. */
    public UpstreamException crowded() {
        return new UpstreamException(Kind.CROWDED, String.valueOf(getMessage()), reply);
    }

    /** Returns what the upstream said, when that is the reason. */
    public Optional<UpstreamReply> reply() {
        return Optional.ofNullable(reply);
    }

    public Kind kind() {
        return kind;
    }
}
