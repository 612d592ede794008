package dev.postern.testkit.probe;

import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;

/** Reads whole replies, strictly by the RFC, or the connection's end. For one thread. */
final class ReplyReader {

    private final Wire wire;
    private final Transcript transcript;
    private Duration timeout = SmtpProbe.DEFAULT_TIMEOUT;

    ReplyReader(Wire wire, Transcript transcript) {
        this.wire = wire;
        this.transcript = transcript;
    }

    /** Sets how long a read waits for the server, in real time. */
    void timeout(Duration time) {
        try {
            wire.readTimeout((int) Math.min(time.toMillis(), Integer.MAX_VALUE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        timeout = time;
    }

    Duration timeout() {
        return timeout;
    }

    /** Reads one whole reply, of one or more lines; the time-out covers the whole reply. */
    ProbeReply reply() {
        wire.readWithin(timeout);
        ProbeReply.Gatherer gatherer = new ProbeReply.Gatherer(transcript);
        while (true) {
            byte[] line = line();
            try {
                Optional<ProbeReply> reply = gatherer.add(line);
                if (reply.isPresent()) {
                    return reply.get();
                }
            } catch (IllegalArgumentException e) {
                throw failure(String.valueOf(e.getMessage()), e);
            }
        }
    }

    private byte[] line() {
        byte[] line;
        try {
            line = wire.readLine(Wire.LineEnd.LF);
        } catch (SocketTimeoutException e) {
            throw unfinished("No reply within " + timeout.toMillis() + " ms", e);
        } catch (IOException e) {
            throw unfinished("Connection lost while waiting for a reply: " + e, e);
        }
        if (line.length == 0) {
            transcript.note("closed by the server");
            throw new AssertionError(transcript.explain("Connection closed by the server, in place of a reply"));
        }
        transcript.server(line);
        return line;
    }

    private AssertionError unfinished(String message, IOException cause) {
        byte[] part = wire.takeUnfinishedLine();
        if (part.length > 0) {
            transcript.server(part);
            return failure(message + ", but for an unfinished line: \"" + Octets.escape(part) + "\"", cause);
        }
        return failure(message, cause);
    }

    /** Waits for the connection's end; false when the time-out came first. Octets instead are an error. */
    boolean hasEnded() {
        wire.readWithin(timeout);
        try {
            byte[] more = wire.readLine(Wire.LineEnd.LF);
            if (more.length > 0) {
                throw unexpected(more);
            }
            transcript.note("closed by the server");
            return true;
        } catch (SocketTimeoutException e) {
            byte[] part = wire.takeUnfinishedLine();
            if (part.length > 0) {
                throw unexpected(part);
            }
            return false;
        } catch (SocketException e) {
            transcript.note("reset by the server");
            return true;
        } catch (IOException e) {
            throw failure("Connection did not end in order: " + e, e);
        }
    }

    AssertionError stillThere() {
        return new AssertionError(
                transcript.explain("Connection still open after " + timeout.toMillis() + " ms of silence"));
    }

    private AssertionError unexpected(byte[] octets) {
        transcript.server(octets);
        return new AssertionError(transcript.explain(
                "Octets from the server in place of the end of the connection: \"" + Octets.escape(octets) + "\""));
    }

    private AssertionError failure(String message, Exception cause) {
        return new AssertionError(transcript.explain(message), cause);
    }
}
