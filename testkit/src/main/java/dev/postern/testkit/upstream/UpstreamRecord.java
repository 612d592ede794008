package dev.postern.testkit.upstream;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The record of a fake upstream. Thread-safe. */
final class UpstreamRecord {

    private final Map<Integer, Transcript> transcripts = new TreeMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private int accepted;
    private final List<ReceivedMessage> messages = new ArrayList<>();
    private final BlockingQueue<ReceivedMessage> awaited = new LinkedBlockingQueue<>();
    private final Set<ReceivedMessage> unseen = new LinkedHashSet<>();
    private final List<String> commands = new ArrayList<>();
    private final List<String> bareLineEndings = new ArrayList<>();
    private int contents;
    private final BlockingQueue<Fault> faults = new LinkedBlockingQueue<>();

    /**
     * Begins a connection's transcript and returns the connection's index. The number of transcripts is the number of
     * connections.
     */
    synchronized int connection(Transcript transcript) {
        transcripts.put(accepted, transcript);
        return accepted++;
    }

    synchronized void ended(int connection) {
        ended.add(connection);
    }

    synchronized void command(String line) {
        commands.add(Transcript.maskedCommand(line));
    }

    synchronized void line(byte[] line) {
        if (Octets.hasBareLineEnd(line)) {
            bareLineEndings.add(Octets.escape(line));
        }
    }

    synchronized int content() {
        return ++contents;
    }

    synchronized void message(ReceivedMessage message) {
        messages.add(message);
        unseen.add(message);
        awaited.add(message);
    }

    synchronized int connections() {
        return transcripts.size();
    }

    /** Returns the messages, and marks all of them as seen. */
    synchronized List<ReceivedMessage> messages() {
        unseen.clear();
        return List.copyOf(messages);
    }

    synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    synchronized List<String> bareLineEndings() {
        return List.copyOf(bareLineEndings);
    }

    synchronized int contents() {
        return contents;
    }

    /** Open connections stay, with empty transcripts: the next test may use them. */
    synchronized void forget() {
        transcripts.keySet().removeAll(ended);
        ended.clear();
        transcripts.values().forEach(Transcript::forget);
        messages.clear();
        unseen.clear();
        awaited.clear();
        commands.clear();
        bareLineEndings.clear();
        contents = 0;
        faults.clear();
    }

    synchronized List<ReceivedMessage> unseen() {
        return List.copyOf(unseen);
    }

    private synchronized void seen(ReceivedMessage message) {
        unseen.remove(message);
    }

    synchronized String transcript() {
        StringBuilder text = new StringBuilder();
        transcripts.forEach((index, said) -> {
            text.append("connection ").append(index).append(":\n");
            text.append(said.text().indent(2));
        });
        return text.toString();
    }

    void fault(Fault fault) {
        faults.add(fault);
    }

    void awaitFault(Duration timeout) {
        await(faults, "fault", timeout);
    }

    ReceivedMessage await(Duration timeout) {
        ReceivedMessage message = await(awaited, "message", timeout);
        seen(message);
        return message;
    }

    private <T> T await(BlockingQueue<T> queue, String what, Duration timeout) {
        @Nullable T next;
        try {
            next = queue.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for a " + what, e);
        }
        if (next == null) {
            throw new AssertionError(
                    "No " + what + " within " + timeout.toMillis() + " ms\nTranscript:\n" + transcript());
        }
        return next;
    }
}
