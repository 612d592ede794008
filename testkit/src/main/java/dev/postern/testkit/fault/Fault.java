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
 * What a fake upstream, or the relay under test, does at a {@link Stage} in place of what it should. Immutable; made by the
 * factories.
 */
public sealed interface Fault {

    /**
     * Answers with another reply and goes on.
     *
     * @param reply the reply as it is, one line or several separated by LF or CRLF, each with its code; the last line's
     *     CRLF may be left out. It is not checked, so that it may be no reply at all
     * @return the fault; a reply that begins with the class that the stage asks for, 2 or 3, counts as success
     */
    static Fault reply(String reply) {
        return new Say(lines(reply), Afterwards.GO_ON);
    }

    /**
     * Answers with a row of the catalogue, and closes the connection where the row says so.
     *
     * @param row the row
     * @param arguments the values of the row's parameters, in order; may be left out, and are then a hyphen each
     * @return the fault
     * @throws IllegalArgumentException when there are some arguments, but not as many as the row has parameters
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
     * Answers with a reply, and closes the connection where the reply says so.
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
     * Answers and closes the connection in order.
     *
     * @param reply as {@link #reply(String)} takes it
     * @return the fault
     */
    static Fault replyThenClose(String reply) {
        return new Say(lines(reply), Afterwards.CLOSE);
    }

    /**
     * Says exactly these octets and goes on, for replies that are malformed or in pieces.
     *
     * @param octets sent as UTF-8, with nothing added
     * @return the fault
     */
    static Fault octets(String octets) {
        return new Say(octets, Afterwards.GO_ON);
    }

    /**
     * Says the first half of a reply's octets and closes the connection in order.
     *
     * @param reply as {@link #reply(String)} takes it
     * @return the fault; for another end use {@link #octets} and {@link #then}
     */
    static Fault halfReply(String reply) {
        String whole = lines(reply);
        return new Say(whole.substring(0, whole.length() / 2), Afterwards.CLOSE);
    }

    /**
     * Waits, in real time, and then does what is usual. For the time-outs of a client that has no clock to move.
     *
     * @param time how long, positive
     * @return the fault; for another end use {@link #then}
     * @throws IllegalArgumentException when the time is not positive
     */
    static Fault delay(Duration time) {
        return new Delay(time);
    }

    /**
     * Loses what the client sends next, and then does what is usual. Some servers lose what comes right behind the end of
     * the content.
     *
     * @param within how long to wait for it, in real time, positive
     * @return the fault; for another end use {@link #then}
     * @throws IllegalArgumentException when the time is not positive
     */
    static Fault loseInput(Duration within) {
        return new LoseInput(within);
    }

    /**
     * Says nothing more, and reads and forgets what comes, until the peer or the fake is closed.
     *
     * @return the fault
     */
    static Fault hang() {
        return Breakdown.HANG;
    }

    /**
     * Says nothing more and reads nothing more, so that the peer's writes block as soon as the buffers between are full,
     * until the fake is closed.
     *
     * @return the fault
     */
    static Fault stall() {
        return Breakdown.STALL;
    }

    /**
     * Closes the connection in order (FIN). What the peer goes on to send is read and forgotten, so that the end is not
     * turned into an RST.
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
     * Does another after this one.
     *
     * @param next what follows
     * @return both
     */
    default Fault then(Fault next) {
        return new InOrder(this, next);
    }

    /**
     * Counts as this one, and does another. So a message is taken and its reply lost (RFC 1047):
     *
     * <pre>{@code
     * server.at(Stage.END_OF_DATA).once(Fault.reply("250 2.0.0 Ok").butDoes(Fault.reset()));
     * }</pre>
     *
     * @param other what happens; at {@link Stage#CONTENT}, a reply of it leaves the message's own reply to come
     * @return the fault
     */
    default Fault butDoes(Fault other) {
        return new Instead(this, other);
    }

    /** What follows octets that were said. */
    enum Afterwards {
        /** The session goes on. */
        GO_ON,
        /** The connection is closed in order. */
        CLOSE
    }

    /**
     * Octets are said.
     *
     * @param octets what is said, as text that goes out in UTF-8
     * @param afterwards what follows
     */
    record Say(String octets, Afterwards afterwards) implements Fault {
        /** Returns the octets, for failure texts. */
        @Override
        public String toString() {
            return "\"" + Octets.escape(Octets.of(octets)) + "\""
                    + (afterwards == Afterwards.CLOSE ? " and close" : "");
        }
    }

    /**
     * Time passes.
     *
     * @param time how much, positive
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
     * What comes next is lost.
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
     * One counts, another happens.
     *
     * @param meant what it counts as
     * @param done what happens
     */
    record Instead(Fault meant, Fault done) implements Fault {}

    /**
     * One after the other.
     *
     * @param first what comes first
     * @param second what follows
     */
    record InOrder(Fault first, Fault second) implements Fault {}

    /** Nothing is said. */
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

    /** {@return whether octets are said at all} */
    default boolean saysSomething() {
        return this instanceof Say
                || this instanceof InOrder both && (both.first.saysSomething() || both.second.saysSomething())
                || this instanceof Instead instead && instead.done.saysSomething();
    }

    private static String lines(String reply) {
        return reply.lines().map(line -> line + "\r\n").collect(Collectors.joining());
    }
}
