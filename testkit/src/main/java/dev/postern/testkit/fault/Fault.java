package dev.postern.testkit.fault;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.internal.wire.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * What a fake upstream, or the relay under test, does at a {@link Stage} instead of the usual. Immutable; created by
 * the factory methods.
 */
public sealed interface Fault {

    /**
     * Sends another reply and goes on.
     *
     * @param reply the reply, one or more lines separated by LF or CRLF, each with its code; the last line's CRLF may
     *     be omitted. It is not checked, so it need not be a valid reply
     * @return the fault; a reply of the class that the stage expects, 2 or 3, counts as success
     */
    static Fault reply(String reply) {
        return new Say(lines(reply), Afterwards.GO_ON);
    }

    /**
     * Sends a catalogue reply, and closes the connection if that reply does.
     *
     * @param row the row
     * @param arguments the values of the row's parameters, in order; a hyphen each when omitted
     * @return the fault
     * @throws IllegalArgumentException when arguments are given, but not as many as the row has parameters
     */
    static Fault reply(StandardReply row, Object... arguments) {
        Object[] given = arguments;
        if (arguments.length == 0) {
            given = new Object[(int) row.text().chars().filter(c -> c == '{').count()];
            java.util.Arrays.fill(given, "-");
        }
        return reply(row.reply(given));
    }

    /**
     * Sends a reply, and closes the connection if the reply does.
     *
     * @param reply any reply
     * @return the fault
     */
    static Fault reply(Reply reply) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(reply.wireLength());
        try {
            reply.writeTo(octets);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return new Say(
                octets.toString(StandardCharsets.US_ASCII), reply.closes() ? Afterwards.CLOSE : Afterwards.GO_ON);
    }

    /**
     * Sends a reply and closes the connection normally.
     *
     * @param reply as for {@link #reply(String)}
     * @return the fault
     */
    static Fault replyThenClose(String reply) {
        return new Say(lines(reply), Afterwards.CLOSE);
    }

    /**
     * Sends exactly these octets and goes on, for malformed or partial replies.
     *
     * @param octets sent as UTF-8, with nothing added
     * @return the fault
     */
    static Fault octets(String octets) {
        return new Say(octets, Afterwards.GO_ON);
    }

    /**
     * Sends the first half of a reply's octets and closes the connection normally.
     *
     * @param reply as for {@link #reply(String)}
     * @return the fault; for another ending use {@link #octets} and {@link #then}
     */
    static Fault halfReply(String reply) {
        String whole = lines(reply);
        return new Say(whole.substring(0, whole.length() / 2), Afterwards.CLOSE);
    }

    /**
     * Waits, in real time, and then does the usual. For the time-outs of a client whose clock cannot be moved.
     *
     * @param time how long, positive
     * @return the fault; for another ending use {@link #then}
     * @throws IllegalArgumentException when the time is not positive
     */
    static Fault delay(Duration time) {
        return new Delay(time);
    }

    /**
     * Loses what the client sends next, and then does the usual. Some servers lose what comes right after the end of
     * the content.
     *
     * @param within how long to wait for it, in real time, positive
     * @return the fault; for another ending use {@link #then}
     * @throws IllegalArgumentException when the time is not positive
     */
    static Fault loseInput(Duration within) {
        return new LoseInput(within);
    }

    /**
     * Sends nothing more, and reads and discards all input, until the peer or the fake closes.
     *
     * @return the fault
     */
    static Fault hang() {
        return Breakdown.HANG;
    }

    /**
     * Sends and reads nothing more until the fake is closed, so that the peer's writes block once the buffers are full.
     *
     * @return the fault
     */
    static Fault stall() {
        return Breakdown.STALL;
    }

    /**
     * Closes the connection normally (FIN). Further input is read and discarded, so that the close does not become an
     * RST.
     *
     * @return the fault
     */
    static Fault close() {
        return Breakdown.CLOSE;
    }

    /**
     * Cuts the connection (RST).
     *
     * @return the fault
     */
    static Fault reset() {
        return Breakdown.RESET;
    }

    /**
     * Does another fault after this one.
     *
     * @param next the fault that follows
     * @return both in order
     */
    default Fault then(Fault next) {
        return new InOrder(this, next);
    }

    /**
     * Counts as this fault, but does another. For instance, a message is accepted and its reply lost (RFC 1047):
     *
     * <pre>{@code
     * server.at(Stage.END_OF_DATA).once(Fault.reply("250 2.0.0 Ok").butDoes(Fault.reset()));
     * }</pre>
     *
     * @param other what happens; if it is a reply at {@link Stage#CONTENT}, the message's own reply still follows
     * @return the fault
     */
    default Fault butDoes(Fault other) {
        return new Instead(this, other);
    }

    /** What follows the octets sent. */
    enum Afterwards {
        /** The session goes on. */
        GO_ON,
        /** The connection is closed normally. */
        CLOSE
    }

    /**
     * Sends octets.
     *
     * @param octets the text to send, in UTF-8
     * @param afterwards what follows
     */
    record Say(String octets, Afterwards afterwards) implements Fault {
        /** Returns the octets, for failure messages. */
        @Override
        public String toString() {
            return "\"" + Octets.escape(Octets.of(octets)) + "\""
                    + (afterwards == Afterwards.CLOSE ? " and close" : "");
        }
    }

    /**
     * Waits.
     *
     * @param time how long, positive
     */
    record Delay(Duration time) implements Fault {
        /**
         * Checks the time.
         *
         * @param time as {@link #time()}
         * @throws IllegalArgumentException when it is not positive
         */
        public Delay {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("time must be positive, not " + time);
            }
        }
    }

    /**
     * Loses the next input.
     *
     * @param within how long to wait for it, positive
     */
    record LoseInput(Duration within) implements Fault {
        /**
         * Checks the time.
         *
         * @param within as {@link #within()}
         * @throws IllegalArgumentException when it is not positive
         */
        public LoseInput {
            if (within.isNegative() || within.isZero()) {
                throw new IllegalArgumentException("within must be positive, not " + within);
            }
        }
    }

    /**
     * Counts as one fault, but does another.
     *
     * @param meant what it counts as
     * @param done what happens
     */
    record Instead(Fault meant, Fault done) implements Fault {}

    /**
     * Does one fault after another.
     *
     * @param first what comes first
     * @param second what follows
     */
    record InOrder(Fault first, Fault second) implements Fault {}

    /** Sends nothing. */
    enum Breakdown implements Fault {
        /** See {@link Fault#hang()}. */
        HANG,
        /** See {@link Fault#stall()}. */
        STALL,
        /** See {@link Fault#close()}. */
        CLOSE,
        /** See {@link Fault#reset()}. */
        RESET
    }

    /** {@return whether the fault sends any octets} */
    default boolean saysSomething() {
        return this instanceof Say
                || this instanceof InOrder both && (both.first.saysSomething() || both.second.saysSomething())
                || this instanceof Instead instead && instead.done.saysSomething();
    }

    private static String lines(String reply) {
        return reply.lines().map(line -> line + "\r\n").collect(Collectors.joining());
    }
}
