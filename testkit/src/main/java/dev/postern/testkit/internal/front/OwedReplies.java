package dev.postern.testkit.internal.front;

import dev.postern.testkit.fault.Stage;
import java.io.EOFException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The replies that a relay owes in one session, in order. The thread that reads the client and the one that reads the
 * relay meet here; whoever writes to the client holds this object's lock, so that nothing comes between.
 */
final class OwedReplies {

    /** Whether the client gets a reply that the relay owes. */
    enum Passage {
        ON,
        SWALLOWED
    }

    /** A reply that the relay owes. */
    record Owed(Stage stage, Passage passage) {}

    private final Deque<Owed> owed = new ArrayDeque<>();
    private int lastCode;
    private int acceptedRecipients;
    private boolean relayEnded;
    private boolean over;

    synchronized void add(Stage stage, Passage passage) {
        owed.add(new Owed(stage, passage));
    }

    synchronized Optional<Owed> next() {
        return Optional.ofNullable(owed.peek());
    }

    synchronized void answered(int code) {
        Owed now = owed.poll();
        if (now != null) {
            acceptedRecipients += now.stage == Stage.RCPT && code / 100 == 2 ? 1 : 0;
        }
        lastCode = code;
        notifyAll();
    }

    /** Of a session whose replies cannot be read. */
    synchronized void forget() {
        owed.clear();
    }

    synchronized void forgetRecipients() {
        acceptedRecipients = 0;
    }

    /** Tells whether a recipient was accepted, without which DATA is refused. */
    synchronized boolean ready() {
        return acceptedRecipients > 0;
    }

    /** Waits until the relay has answered everything; returns the last reply's code. */
    synchronized int await() throws EOFException {
        awaitQuiet();
        if (!owed.isEmpty()) {
            throw new EOFException("the relay has closed the connection");
        }
        return lastCode;
    }

    /** Waits until the relay has answered everything, or will not. */
    synchronized void awaitQuiet() {
        waitUntil(owed::isEmpty);
    }

    synchronized void awaitRelayEnd() {
        waitUntil(() -> relayEnded);
    }

    synchronized void relayEnded() {
        relayEnded = true;
        notifyAll();
    }

    /** Nobody is to wait any longer. */
    synchronized void end() {
        over = true;
        notifyAll();
    }

    private void waitUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean() && !relayEnded && !over) {
            try {
                wait(1_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                over = true;
            }
        }
    }
}
