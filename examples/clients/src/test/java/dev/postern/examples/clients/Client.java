package dev.postern.examples.clients;

import java.io.IOException;
import java.util.Optional;

/** A library or program that sends, as the matrix sees it. */
interface Client extends AutoCloseable {

    /** Whether the client says that all is sent. */
    enum Outcome {
        SENT,
        REFUSED
    }

    /**
     * What came of sending.
     *
     * @param what an exception's name, an exit code or the like; empty when there is nothing of that kind
     * @param shown what it shows of the relay's reply, and maybe more
     * @param failure what was thrown, of a client of this JVM
     */
    record Result(Outcome outcome, String what, String shown, Optional<Throwable> failure) {

        static Result sent() {
            return new Result(Outcome.SENT, "", "", Optional.empty());
        }
    }

    Result send(Mail mail) throws Exception;

    /** Returns when the client has taken notice of what has already come to its connections. */
    default void takeNotice() throws InterruptedException {}

    @Override
    void close() throws IOException;
}
