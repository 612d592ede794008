package dev.postern.testkit.upstream;

import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.wire.Transcript;

/**
 * The server's turn to reply, on which a rule of {@link FakeUpstream#answering} decides. Immutable. The rule runs on
 * the connection's thread and may block as long as it likes.
 */
public final class Turn {

    private final int connection;
    private final int among;
    private final Stage stage;
    private final String line;
    private final String usual;
    private final Unread unread;

    /** Whether the client has sent more. */
    enum Unread {
        NOTHING,
        MORE
    }

    Turn(int connection, int among, Stage stage, String line, String usual, Unread unread) {
        this.connection = connection;
        this.among = among;
        this.stage = stage;
        this.line = line;
        this.usual = usual;
        this.unread = unread;
    }

    /** {@return the index of the connection, 0 for the first that the fake upstream accepted} */
    public int connection() {
        return connection;
    }

    /**
     * {@return how many connections were open when this one came, itself included, for a server that allows only so
     * many}
     */
    public int among() {
        return among;
    }

    /** {@return the stage to reply at, any but {@link Stage#CONNECT}} */
    public Stage stage() {
        return stage;
    }

    /**
     * {@return the command to reply to, with any credentials and without its line end; empty at {@link Stage#GREETING},
     * {@link Stage#CONTENT} and {@link Stage#END_OF_DATA}}
     */
    public String line() {
        return line;
    }

    /**
     * {@return the reply without a fault, as sent on the wire; empty at {@link Stage#AUTH} and {@link Stage#CONTENT}}
     */
    public String usual() {
        return usual;
    }

    /** {@return whether the client has sent more after the command, by pipelining (RFC 2920)} */
    public boolean moreToRead() {
        return unread == Unread.MORE;
    }

    /** Returns connection, stage and command, without credentials. */
    @Override
    public String toString() {
        return "Turn[connection " + connection + ", " + stage + ", " + Transcript.maskedCommand(line) + "]";
    }
}
