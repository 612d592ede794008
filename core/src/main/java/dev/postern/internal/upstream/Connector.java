package dev.postern.internal.upstream;

import dev.postern.internal.plugin.Breaker;
import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.internal.upstream.UpstreamPool.Server;
import dev.postern.internal.upstream.client.AccessTokens;
import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.Extensions;
import dev.postern.internal.upstream.client.Login;
import dev.postern.internal.upstream.client.ReadyConnection;
import dev.postern.internal.upstream.client.TlsClient;
import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.internal.upstream.client.UpstreamReply;
import dev.postern.internal.upstream.pool.CircuitBreaker;
import dev.postern.internal.upstream.pool.OpenConnections;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.TlsInfo;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamHealth.Failure;
import dev.postern.spi.UpstreamHealth.Step;
import dev.postern.spi.UpstreamTimeouts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes connections that are ready for MAIL: connect, TLS, greeting, EHLO, login. */
final class Connector {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamPool.class); // the stage's
    /** A name with dozens of dead addresses must not keep a client waiting for all of them. */
    private static final int MAX_ADDRESSES = 5;

    private final Server server;
    private final UpstreamTimeouts timeouts;
    private final PoolSettings pooling;
    private final String heloName;
    private final RelayClock clock;
    private final Watchdog watchdog;
    private final CircuitBreaker breaker;
    private final @Nullable TlsClient tls;
    private final Login.Account account;
    private final OpenConnections open;
    private final NameLookup names;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet(); // those that are open, and a few that were
    private volatile boolean cut;

    Connector(
            Server server,
            UpstreamTimeouts timeouts,
            PoolSettings pooling,
            CircuitSettings circuit,
            String heloName,
            RelayClock clock,
            Watchdog watchdog,
            RelayListener listener) {
        this.server = server;
        this.timeouts = timeouts;
        this.pooling = pooling;
        this.heloName = heloName;
        this.clock = clock;
        this.watchdog = watchdog;
        this.open = new OpenConnections(clock);
        this.names = new NameLookup(server.host(), InetAddress::getAllByName, pooling.max(), clock);
        this.breaker = new CircuitBreaker(server.name(), rule(circuit), clock, listener);
        this.tls = server.tls() == null ? null : new TlsClient(server.tls(), server.host(), server.verifyHostName());
        Supplier<String> accessToken = server.account().accessToken();
        AccessTokens tokens = accessToken == null ? null : new AccessTokens(accessToken, pooling.max(), clock);
        this.account = new Login.Account(
                server.host(),
                server.port(),
                server.account().user(),
                server.account().password(),
                tokens);
    }

    private static Breaker.Rule rule(CircuitSettings circuit) {
        return new Breaker.Rule(
                circuit.failures(), circuit.firstPause(), circuit.longestPause(), Breaker.EarlierCall.ENDS_THE_PAUSE);
    }

    OpenConnections connections() {
        return open;
    }

    boolean circuitOpen() {
        return breaker.isOpen();
    }

    /** Opens a connection for a message that must be delivered by a moment, unless the circuit is open. */
    ReadyConnection open(long end) throws UpstreamException {
        return breaker.run(() -> open(new Progress(end)));
    }

    /** Finds out whether the upstream would take messages, on a connection of its own, and whatever the circuit says. */
    UpstreamHealth verify() {
        long begun = clock.nanoTime();
        Progress progress = new Progress(begun + timeouts.delivery().toNanos());
        Optional<Failure> failure = Optional.empty();
        try {
            Connection connection = open(progress).connection();
            connection.quit();
            connection.awaitGoodbye();
            connection.close();
        } catch (UpstreamException e) {
            failure = Optional.of(new Failure(progress.step, String.valueOf(e.getMessage())));
        }
        Optional<TlsInfo> tlsInfo = Optional.ofNullable(progress.connection).flatMap(Connection::tlsInfo);
        Duration took = Duration.ofNanos(Math.max(0, clock.nanoTime() - begun));
        return new UpstreamHealth(server.name(), failure, tlsInfo, lines(progress.extensions), took);
    }

    private static List<String> lines(Extensions extensions) {
        return extensions.parameters().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(offer -> Reply.printable((offer.getKey() + " " + offer.getValue()).strip(), Reply.MAX_LINE_OCTETS))
                .toList();
    }

    private ReadyConnection open(Progress progress) throws UpstreamException {
        progress.step = Step.ADDRESS;
        long now = clock.nanoTime();
        return open(progress, names.addresses(now + Math.min(timeouts.connect().toNanos(), progress.end - now)));
    }

    /** Tries the addresses of the upstream's name in order (RFC 5321 section 5.1). */
    ReadyConnection open(Progress progress, InetAddress... addresses) throws UpstreamException {
        int last = Math.min(addresses.length, MAX_ADDRESSES) - 1;
        UpstreamException crowded = null;
        for (int i = 0; i < last; i++) {
            try {
                return openAt(addresses[i], progress);
            } catch (UpstreamException e) {
                if (e.kind() == Kind.LOGIN_REFUSED) {
                    throw e;
                }
                crowded = e.kind() == Kind.CROWDED ? e : crowded;
                LOG.debug("{} at {}: {}", server.name(), addresses[i].getHostAddress(), e.getMessage());
            }
        }
        try {
            return openAt(addresses[last], progress);
        } catch (UpstreamException e) {
            throw crowded == null || e.kind() == Kind.LOGIN_REFUSED ? e : crowded; // one that is there is worth a wait
        }
    }

    private ReadyConnection openAt(InetAddress address, Progress progress) throws UpstreamException {
        progress.connecting();
        OpenConnections.Attempt attempt = open.begin();
        UpstreamException failure;
        try {
            return connectAndPrepare(address, progress);
        } catch (UpstreamException e) {
            failure = e;
        } finally {
            open.end(attempt);
        }
        long waitEnd = clock.nanoTime() + pooling.maxWait().toNanos();
        long until = waitEnd - progress.end < 0 ? waitEnd : progress.end;
        throw isNoFurther(progress.step, failure) && open.hadOthers(attempt, until) ? failure.crowded() : failure;
    }

    private ReadyConnection connectAndPrepare(InetAddress address, Progress progress) throws UpstreamException {
        Connection connection = connect(new InetSocketAddress(address, server.port()), progress.end);
        connection.endBy(progress.end);
        progress.connection = connection;
        boolean ready = false;
        try {
            Extensions extensions = prepare(connection, progress);
            if (!connection.encrypted() || !server.verifyHostName()) {
                extensions = extensions.without("REQUIRETLS"); // who says so may be anybody (RFC 8689 section 4.2.1)
            }
            ReadyConnection result = new ReadyConnection(connection, extensions, account.exists());
            connection.countIn(open);
            ready = true;
            return result;
        } finally {
            if (!ready) {
                connection.close();
            }
        }
    }

    /**
     * Tells whether this is how a server turns away a connection that is one too many: 421, another 4xx or 554 in place
     * of the greeting (RFC 5321 sections 3.1 and 3.8), no greeting at all. Some servers notice only at EHLO or AUTH.
     */
    private boolean isNoFurther(Step step, UpstreamException e) {
        return switch (step) {
            case GREETING ->
                e.kind() == Kind.LOST
                        || e.reply().filter(UpstreamReply::negative).isPresent();
            case TLS -> e.kind() == Kind.LOST && server.security() == Security.IMPLICIT_TLS;
            case EHLO -> e.reply().filter(UpstreamReply::closing).isPresent();
            case AUTH -> e.kind() == Kind.LOGIN_DEFERRED;
            default -> false;
        };
    }

    /** Ends all connections, also those that are being made, and makes no more. */
    void cut() {
        cut = true;
        sockets.forEach(Connector::discard);
    }

    private void track(Socket socket) throws IOException {
        sockets.removeIf(Socket::isClosed);
        sockets.add(socket);
        if (cut) {
            throw new IOException("the relay has stopped");
        }
    }

    private Connection connect(InetSocketAddress address, long end) throws UpstreamException {
        long begun = clock.nanoTime();
        long deadline = begun + Math.min(timeouts.connect().toNanos(), end - begun);
        while (true) {
            long remaining = deadline - clock.nanoTime();
            if (remaining <= 0) {
                throw new UpstreamException(Kind.TIMED_OUT, "connect: time-out");
            }
            Socket socket = new Socket();
            try {
                track(socket);
                socket.setTcpNoDelay(true); // commands are grouped by us, and each group waits for its replies
                socket.connect(address, clock.waitMillis(remaining));
                return new Connection(socket, clock, watchdog);
            } catch (SocketTimeoutException e) {
                discard(socket); // whether the time is over is for the relay's clock to say, above
            } catch (IOException e) {
                discard(socket);
                throw new UpstreamException(Kind.LOST, "connect: " + e.getMessage());
            }
        }
    }

    private Extensions prepare(Connection connection, Progress progress) throws UpstreamException {
        if (server.security() == Security.IMPLICIT_TLS) {
            shakeHands(connection, progress);
        }
        progress.step = Step.GREETING;
        connection.limit(timeouts.greeting());
        UpstreamReply greeting = connection.reply();
        if (greeting.code() != 220) {
            throw UpstreamException.unusable("greeting", greeting);
        }
        Extensions extensions = hello(connection, progress);
        if (upgrade(connection, extensions, progress)) {
            // what was offered in clear may have been put there by anyone (RFC 3207 section 4.2)
            extensions = hello(connection, progress);
        }
        if (account.exists()) {
            progress.step = Step.AUTH;
            login(connection, extensions);
        }
        return extensions;
    }

    private Extensions hello(Connection connection, Progress progress) throws UpstreamException {
        progress.step = Step.EHLO;
        UpstreamReply ehlo = connection.exchange("EHLO " + heloName, timeouts.command());
        if (ehlo.positive()) {
            progress.extensions = Extensions.of(ehlo);
            return progress.extensions;
        }
        if (!ehlo.permanent()) {
            throw UpstreamException.unusable("EHLO", ehlo);
        }
        UpstreamReply helo = connection.exchange("HELO " + heloName, timeouts.command());
        if (!helo.positive()) {
            throw UpstreamException.unusable("HELO", helo);
        }
        progress.extensions = Extensions.NONE;
        return Extensions.NONE;
    }

    private boolean upgrade(Connection connection, Extensions extensions, Progress progress) throws UpstreamException {
        boolean required = server.security() == Security.STARTTLS_REQUIRED;
        if (!required && server.security() != Security.STARTTLS_IF_OFFERED) {
            return false;
        }
        progress.step = Step.STARTTLS;
        if (!extensions.offers("STARTTLS")) {
            if (required) {
                throw new UpstreamException(Kind.UNUSABLE, "STARTTLS: not offered");
            }
            return false;
        }
        UpstreamReply reply = connection.exchange("STARTTLS", timeouts.command());
        if (reply.code() == 220) {
            shakeHands(connection, progress);
            return true;
        }
        if (required || !reply.negative() || reply.closing()) {
            throw UpstreamException.unusable("STARTTLS", reply);
        }
        return false;
    }

    private void shakeHands(Connection connection, Progress progress) throws UpstreamException {
        progress.step = Step.TLS;
        connection.limit(timeouts.connect());
        connection.startTls(Objects.requireNonNull(tls)); // null for Security.NONE alone
    }

    private void login(Connection connection, Extensions extensions) throws UpstreamException {
        if (!connection.encrypted() && server.security() != Security.NONE) {
            throw new UpstreamException(Kind.UNUSABLE, "AUTH: not without TLS");
        }
        new Login(account, connection, timeouts.command()).run(extensions.authMechanisms());
    }

    private static void discard(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            return; // there is nothing more to be done with it
        }
    }
}
