package dev.postern.internal.upstream;

import dev.postern.internal.reply.Printable;
import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.client.EndOfContent;
import dev.postern.internal.upstream.client.ReadyConnection;
import dev.postern.internal.upstream.client.Results;
import dev.postern.internal.upstream.client.Transaction;
import dev.postern.internal.upstream.client.Transaction.After;
import dev.postern.internal.upstream.client.Transaction.Outcome;
import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.internal.upstream.pool.ConnectionPermits;
import dev.postern.internal.upstream.pool.IdleConnections;
import dev.postern.internal.upstream.pool.KeepAlive;
import dev.postern.internal.upstream.pool.LearnedLimits;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamTimeouts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to one SMTP server and keeps connections to it for the next messages. Safe for use by several threads.
 *
 * <p>Faults are logged without their exception: its text may be the upstream's.
 */
public final class UpstreamPool implements UpstreamDelivery {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamPool.class);
    /** With less, an attempt would fail, and say nothing of the upstream. */
    private static final Duration LEAST_TIME = Duration.ofSeconds(1);
    /** A server needs a moment to notice that a connection has ended; doubled each time. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    private static final int MOST_DOUBLINGS = 5;

    /** How the way to the upstream is protected. */
    public enum Security {
        /** In clear, credentials too. */
        NONE,
        /** TLS when the upstream offers it; whoever sits in between can take the offer away. No login without it. */
        STARTTLS_IF_OFFERED,
        /** TLS by STARTTLS (RFC 3207), or no delivery. */
        STARTTLS_REQUIRED,
        /** TLS from the first octet (RFC 8314 section 3). */
        IMPLICIT_TLS
    }

    /**
     * Whom the relay is to the upstream.
     *
     * @param user the name to log in with, empty for no login
     * @param password the password, empty when a token is used
     * @param accessToken asked for an OAuth 2.0 access token at each login (RFC 6750); null when a password is used
     */
    public record Account(
            String user, String password, @Nullable Supplier<String> accessToken) {

        /** No login. */
        public static final Account NONE = new Account("", "", null);

        /** Returns the name, and which secret there is. */
        @Override
        public String toString() {
            return "Account[user=" + user + ", password=" + (password.isEmpty() ? "" : "***") + ", accessToken="
                    + (accessToken == null ? "" : "***") + "]";
        }
    }

    /**
     * A server, and how the way to it is protected.
     *
     * @param host a name, all of whose addresses are tried in order, or an address
     * @param tls trust and client certificate; null only for {@link Security#NONE}
     * @param verifyHostName whether the certificate must be for the host (RFC 6125)
     */
    public record Server(
            String host,
            int port,
            Security security,
            @Nullable SSLContext tls,
            boolean verifyHostName,
            Account account) {

        /** Host and port, as log lines and results name the upstream. */
        public String name() {
            return Printable.hostAndPort(host, port);
        }
    }

    private final UpstreamTimeouts timeouts;
    private final PoolSettings pooling;
    private final String name;
    private final RelayClock clock;
    private final Connector connector;
    private final EndOfContent endOfContent;
    private final ConnectionPermits permits;
    private final LearnedLimits learned;
    private final IdleConnections idle;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final @Nullable KeepAlive keepAlive;

    /**
     * Makes a pool; its first connections are made when they are needed, or at once where a minimum is kept.
     *
     * @param heloName what the relay calls itself, a domain or an address literal
     * @param watchdog what closes connections that are blocked, and idle ones that nobody wants
     */
    public UpstreamPool(
            Server server,
            UpstreamTimeouts timeouts,
            PoolSettings pooling,
            CircuitSettings circuit,
            String heloName,
            RelayClock clock,
            Watchdog watchdog,
            RelayListener listener) {
        this.timeouts = timeouts;
        this.pooling = pooling;
        this.name = server.name();
        this.clock = clock;
        this.connector = new Connector(server, timeouts, pooling, circuit, heloName, clock, watchdog, listener);
        this.endOfContent = new EndOfContent(timeouts);
        this.permits = new ConnectionPermits(pooling.max(), pooling.maxWait(), clock);
        this.learned = new LearnedLimits(name, clock);
        this.idle = new IdleConnections(pooling, learned);
        this.keepAlive = pooling.min() == 0
                ? null
                : new KeepAlive(name, pooling.min(), timeouts, clock, permits, idle, this::openToKeep);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A kept connection that turns out dead, or to take no more messages, before anything of this one was accepted is
     * replaced by a fresh one, once. A message for which the upstream takes no connection beside those that we have waits
     * for one of them. Nothing else is tried twice.
     */
    @Override
    public DeliveryResult deliver(Submission submission) {
        Results results = new Results(name, clock, clock.nanoTime());
        long end = results.begun() + submission.timeLeft(timeouts.delivery()).toNanos();
        long waitEnd = permits.deadline(end);
        try (ConnectionPermits.Permit permit = permits.take(waitEnd)) {
            for (int refusals = 0; true; refusals++) {
                try {
                    return deliver(submission, end, results);
                } catch (UpstreamException e) {
                    if (e.kind() != Kind.CROWDED) {
                        throw e;
                    }
                    takeAgain(permit, waitEnd, e);
                    pause(refusals, waitEnd, e);
                }
            }
        } catch (UpstreamException e) {
            LOG.debug("{} {}: {}", submission.id(), name, e.getMessage());
            return results.lost(Results.Stage.OPENING, e);
        }
    }

    private DeliveryResult deliver(Submission submission, long end, Results results) throws UpstreamException {
        if (submission.timeLeft(LEAST_TIME).compareTo(LEAST_TIME) < 0) {
            throw new UpstreamException(Kind.UNUSABLE, "not asked: the client's reply is due");
        }
        ReadyConnection kept = idle.take();
        if (kept == null) {
            return run(open(end), submission, end, results).result();
        }
        int carried = kept.connection().messages();
        Outcome outcome = run(kept, submission, end, results);
        if (kept.connection().messages() > carried) {
            learned.carriedBeyond(carried);
        }
        if (outcome.after() != After.STALE && outcome.after() != After.WORN) {
            return outcome.result();
        }
        ReadyConnection fresh = open(end);
        DeliveryResult result = run(fresh, submission, end, results).result();
        if (carried > 0 && fresh.connection().messages() > 0) {
            learned.wornAfter(carried, kept.connection().opened());
        }
        return result;
    }

    /** Waits for the permit of a connection that is in use; else throws what the upstream said to the one too many. */
    private void takeAgain(ConnectionPermits.Permit permit, long waitEnd, UpstreamException refusal)
            throws UpstreamException {
        LOG.debug("{} waits for a connection in use: {}", name, refusal.getMessage());
        try {
            permit.takeAgain(waitEnd);
        } catch (UpstreamException e) {
            throw refusal;
        }
    }

    /** Leaves the upstream a moment to notice that a connection has ended, unless there is one that rests. */
    private void pause(int refusals, long waitEnd, UpstreamException refusal) throws UpstreamException {
        long end = clock.nanoTime() + (FIRST_PAUSE.toNanos() << Math.min(refusals, MOST_DOUBLINGS));
        try {
            while (idle.size() == 0 && end - clock.nanoTime() > 0) {
                if (waitEnd - clock.nanoTime() <= 0
                        || closed.await(clock.waitMillis(end - clock.nanoTime()), TimeUnit.MILLISECONDS)) {
                    throw refusal;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refusal;
        }
    }

    /** The name in results, events and log lines. */
    public String name() {
        return name;
    }

    /** How its connections and its circuit stand. */
    public RelayFigures.Upstream figures() {
        return new RelayFigures.Upstream(
                name, permits.taken(), idle.size(), permits.waiting(), connector.circuitOpen());
    }

    /**
     * Finds out whether the upstream would take a message now, on a connection of its own and whatever the circuit says.
     */
    public UpstreamHealth verify() {
        return connector.verify();
    }

    /**
     * Sends QUIT on idle connections and closes them. Cuts those in use: the relay has stopped, nobody waits for the
     * replies to their messages, and the upstream could hold a thread for as long as it likes.
     */
    @Override
    public void close() {
        closed.countDown();
        if (keepAlive != null) {
            keepAlive.close();
        }
        List<ReadyConnection> resting = idle.close();
        resting.forEach(ready -> ready.connection().quit());
        boolean polite = true;
        for (ReadyConnection ready : resting) {
            // the first that does not answer has used up the patience for all
            polite = polite && ready.connection().awaitGoodbye();
            ready.connection().close();
        }
        connector.cut();
    }

    private ReadyConnection open(long end) throws UpstreamException {
        if (idle.isClosed()) {
            throw new UpstreamException(Kind.UNUSABLE, "the relay has stopped");
        }
        try {
            ReadyConnection ready = connector.open(end);
            int open = connector.connections().ready();
            permits.took(open);
            learned.took(open, pooling.max());
            learned.announced(ready.extensions());
            return ready;
        } catch (UpstreamException e) {
            if (e.kind() == Kind.CROWDED) {
                int open = connector.connections().counted();
                permits.refusedBeside(open);
                learned.refusedBeside(permits.capacity());
            }
            throw e;
        }
    }

    private ReadyConnection openToKeep() throws UpstreamException {
        return open(clock.nanoTime() + timeouts.delivery().toNanos());
    }

    @Override
    public int maxRecipients() {
        return learned.maxRecipients();
    }

    private Outcome run(ReadyConnection ready, Submission submission, long end, Results results) {
        After after = After.DROP;
        ready.connection().endBy(end);
        try {
            Transaction transaction = new Transaction(timeouts, endOfContent, ready, submission, results);
            Outcome outcome = transaction.run();
            after = outcome.after();
            if (transaction.mostRecipients() > 0) {
                learned.tookRecipients(transaction.mostRecipients());
            }
            if (outcome.result() instanceof Deferred deferred) {
                LOG.debug("{} {}: {} {}", submission.id(), name, deferred.reason(), deferred.detail());
            }
            return outcome;
        } finally {
            if (after == After.WORN) { // so that the upstream has noticed its end when a fresh one comes
                ready.connection().quit();
                ready.connection().awaitGoodbye();
            }
            if (after == After.KEEP) {
                idle.put(ready);
            } else {
                ready.connection().close();
            }
            if (after == After.SUSPECT) {
                idle.drop();
            }
        }
    }

    /** Returns the upstream's name, as results and log lines have it. */
    @Override
    public String toString() {
        return name;
    }
}
