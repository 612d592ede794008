package dev.postern.examples.clients;

import java.util.Optional;

/** Sends through a relay by one mail library. For one thread at a time. */
public interface Sender extends AutoCloseable {

    /** Returns when the relay has taken the message for all of its recipients; else throws what the library throws. */
    void send(Mail mail) throws Exception;

    /** Reads the relay's reply from what was thrown; empty where the failure is another, or the library does not tell. */
    Optional<Refusal> refusal(Throwable failure);

    @Override
    void close();
}
