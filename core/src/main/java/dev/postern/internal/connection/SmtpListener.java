package dev.postern.internal.connection;

import dev.postern.internal.session.Stages;
import dev.postern.internal.time.Watchdog;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.RelayClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.server.SMTPServer;

/** Listens at several addresses for one relay, and ends all their sessions in order. */
public final class SmtpListener {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpListener.class);
    private static final Duration CUT_TIME = Duration.ofSeconds(5);

    /**
     * Where to listen.
     *
     * @param host an address or name of this machine
     * @param port 0 for any free one
     * @param implicitTls whether the TLS handshake comes first (RFC 8314 section 3.3)
     */
    public record Endpoint(String host, int port, boolean implicitTls) {
        /** Returns host and port as a URI has them. */
        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    /**
     * How sessions are run.
     *
     * @param tls the TLS material, asked at each handshake; empty for a relay without TLS
     * @param clientCertificates whether clients are asked for theirs
     * @param proxies networks whose connections begin with a PROXY header
     * @param times how long a client may take
     * @param maxConnections the relay's connection limit
     */
    public record Settings(
            Optional<Supplier<SSLContext>> tls,
            ClientCertificates clientCertificates,
            List<IpNetwork> proxies,
            TimeLimits times,
            int maxConnections) {}

    final Settings settings;
    final Stages stages;
    final RelayClock clock;
    final Watchdog watchdog;
    final BulkBuffers bulk = new BulkBuffers();
    private final Executor executor;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
    private final List<AcceptSocket> sockets = new ArrayList<>();
    private final List<SMTPServer> servers = new ArrayList<>();
    private final String idPrefix = Long.toString(new SecureRandom().nextLong() >>> 34, 36) + "-";
    private final AtomicLong idCounter = new AtomicLong();
    private volatile boolean draining;

    /**
     * Makes a listener.
     *
     * @param settings how sessions are run
     * @param stages what messages pass
     * @param watchdog ends blocked writes and handshakes
     * @param executor runs sessions, one a thread; not shut down here
     */
    public SmtpListener(Settings settings, Stages stages, Watchdog watchdog, Executor executor) {
        this.settings = settings;
        this.stages = stages;
        this.clock = stages.clock();
        this.watchdog = watchdog;
        this.executor = executor;
    }

    /**
     * Begins to listen.
     *
     * @param endpoints where
     * @return the real addresses, in the order of the endpoints
     * @throws IOException when one cannot be had; then none is listened at
     */
    public List<InetSocketAddress> start(List<Endpoint> endpoints) throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            try {
                addresses.add(start(endpoint));
            } catch (IOException | RuntimeException e) {
                stop(Duration.ZERO, () -> {});
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new IOException("cannot listen at " + endpoint + ": " + cause.getMessage(), e);
            }
        }
        return addresses;
    }

    private InetSocketAddress start(Endpoint endpoint) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(endpoint.host());
        SMTPServer server = SMTPServer.port(endpoint.port())
                .bindAddress(address)
                .hostName(stages.settings().hostName())
                .serverSocketFactory(() -> {
                    AcceptSocket socket = new AcceptSocket(this, endpoint.implicitTls());
                    sockets.add(socket);
                    return socket;
                })
                .executorService(new SessionExecutor())
                .sessionHandler(new HandOver())
                // our own limit answers; this one would leave connections waiting without a word
                .maxConnections(Math.min(settings.maxConnections(), 1 << 20) + 8192)
                .backlog(1024)
                .serverThreadName("postern-accept-" + endpoint.port())
                .build();
        server.start();
        servers.add(server);
        return new InetSocketAddress(address, server.getPortAllocated());
    }

    /**
     * Stops: accepts nobody any more, ends idle sessions at once and others after their message, and cuts what is left
     * after the grace. Does not hang.
     *
     * @param grace how long messages in flight may take
     * @param closeUpstream ends what sessions that were cut may still be waiting for
     */
    public void stop(Duration grace, Runnable closeUpstream) {
        draining = true;
        sockets.forEach(AcceptSocket::stopAccepting);
        conversations.forEach(Conversation::drain);
        if (!awaitEnd(grace)) {
            LOG.warn("{} sessions cut: they did not end within {}", conversations.size(), grace);
            conversations.forEach(Conversation::cut);
        }
        closeUpstream.run();
        servers.forEach(SMTPServer::stop);
        sockets.clear();
        servers.clear();
        awaitEnd(CUT_TIME);
    }

    void execute(Runnable conversation) {
        executor.execute(conversation);
    }

    boolean draining() {
        return draining;
    }

    String nextSessionId() {
        return idPrefix + Long.toString(idCounter.incrementAndGet(), 36);
    }

    void begun(Conversation conversation) {
        conversations.add(conversation);
        if (draining) {
            conversation.drain(); // it may have come too late to be found by stop
        }
    }

    void ended(Conversation conversation) {
        conversations.remove(conversation);
        if (draining) {
            synchronized (conversations) {
                conversations.notifyAll();
            }
        }
    }

    private boolean awaitEnd(Duration limit) {
        long deadline = clock.nanoTime() + limit.toNanos();
        synchronized (conversations) {
            while (!conversations.isEmpty()) {
                long remaining = deadline - clock.nanoTime();
                if (remaining <= 0) {
                    return false;
                }
                try {
                    TimeUnit.MILLISECONDS.timedWait(conversations, clock.waitMillis(remaining));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        return true;
    }
}
