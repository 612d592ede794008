package dev.postern.internal.connection;

import dev.postern.internal.connection.subetha.Acceptor;
import dev.postern.internal.reply.Printable;
import dev.postern.internal.session.Revocation;
import dev.postern.internal.session.SessionContext;
import dev.postern.internal.time.Watchdog;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.RelayClock;
import dev.postern.spi.SessionInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens at several addresses for one relay, and ends all their sessions in order. */
public final class SmtpListener {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpListener.class);
    private static final int MAX_REFUSED_HANDSHAKES = 50;
    private static final Duration CUT_TIME = Duration.ofSeconds(5);

    /**
     * Where to listen.
     *
     * @param port 0 for any free one
     * @param implicitTls whether the TLS handshake comes first (RFC 8314 section 3.3)
     */
    public record Endpoint(String host, int port, boolean implicitTls) {
        /** Returns host and port as a URI has them. */
        @Override
        public String toString() {
            return Printable.hostAndPort(host, port);
        }
    }

    final @Nullable Tls tls;
    final List<IpNetwork> proxies;
    final TimeLimits times;
    private final SessionLimits limits;
    private volatile SessionContext context;
    final RelayClock clock;
    final Watchdog watchdog;
    /** Clients that are refused, and told so under TLS, at a time: each may take as long as a handshake may. */
    final Semaphore refusedHandshakes = new Semaphore(MAX_REFUSED_HANDSHAKES);

    final ContentBuffers buffers = new ContentBuffers();
    private final Executor executor;
    private final Set<ClientConnection> connections = ConcurrentHashMap.newKeySet();
    private final List<Acceptor<ClientSocket>> acceptors =
            new CopyOnWriteArrayList<>(); // others ask whether they listen
    private final String idPrefix = Long.toString(new SecureRandom().nextLong() >>> 34, 36) + "-";
    private final AtomicLong idCounter = new AtomicLong();
    private volatile boolean draining;

    /**
     * Makes a listener.
     *
     * @param tls null for a relay without TLS
     * @param proxies networks whose connections begin with a PROXY header
     * @param watchdog ends blocked writes and handshakes
     * @param executor runs sessions, one a thread; not shut down here
     */
    public SmtpListener(
            @Nullable TlsSettings tls,
            List<IpNetwork> proxies,
            TimeLimits times,
            SessionLimits limits,
            SessionContext context,
            RelayClock clock,
            Watchdog watchdog,
            Executor executor) {
        this.tls = tls == null ? null : new Tls(tls.contexts(clock), tls.clientCertificates());
        this.proxies = List.copyOf(proxies);
        this.times = times;
        this.limits = limits;
        this.context = context;
        this.clock = clock;
        this.watchdog = watchdog;
        this.executor = executor;
    }

    /** Listens at all endpoints, or at none when one cannot be had. Returns the real addresses, in the same order. */
    public List<InetSocketAddress> start(List<Endpoint> endpoints) throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            try {
                addresses.add(start(endpoint, addresses));
            } catch (IOException | RuntimeException e) {
                stop(Duration.ZERO, () -> {});
                throw new IOException("cannot listen at " + endpoint + ": " + e.getMessage(), e);
            }
        }
        return addresses;
    }

    private InetSocketAddress start(Endpoint endpoint, List<InetSocketAddress> ours) throws IOException {
        InetSocketAddress where = new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port());
        Acceptor<ClientSocket> acceptor;
        try {
            acceptor = new Acceptor<>(
                    where,
                    limits.connections(),
                    ClientSocket::new,
                    socket -> executor.execute(() -> talk(socket, endpoint.implicitTls())));
        } catch (IOException e) {
            throw ours.stream()
                    .filter(our -> isInTheWay(our, where))
                    .findFirst()
                    .map(our -> new IOException("this relay listens at " + text(our) + " already", e))
                    .orElse(e);
        }
        acceptors.add(acceptor);
        return acceptor.address();
    }

    /** Whether one has the other's place: {@code 0.0.0.0} stands for every address. */
    private static boolean isInTheWay(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() == other.getPort()
                && (one.getAddress().equals(other.getAddress())
                        || one.getAddress().isAnyLocalAddress()
                        || other.getAddress().isAnyLocalAddress());
    }

    private static String text(InetSocketAddress address) {
        return Printable.hostAndPort(address.getAddress().getHostAddress(), address.getPort());
    }

    private void talk(ClientSocket socket, boolean implicitTls) {
        try (socket) {
            new ClientConnection(this, socket, implicitTls).run();
        } catch (IOException e) {
            LOG.debug("{} lost before it began: {}", socket, Printable.of(e));
        }
    }

    /**
     * Stops: accepts nobody any more, ends idle sessions at once and others after their message, and cuts what is left
     * after the grace. Does not hang.
     *
     * @param closeUpstream ends what sessions that were cut may still be waiting for
     */
    public void stop(Duration grace, Runnable closeUpstream) {
        draining = true;
        acceptors.forEach(Acceptor::stopAccepting);
        connections.forEach(ClientConnection::drain);
        if (!awaitEnd(grace)) {
            LOG.warn("{} sessions cut: they did not end within {}", connections.size(), grace);
            connections.forEach(ClientConnection::cut);
        }
        closeUpstream.run();
        acceptors.forEach(Acceptor::stop);
        acceptors.clear();
        awaitEnd(CUT_TIME);
    }

    /** Sets what sessions have in common that begin from now on. */
    public void update(SessionContext newContext) {
        context = newContext;
    }

    SessionContext context() {
        return context;
    }

    /** Whether connections are accepted at all addresses. */
    public boolean listening() {
        return !draining && acceptors.stream().allMatch(Acceptor::listening);
    }

    public List<SessionInfo> sessions() {
        List<SessionInfo> sessions = new ArrayList<>(connections.size());
        connections.forEach(connection -> sessions.add(connection.session.describe()));
        return Collections.unmodifiableList(sessions);
    }

    /** Ends a session as soon as no content is under way. Tells whether it was there. */
    public boolean end(String sessionId) {
        return find(sessionId, ClientConnection::end);
    }

    /** Cuts a session. Tells whether it was there. */
    public boolean cut(String sessionId) {
        return find(sessionId, ClientConnection::cut);
    }

    private boolean find(String sessionId, Consumer<ClientConnection> action) {
        Optional<ClientConnection> found = connections.stream()
                .filter(connection -> connection.id().equals(sessionId))
                .findFirst();
        found.ifPresent(action);
        return found.isPresent();
    }

    /**
     * Ends the sessions of a user or account; a login that is being judged is refused. Tells how many it ends. All know of
     * it before the first one ends, else a login that waited for that one's permit would get it.
     */
    public int revoke(Revocation revocation) {
        List<ClientConnection> concerned = connections.stream()
                .filter(connection -> connection.session.revoke(revocation))
                .toList();
        concerned.forEach(ClientConnection::end);
        return concerned.size();
    }

    boolean draining() {
        return draining;
    }

    String nextSessionId() {
        return idPrefix + Long.toString(idCounter.incrementAndGet(), 36);
    }

    void begun(ClientConnection connection) {
        connections.add(connection);
        if (draining) {
            connection.drain(); // it may have come too late to be found by stop
        }
    }

    void ended(ClientConnection connection) {
        connections.remove(connection);
        if (draining) {
            synchronized (connections) {
                connections.notifyAll();
            }
        }
    }

    private boolean awaitEnd(Duration limit) {
        long deadline = clock.nanoTime() + limit.toNanos();
        synchronized (connections) {
            while (!connections.isEmpty()) {
                long remaining = deadline - clock.nanoTime();
                if (remaining <= 0) {
                    return false;
                }
                try {
                    TimeUnit.MILLISECONDS.timedWait(connections, clock.waitMillis(remaining));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        return true;
    }
}
