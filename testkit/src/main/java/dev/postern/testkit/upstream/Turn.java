package dev.postern.testkit.upstream;

import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.wire.Transcript;

/**
 * It is the server's turn: what {@link FakeUpstream#answering} decides by. Immutable; for the thread of its connection,
 * which may wait in there as long as it likes.
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
     * {@return how many connections were open when this one came, itself included, so that a server can be played that
     * allows so many}
     */
    public int among() {
        return among;
    }

    /** {@return what is to be answered, any but {@link Stage#CONNECT}} */
    public Stage stage() {
        return stage;
    }

    /**
     * {@return the command that is to be answered, with any credentials and without its line end; empty at
     * {@link Stage#GREETING}, {@link Stage#CONTENT} and {@link Stage#END_OF_DATA}}
     */
    public String line() {
        return line;
    }

    /**
     * {@return the reply that is given without a fault, as it goes over the wire; empty at {@link Stage#AUTH} and
     * {@link Stage#CONTENT}}
     */
    public String usual() {
        return usual;
    }

    /** {@return whether the client has sent something behind the command, as one does that pipelines (RFC 2920)} */
    public boolean moreToRead() {
        return unread == Unread.MORE;
    }

    /** Returns connection, stage and command, without credentials. */
    @Override
    public String toString() {
        return "Turn[connection " + connection + ", " + stage + ", " + Transcript.maskedCommand(line) + "]";
    }
}
