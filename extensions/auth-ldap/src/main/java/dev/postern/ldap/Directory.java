package dev.postern.ldap;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.FailoverServerSet;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.ServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import dev.postern.spi.RelayClock;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The connections to a directory, in two pools: one looks entries up as the service account, the other is for users' binds.
 * So no search is ever made with the rights of whoever logged in last. A connection that the directory has closed is made
 * anew, once for each use. For any thread.
 */
final class Directory implements AutoCloseable {

    private static final int MAX_MESSAGE_OCTETS = 4 << 20;
    private static final long MAX_AGE_MILLIS = TimeUnit.MINUTES.toMillis(10);

    /** How the directory is reached; tls is null for plain text. */
    record Settings(
            List<URI> servers,
            @Nullable SSLContext tls,
            @Nullable BindRequest service,
            int connections,
            Duration timeout,
            RelayClock clock) {

        /** Whether TLS begins with the connection. */
        private boolean implicitTls() {
            return servers.get(0).getScheme().equals("ldaps");
        }

        private @Nullable SSLSocketFactory tlsSockets() {
            return tls == null ? null : new TimedTlsSockets(tls.getSocketFactory(), timeout);
        }
    }

    /** Something to do on a connection; it may be done twice. */
    interface Work<T> {
        T on(Session session) throws LDAPException;
    }

    /** A login, which has until then. */
    interface Login<T> {
        T until(Deadline deadline) throws LDAPException;
    }

    private final Settings settings;
    private final Semaphore permits;
    private final LDAPConnectionPool lookups;
    private final LDAPConnectionPool logins;

    /** Connects to nothing yet. */
    Directory(Settings settings) throws LDAPException {
        this.settings = settings;
        permits = new Semaphore(settings.connections, true);
        lookups = pool(settings, settings.service);
        logins = pool(settings, null);
    }

    private static LDAPConnectionPool pool(Settings settings, @Nullable BindRequest bind) throws LDAPException {
        SSLSocketFactory tls = settings.tlsSockets();
        PostConnectProcessor startTls =
                tls == null || settings.implicitTls() ? null : new StartTLSPostConnectProcessor(tls);
        LDAPConnectionPool pool =
                new LDAPConnectionPool(servers(settings), bind, 0, settings.connections, startTls, false);
        pool.setMaxConnectionAgeMillis(MAX_AGE_MILLIS);
        return pool;
    }

    private static ServerSet servers(Settings settings) {
        int count = settings.servers.size();
        LDAPConnectionOptions options = new LDAPConnectionOptions();
        options.setConnectTimeoutMillis((int) Math.max(1, settings.timeout.toMillis() / count));
        options.setResponseTimeoutMillis(settings.timeout.toMillis());
        options.setUseSynchronousMode(true); // no thread for each connection
        options.setFollowReferrals(false);
        options.setAbandonOnTimeout(false); // the connection is given up
        options.setMaxMessageSize(MAX_MESSAGE_OCTETS);
        options.setSSLSocketVerifier(
                new HostNameSSLSocketVerifier(true)); // also after StartTLS (RFC 4513 section 3.1.3)
        String[] hosts = settings.servers.stream().map(Directory::host).toArray(String[]::new);
        int[] ports = settings.servers.stream().mapToInt(Directory::port).toArray();
        SocketFactory tls = settings.implicitTls() ? settings.tlsSockets() : null;
        SocketFactory sockets = tls == null ? SocketFactory.getDefault() : tls;
        return new FailoverServerSet(hosts, ports, sockets, options);
    }

    private static String host(URI server) {
        String host = server.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(URI server) {
        return server.getPort() >= 0 ? server.getPort() : server.getScheme().equals("ldaps") ? 636 : 389;
    }

    /** Runs a login when there are not too many. */
    <T> T login(Login<T> login) throws LDAPException {
        Deadline deadline = Deadline.in(settings.timeout, settings.clock);
        try {
            if (!permits.tryAcquire(deadline.left(), TimeUnit.MILLISECONDS)) {
                throw new LDAPException(ResultCode.BUSY, "all connections are in use");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LDAPException(ResultCode.LOCAL_ERROR, "interrupted", e);
        }
        try {
            return login.until(deadline);
        } finally {
            permits.release();
        }
    }

    /** With the rights of the service account. */
    <T> T asService(Deadline deadline, Work<T> work) throws LDAPException {
        return on(lookups, deadline, work);
    }

    /** With the rights of whoever logged in last on it: the work begins with a bind. */
    <T> T asUser(Deadline deadline, Work<T> work) throws LDAPException {
        return on(logins, deadline, work);
    }

    private static <T> T on(LDAPConnectionPool pool, Deadline deadline, Work<T> work) throws LDAPException {
        LDAPConnection connection = pool.getConnection();
        boolean sound = false;
        try {
            T result;
            try {
                result = work.on(new Session(connection, deadline));
            } catch (LDAPException e) {
                if (!e.getResultCode().equals(ResultCode.SERVER_DOWN)) {
                    throw e;
                }
                connection =
                        pool.replaceDefunctConnection(connection); // was idle for too long, or the directory restarted
                result = work.on(new Session(connection, deadline));
            }
            sound = true;
            return result;
        } finally {
            if (sound) {
                pool.releaseConnection(connection);
            } else {
                pool.discardConnection(connection); // a late answer must not be taken for the next one's
            }
        }
    }

    @Override
    public void close() {
        lookups.close();
        logins.close();
    }

    @Override
    public String toString() {
        return settings.servers.stream().map(URI::toString).collect(Collectors.joining(" "));
    }
}
