package dev.postern.testkit;

import dev.postern.testkit.internal.front.FrontConnection;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A session of any client with the relay under test, as seen between the two. Thread-safe. */
public final class RelaySession {

    private final FrontConnection connection;

    RelaySession(FrontConnection connection) {
        this.connection = connection;
    }

    /** {@return the session's index, 0 for the first of the test} */
    public int index() {
        return connection.index();
    }

    /** {@return the user who has logged in; empty without a login} */
    public Optional<String> user() {
        return Optional.of(connection.user()).filter(name -> !name.isEmpty());
    }

    /** {@return whether the session is open; false when both sides have ended it} */
    public boolean isOpen() {
        return connection.open();
    }

    /**
     * Waits for the session's end, in real time.
     *
     * @param time the longest wait
     * @return true when it has ended
     */
    public boolean awaitEnd(Duration time) {
        return connection.awaitEnd(time);
    }

    /**
     * {@return the command lines that the client sent, in order and without line ends; AUTH arguments are {@code ***},
     * and answers to challenges are omitted}
     */
    public List<String> commands() {
        return connection.commands();
    }

    /**
     * {@return the dialogue so far, in the form of {@link SmtpProbe#transcript()}, with credentials masked and without
     * content}
     */
    public String transcript() {
        return connection.transcript();
    }

    int clientPort() {
        return connection.clientPort();
    }

    /** Returns the transcript. */
    @Override
    public String toString() {
        return transcript();
    }
}
