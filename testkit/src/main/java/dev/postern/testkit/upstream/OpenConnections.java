package dev.postern.testkit.upstream;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The open connections of a fake upstream, each with its thread. Thread-safe. */
final class OpenConnections {

    private final Map<UpstreamConnection, Thread> open = new HashMap<>();

    synchronized int size() {
        return open.size();
    }

    synchronized void add(UpstreamConnection connection, Thread thread) {
        open.put(connection, thread);
    }

    synchronized void remove(UpstreamConnection connection) {
        open.remove(connection);
        notifyAll();
    }

    synchronized List<Thread> threads() {
        return List.copyOf(open.values());
    }

    private synchronized List<UpstreamConnection> all() {
        return List.copyOf(open.keySet());
    }

    void drop() {
        all().forEach(UpstreamConnection::abort);
    }

    /** Waits until at most this many are open. */
    synchronized void await(int most, Duration time, Supplier<String> transcript) {
        long end = System.nanoTime() + time.toNanos();
        try {
            while (open.size() > most) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError(
                            open.size() + " connections are open, not " + most + "\nTranscript:\n" + transcript.get());
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for connections to end", e);
        }
    }

    static void awaitEnd(Thread thread) {
        try {
            thread.join(FakeUpstream.DEFAULT_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
