package dev.postern.internal.upstream.pool;

import dev.postern.internal.upstream.client.Extensions;
import dev.postern.internal.upstream.client.StageLog;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import org.slf4j.Logger;

/**
 * What an upstream has shown, or announces, to take: how many messages on a connection and how many recipients in a
 * message. Numbers that were seen are forgotten after a while, for nobody tells when they change. How many connections it
 * takes is for {@link ConnectionPermits} to keep. Safe for use by several threads.
 */
public final class LearnedLimits {

    private static final Logger LOG = StageLog.LOG;

    /** To find out again costs two fresh connections, which no client notices. */
    private static final Duration MESSAGES_KNOWN = Duration.ofHours(1);
    /** To find out again costs a message a refusal, and those that come back must meet what was found out. */
    private static final Duration RECIPIENTS_KNOWN = Duration.ofDays(1);

    static final int NONE = Integer.MAX_VALUE;

    /** A number, and until when it counts. */
    private record Known(int number, long until) {}

    private static final Known NOTHING = new Known(NONE, 0);

    private final String upstream;
    private final RelayClock clock;
    private volatile int announcedRecipients = NONE;
    private volatile Known recipients = NOTHING;
    private volatile Known messages = NOTHING;
    private volatile int suspected = NONE; // messages, seen once
    private long suspectedSince;
    private int toldConnections = NONE;

    public LearnedLimits(String upstream, RelayClock clock) {
        this.upstream = upstream;
        this.clock = clock;
    }

    /** What the upstream announces to whom it has let in counts until it announces something else (RFC 9422). */
    public void announced(Extensions extensions) {
        int now = extensions.maxRecipients();
        if (now != announcedRecipients) {
            announcedRecipients = now;
            LOG.info("{} announces that it takes {} recipients in a message", upstream, count(now));
        }
    }

    public int maxRecipients() {
        return Math.min(announcedRecipients, current(recipients));
    }

    int maxMessages() {
        return current(messages);
    }

    /** The upstream has taken so many recipients of a message, and not one more. */
    public synchronized void tookRecipients(int number) {
        int before = current(recipients);
        recipients = new Known(Math.min(number, before), clock.nanoTime() + RECIPIENTS_KNOWN.toNanos());
        if (number < before) {
            LOG.info(
                    "{} has taken no more than {} recipients in a message; clients are held to that", upstream, number);
        }
    }

    /**
     * A connection that had carried so many messages was refused another one, which a fresh one took. A single time may be
     * chance; twice the same number, and none that carried more in between, is a limit. The second time of a connection
     * that was opened after the first: a server that restarts ends many at once, which may have carried equally many.
     *
     * @param opened when, as {@link RelayClock#nanoTime()} counts
     */
    public synchronized void wornAfter(int number, long opened) {
        if (suspected != number) {
            suspected = number;
            suspectedSince = clock.nanoTime();
            return;
        }
        if (opened - suspectedSince < 0) {
            return;
        }
        messages = new Known(number, clock.nanoTime() + MESSAGES_KNOWN.toNanos());
        suspected = NONE;
        LOG.info("{} takes no more than {} messages on a connection; they are renewed after that", upstream, number);
    }

    /** A connection that had carried so many messages was not refused another one. */
    public void carriedBeyond(int number) {
        if (suspected <= number || messages.number <= number) {
            forgetMessages(number);
        }
    }

    private synchronized void forgetMessages(int number) {
        suspected = suspected <= number ? NONE : suspected;
        if (current(messages) <= number) {
            LOG.info("{} takes more than {} messages on a connection after all", upstream, messages.number);
        }
        messages = messages.number <= number ? NOTHING : messages;
    }

    /** So many connections were open, and one more was refused. */
    public synchronized void refusedBeside(int connections) {
        if (connections < toldConnections) {
            toldConnections = connections;
            LOG.info("{} takes no connection beside {} others; messages wait for one of them", upstream, connections);
        }
    }

    /** So many connections are open, of at most so many. */
    public synchronized void took(int connections, int most) {
        if (toldConnections != NONE && connections > toldConnections) {
            toldConnections = connections < most ? connections : NONE;
            LOG.info("{} takes {} connections at a time", upstream, connections);
        }
    }

    private int current(Known known) {
        return known.number == NONE || clock.nanoTime() - known.until >= 0 ? NONE : known.number;
    }

    private static String count(int limit) {
        return limit == NONE ? "any number of" : "at most " + limit;
    }
}
