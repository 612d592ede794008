package dev.postern.internal.upstream.client;

import dev.postern.internal.upstream.client.Transaction.After;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.spi.UpstreamTimeouts;

/**
 * Makes sure that what follows the end of the content is the reply to it. Safe for use by several threads.
 *
 * <p>Behind DATA's 354 nothing is left of earlier commands, but the upstream may say something before it has the end of the
 * content, and no look at the socket finds what is still on its way. So the end is followed by RSET, and a message counts
 * as accepted when both are answered 2xx: with one reply too many or too few, one of the two is the upstream's refusal, or
 * there is no second one. Where the upstream takes pipelining RSET goes right behind the end (RFC 2920 section 3.1) and costs
 * no round trip; many clients send one between two messages anyway.
 *
 * <p>What cannot be known: with two replies too many, or one too many and one too few, all inside the moment between our
 * last look and the upstream's sight of the end, what it said is the same as if it had accepted the message.
 */
public final class EndOfContent {

    /** What an upstream said to the end of the content, 2xx or a refusal; the rest is for the pool. */
    record Answer(UpstreamReply reply, After after) {}

    private final UpstreamTimeouts timeouts;
    /** Set once the upstream has lost or refused what came right behind the end, although it takes pipelining. */
    private volatile boolean apart;

    public EndOfContent(UpstreamTimeouts timeouts) {
        this.timeouts = timeouts;
    }

    /** Tells whether RSET goes into one write with the end of the content; in one of its own, its reply came late. */
    boolean together(boolean pipelining) {
        return pipelining && !apart;
    }

    /**
     * Waits for the reply to the end of the content, which was sent, together with RSET or without.
     *
     * @throws UpstreamException when there is none, or none that can be believed: nobody knows who has the message
     */
    Answer await(Connection connection, boolean together) throws UpstreamException {
        connection.limit(timeouts.dataTermination());
        UpstreamReply end = connection.reply();
        if (end.positive()) {
            if (!together) {
                reset(connection);
            }
            return new Answer(end, confirmed(connection, end, together));
        }
        if (!end.negative()) {
            throw new UpstreamException(Kind.OUT_OF_STEP, "unexpected reply: " + end);
        }
        // the final dot has cleared everything, whatever the reply (RFC 5321 section 4.1.1.4)
        return new Answer(end, end.closing() || together && !isReset(connection) ? After.DROP : After.KEEP);
    }

    private After confirmed(Connection connection, UpstreamReply end, boolean together) throws UpstreamException {
        try {
            UpstreamReply next = awaitReset(connection, together);
            if (next.positive()) {
                return connection.hasBuffered() ? After.DROP : After.KEEP; // what comes later is seen when it is woken
            }
            if (together && next.code() == 503 && saysGoodbye(connection)) {
                apart = true;
                return After.DROP;
            }
            throw new UpstreamException(Kind.OUT_OF_STEP, "two replies: " + end + ", and then " + next);
        } catch (UpstreamException e) {
            if (e.kind() == Kind.LOST && !connection.hasBuffered()) {
                return After.DROP; // it took the message and hung up, and nothing that it said is against it
            }
            throw e;
        }
    }

    /**
     * Haraka runs nothing that comes right behind the end, and says 503 to it. Nothing but QUIT is answered 221: with that
     * as the next reply none is left of RSET, so the 503 was RSET's, and the 2xx before it the content's.
     */
    private boolean saysGoodbye(Connection connection) {
        try {
            return connection.exchange("QUIT", timeouts.command()).code() == 221;
        } catch (UpstreamException e) {
            return false;
        }
    }

    private boolean isReset(Connection connection) {
        try {
            return awaitReset(connection, true).positive() && !connection.hasBuffered();
        } catch (UpstreamException e) {
            return false; // the refusal stands
        }
    }

    private UpstreamReply awaitReset(Connection connection, boolean together) throws UpstreamException {
        connection.limit(timeouts.command());
        try {
            return connection.reply();
        } catch (UpstreamException e) {
            if (together && e.kind() == Kind.TIMED_OUT) {
                apart = true;
            }
            throw e;
        }
    }

    private void reset(Connection connection) throws UpstreamException {
        connection.limit(timeouts.command());
        try {
            connection.command("RSET");
            connection.flush();
        } catch (UpstreamException e) {
            if (e.kind() != Kind.LOST) {
                throw e;
            }
            // the upstream has closed; what it said before can be read, and that there is no more is seen then
        }
    }
}
