package dev.postern.testkit;

/** What a {@link FakeUpstream} does at a {@link Stage} in place of what it should. Immutable; made by the factories. */
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
     * Says nothing more, and reads and forgets what comes, until the peer or the fake upstream is closed.
     *
     * @return the fault
     */
    static Fault hang() {
        return Breakdown.HANG;
    }

    /**
     * Says nothing more and reads nothing more, so that the peer's writes block as soon as the buffers between are full,
     * until the fake upstream is closed.
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
    record Say(String octets, Afterwards afterwards) implements Fault {}

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

    private static String lines(String reply) {
        return reply.lines().map(line -> line + "\r\n").collect(java.util.stream.Collectors.joining());
    }
}
