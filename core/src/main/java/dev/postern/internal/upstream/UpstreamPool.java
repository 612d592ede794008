package dev.postern.internal.upstream;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.Transaction.After;
import dev.postern.internal.upstream.Transaction.Outcome;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.MailAddress;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
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
    private static final Duration MAX_LIMIT = Duration.ofDays(1);

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
     * An upstream, and how to talk with it.
     *
     * @param host a name, all of whose addresses are tried in order, or an address
     * @param port the port
     * @param security TLS or not
     * @param tls trust and client certificate; null only for {@link Security#NONE}
     * @param verifyHostName whether the certificate must be for the host (RFC 6125)
     * @param user the name to log in with, empty for no login
     * @param password the password
     * @param connectTimeout for each of: connecting, TLS handshake, greeting, EHLO, STARTTLS, and each step of AUTH
     * @param commandTimeout for each of MAIL, RCPT, DATA, RSET
     * @param dataTimeout for sending the content as a whole, and again for the reply to its end
     * @param maxIdleConnections connections to keep for later messages, 0 for none
     * @param maxIdleTime how long to keep them
     * @param heloName what the relay calls itself, a domain or an address literal
     */
    public record Settings(
            String host,
            int port,
            Security security,
            @Nullable SSLContext tls,
            boolean verifyHostName,
            String user,
            String password,
            Duration connectTimeout,
            Duration commandTimeout,
            Duration dataTimeout,
            int maxIdleConnections,
            Duration maxIdleTime,
            String heloName) {

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException when one is out of its bounds
         */
        public Settings {
            check(!host.isBlank(), "host must not be empty");
            check(port > 0 && port <= 65_535, "port must be 1 to 65535");
            check(security == Security.NONE || tls != null, "tls is needed for " + security);
            // NUL separates the parts of PLAIN (RFC 4616 section 2)
            check(user.indexOf('\0') < 0 && password.indexOf('\0') < 0, "user and password must be without NUL");
            check(isLimit(connectTimeout), "connectTimeout must be positive, and a day at most");
            check(isLimit(commandTimeout), "commandTimeout must be positive, and a day at most");
            check(isLimit(dataTimeout), "dataTimeout must be positive, and a day at most");
            check(maxIdleConnections >= 0, "maxIdleConnections must not be negative");
            check(isLimit(maxIdleTime), "maxIdleTime must be positive, and a day at most");
            check(
                    MailAddress.isDomain(heloName) || MailAddress.isAddressLiteral(heloName),
                    "heloName must be a domain or an address literal");
        }

        private static boolean isLimit(Duration limit) {
            return !limit.isZero() && !limit.isNegative() && limit.compareTo(MAX_LIMIT) <= 0;
        }

        private static void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalArgumentException(otherwise);
            }
        }

        /** Host and port, as log lines and results name the upstream. */
        String name() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }

        /** Returns everything but the password. */
        @Override
        public String toString() {
            return "Settings[" + name() + ", security=" + security + ", verifyHostName=" + verifyHostName + ", user="
                    + user + ", password=" + (password.isEmpty() ? "" : "***") + ", connectTimeout=" + connectTimeout
                    + ", commandTimeout=" + commandTimeout + ", dataTimeout=" + dataTimeout + ", maxIdleConnections="
                    + maxIdleConnections + ", maxIdleTime=" + maxIdleTime + ", heloName=" + heloName + "]";
        }
    }

    private final Settings settings;
    private final RelayClock clock;
    private final Opening opening;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<ReadyConnection> idle =
            new ArrayDeque<>(); // the last used first, so that the others can grow old
    private boolean closed;

    /**
     * Makes a pool without a connection.
     *
     * @param settings the upstream
     * @param clock the relay's clock
     * @param watchdog what closes connections that are blocked, and idle ones that nobody wants
     */
    public UpstreamPool(Settings settings, RelayClock clock, Watchdog watchdog) {
        this.settings = settings;
        this.clock = clock;
        this.opening = new Opening(settings, clock, watchdog);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A kept connection that turns out dead at MAIL is replaced by a fresh one, once; nothing else is tried twice.
     */
    @Override
    public DeliveryResult deliver(Submission submission) {
        Results results = new Results(settings.name(), clock, clock.nanoTime());
        ReadyConnection kept = take();
        if (kept != null) {
            Outcome outcome = run(kept, submission, results);
            if (outcome.after() != After.STALE) {
                return outcome.result();
            }
        }
        try {
            return run(open(), submission, results).result();
        } catch (UpstreamException e) {
            LOG.debug("{} {}: {}", submission.id(), settings.name(), e.getMessage());
            return results.lost(Results.Stage.OPENING, e);
        }
    }

    /**
     * Says QUIT on the idle connections and closes them. Those in use are cut: the relay has stopped, nobody is there any
     * more to hear what becomes of their messages, and they would keep a thread for as long as the upstream likes.
     */
    @Override
    public void close() {
        List<ReadyConnection> resting;
        lock.lock();
        try {
            closed = true;
            resting = new ArrayList<>(idle);
            idle.clear();
        } finally {
            lock.unlock();
        }
        resting.forEach(ready -> ready.connection().quit());
        boolean polite = true;
        for (ReadyConnection ready : resting) {
            // the first that does not answer has used up the patience for all
            polite = polite && ready.connection().awaitGoodbye();
            ready.connection().close();
        }
        opening.cut();
    }

    private ReadyConnection open() throws UpstreamException {
        lock.lock();
        try {
            if (closed) {
                throw new UpstreamException(UpstreamException.Kind.UNUSABLE, "the relay has stopped");
            }
        } finally {
            lock.unlock();
        }
        return opening.open();
    }

    private Outcome run(ReadyConnection ready, Submission submission, Results results) {
        After after = After.DROP;
        try {
            Outcome outcome = new Transaction(settings, ready, submission, results).run();
            after = outcome.after();
            if (outcome.result() instanceof Deferred deferred) {
                LOG.debug("{} {}: {} {}", submission.id(), settings.name(), deferred.reason(), deferred.detail());
            }
            return outcome;
        } finally {
            if (after == After.KEEP) {
                giveBack(ready);
            } else {
                ready.connection().close();
            }
        }
    }

    private @Nullable ReadyConnection take() {
        while (true) {
            ReadyConnection ready;
            lock.lock();
            try {
                ready = idle.pollFirst();
            } finally {
                lock.unlock();
            }
            if (ready == null || ready.connection().wake()) {
                return ready;
            }
            ready.connection().close();
        }
    }

    private void giveBack(ReadyConnection ready) {
        ready.connection().rest(settings.maxIdleTime());
        lock.lock();
        try {
            idle.removeIf(other -> other.connection().isClosed());
            if (!closed && idle.size() < settings.maxIdleConnections()) {
                idle.addFirst(ready);
                return;
            }
        } finally {
            lock.unlock();
        }
        ready.connection().quit();
        ready.connection().close();
    }
}
