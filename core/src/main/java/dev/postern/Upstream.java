package dev.postern;

import dev.postern.internal.reply.Printable;
import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.UpstreamPool;
import dev.postern.internal.upstream.UpstreamPool.Account;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.internal.upstream.UpstreamPool.Server;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamTimeouts;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server that the relay sends messages to, and how to connect to it. Immutable: each method returns a changed
 * copy. {@link #toString()} does not show the password.
 *
 * <p>The relay obeys the limits that the server announces by LIMITS (RFC 9422). From the server's replies it also
 * learns how many messages a connection may carry, how many connections may be open, and how many recipients a message
 * may have. So {@link #pool} sets maxima, which may not be reached.
 */
public final class Upstream {

    /** Matches the host of a URI that contains a non-ASCII letter. */
    private static final Pattern HOST =
            Pattern.compile("(?<=://|@)(?![^/]*@)[^/@:?#\\[]*[^\\x00-\\x7F][^/@:?#\\[]*(?=[:/]|$)");

    private final Server server;
    private final boolean plaintextAuth;
    final UpstreamTimeouts timeouts;
    final PoolSettings pool;
    final CircuitSettings circuit;
    private final @Nullable DeliveryLimits limits;

    private Upstream(
            Server server,
            boolean plaintextAuth,
            UpstreamTimeouts timeouts,
            PoolSettings pool,
            CircuitSettings circuit,
            @Nullable DeliveryLimits limits) {
        this.server = server;
        this.plaintextAuth = plaintextAuth;
        this.timeouts = timeouts;
        this.pool = pool;
        this.circuit = circuit;
        this.limits = limits;
    }

    private static Upstream of(String host, int port, Security security) {
        Hosts.require(host);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port must be 1 to 65535, not " + port);
        }
        return new Upstream(
                new Server(inAscii(host), port, security, null, true, Account.NONE),
                false,
                UpstreamTimeouts.defaults(),
                PoolSettings.defaults(),
                CircuitSettings.defaults(),
                null);
    }

    /** The error does not repeat the host, which may be part of the password in a malformed URI. */
    private static String inAscii(String host) {
        return Hosts.inAscii(host)
                .orElseThrow(() ->
                        new IllegalArgumentException("host must be a name or address; write its A-labels, xn--..."));
    }

    private Upstream with(Server changed) {
        return new Upstream(changed, plaintextAuth, timeouts, pool, circuit, limits);
    }

    private Upstream as(Account account) {
        return with(new Server(
                server.host(), server.port(), server.security(), server.tls(), server.verifyHostName(), account));
    }

    /**
     * A server without TLS. It gets no credentials unless {@link #allowPlaintextAuth} was called.
     *
     * @param host a name or address; non-ASCII names are converted to A-labels
     * @param port 1 to 65535
     * @return the upstream
     * @throws IllegalArgumentException when host is blank, contains a blank or has no A-labels, or port is out of
     *     bounds
     */
    public static Upstream smtp(String host, int port) {
        return of(host, port, Security.NONE);
    }

    /**
     * A server that must offer STARTTLS (RFC 3207): without it nothing is delivered.
     *
     * @param host a name or address, which the certificate must match; non-ASCII names are converted to A-labels
     * @param port 1 to 65535, usually 587
     * @return the upstream
     * @throws IllegalArgumentException when host is blank, contains a blank or has no A-labels, or port is out of
     *     bounds
     */
    public static Upstream startTls(String host, int port) {
        return of(host, port, Security.STARTTLS_REQUIRED);
    }

    /**
     * A server that may offer STARTTLS (RFC 3207). If it does not, messages are sent in clear; an attacker on the
     * network can remove the offer (RFC 7435). Credentials are sent only with TLS. If the handshake fails, so does the
     * connection.
     *
     * @param host a name or address, which the certificate must match; non-ASCII names are converted to A-labels
     * @param port 1 to 65535
     * @return the upstream
     * @throws IllegalArgumentException when host is blank, contains a blank or has no A-labels, or port is out of
     *     bounds
     */
    public static Upstream startTlsIfOffered(String host, int port) {
        return of(host, port, Security.STARTTLS_IF_OFFERED);
    }

    /**
     * A server with TLS from the first octet (RFC 8314 section 3).
     *
     * @param host a name or address, which the certificate must match; non-ASCII names are converted to A-labels
     * @param port 1 to 65535, usually 465
     * @return the upstream
     * @throws IllegalArgumentException when host is blank, contains a blank or has no A-labels, or port is out of
     *     bounds
     */
    public static Upstream smtps(String host, int port) {
        return of(host, port, Security.IMPLICIT_TLS);
    }

    /**
     * Reads an upstream from a URI: {@code smtp://host:port}, {@code smtp+starttls://user:password@host:port} or {@code
     * smtps://...}. User and password are percent-encoded, as UTF-8. Default ports are 25, 587 and 465.
     *
     * @param uri the URI
     * @return the upstream
     * @throws IllegalArgumentException when the URI has another form, or has a password with {@code smtp://}, which
     *     would send it in clear; the message does not repeat the password
     */
    public static Upstream of(String uri) {
        return read(uri, UnaryOperator.identity());
    }

    /**
     * Reads an upstream from a URI, which may be like {@code smtp://user:password@host:port} and send its password in
     * clear. Caution: see {@link #allowPlaintextAuth}.
     *
     * @param uri in the form that {@link #of} accepts, or with a password for {@code smtp://}
     * @return the upstream; {@code smtp+starttls} and {@code smtps} still log in with TLS only
     * @throws IllegalArgumentException when the URI has another form; the message does not repeat the password
     */
    public static Upstream ofPlaintextAuth(String uri) {
        return read(uri, Upstream::allowPlaintextAuth);
    }

    private static Upstream read(String uri, UnaryOperator<Upstream> inClear) {
        URI parsed;
        try {
            // a URI of RFC 3986 has no other letters in its host
            parsed = URI.create(
                    HOST.matcher(Objects.requireNonNull(uri, "uri")).replaceFirst(host -> inAscii(host.group())));
        } catch (IllegalArgumentException e) {
            throw notOne();
        }
        String scheme = String.valueOf(parsed.getScheme()).toLowerCase(Locale.ROOT);
        if (parsed.getHost() == null
                || !String.valueOf(parsed.getPath()).matches("/?|null")
                || parsed.getRawQuery() != null
                || parsed.getRawFragment() != null) {
            throw notOne(); // what would be ignored may be what the writer counted on
        }
        String host = parsed.getHost().replaceAll("^\\[|]$", "");
        int port = parsed.getPort();
        Upstream upstream = switch (scheme) {
            case "smtp" -> inClear.apply(smtp(host, port < 0 ? 25 : port));
            case "smtp+starttls" -> startTls(host, port < 0 ? 587 : port);
            case "smtps" -> smtps(host, port < 0 ? 465 : port);
            default -> throw notOne();
        };
        String login = parsed.getRawUserInfo();
        if (login == null) {
            return upstream;
        }
        int colon = login.indexOf(':');
        if (colon <= 0 || colon == login.length() - 1) {
            throw notOne();
        }
        return upstream.login(decoded(login.substring(0, colon)), decoded(login.substring(colon + 1)));
    }

    /**
     * Lets {@link #login} and {@link #oauth} send credentials in clear. Default: they fail for {@link #smtp}. Caution:
     * anyone who can read the network traffic gets the password. Use this only for a server on this machine or behind a
     * tunnel.
     *
     * @return a copy
     * @throws IllegalStateException when the upstream was not created by {@link #smtp}: all others log in only with TLS
     */
    public Upstream allowPlaintextAuth() {
        if (server.security() != Security.NONE) {
            throw new IllegalStateException(
                    "allowPlaintextAuth() is for smtp(...) only: " + this + " logs in with TLS");
        }
        return new Upstream(server, true, timeouts, pool, circuit, limits);
    }

    /**
     * Logs in with AUTH PLAIN or LOGIN.
     *
     * @param newUser the name
     * @param newPassword the password
     * @return a copy
     * @throws IllegalArgumentException when one is empty or has a NUL, or the password would go in clear: with {@link #smtp},
     *     call {@link #allowPlaintextAuth} first
     */
    public Upstream login(String newUser, String newPassword) {
        refuseInClear("password");
        Objects.requireNonNull(newPassword, "password");
        if (Objects.requireNonNull(newUser, "user").isEmpty() || newPassword.isEmpty()) {
            throw new IllegalArgumentException("user and password must not be empty");
        }
        if (newUser.indexOf('\0') >= 0 || newPassword.indexOf('\0') >= 0) { // separates the two in AUTH PLAIN
            throw new IllegalArgumentException("user and password must be without NUL");
        }
        return as(new Account(newUser, newPassword, null));
    }

    /**
     * Logs in with an OAuth 2.0 access token, by OAUTHBEARER (RFC 7628) or, where that is not offered, XOAUTH2.
     *
     * @param newUser the mailbox or account that the token is for
     * @param newAccessToken returns a bearer token (RFC 6750 section 2.1), best from a cache. Called for each new
     *     connection on a separate thread, possibly several at the same time. If it throws, returns no token or takes
     *     longer than {@link UpstreamTimeouts#command()}, when it is interrupted, the upstream counts as unreachable
     * @return a copy
     * @throws IllegalArgumentException when user is empty or has a control character, or the token would go in clear:
     *     with {@link #smtp}, call {@link #allowPlaintextAuth} first
     */
    public Upstream oauth(String newUser, Supplier<String> newAccessToken) {
        refuseInClear("accessToken"); // RFC 6750 section 5.3, RFC 7628 section 4
        if (Objects.requireNonNull(newUser, "user").isEmpty() || newUser.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("user must not be empty, and be without control characters");
        }
        return as(new Account(newUser, "", Objects.requireNonNull(newAccessToken, "accessToken")));
    }

    private void refuseInClear(String parameter) {
        if (server.security() == Security.NONE && !plaintextAuth) {
            throw new IllegalArgumentException(parameter + " would go in clear to " + this
                    + ": use startTls(...) or smtps(...), or call allowPlaintextAuth() first");
        }
    }

    /**
     * Uses this context's trust and client certificate. Default: the JVM's trust.
     *
     * @param context the TLS material
     * @return a copy
     */
    public Upstream tls(SSLContext context) {
        Objects.requireNonNull(context, "context");
        return with(new Server(
                server.host(), server.port(), server.security(), context, server.verifyHostName(), server.account()));
    }

    /**
     * Accepts any trusted certificate, whatever host it names. For tests, and for servers whose certificate has another
     * name.
     *
     * @return a copy
     */
    public Upstream withoutHostNameCheck() {
        return with(new Server(server.host(), server.port(), server.security(), server.tls(), false, server.account()));
    }

    /**
     * Sets how long to wait for each step. Default: {@link UpstreamTimeouts#defaults()}.
     *
     * @param newTimeouts for instance {@code UpstreamTimeouts.defaults().withConnect(Duration.ofSeconds(5))}
     * @return a copy
     */
    public Upstream timeouts(UpstreamTimeouts newTimeouts) {
        return new Upstream(
                server, plaintextAuth, Objects.requireNonNull(newTimeouts, "timeouts"), pool, circuit, limits);
    }

    /**
     * Sets how many connections to keep, and for how long. Default: {@link PoolSettings#defaults()}.
     *
     * @param settings for instance {@code PoolSettings.defaults().withConnections(2, 50)}
     * @return a copy
     */
    public Upstream pool(PoolSettings settings) {
        return new Upstream(server, plaintextAuth, timeouts, Objects.requireNonNull(settings, "pool"), circuit, limits);
    }

    /**
     * Sets when the relay stops trying this upstream for a while because it cannot be reached. Default: {@link
     * CircuitSettings#defaults()}.
     *
     * @param settings for instance {@code CircuitSettings.defaults().withFailures(3)}
     * @return a copy
     */
    public Upstream circuit(CircuitSettings settings) {
        return new Upstream(server, plaintextAuth, timeouts, pool, Objects.requireNonNull(settings, "circuit"), limits);
    }

    /**
     * Respects the limits that the upstream's provider sets for the relay. Default: none. No more messages are sent at
     * once than there are connections, so that a message whose turn has come does not wait.
     *
     * @param newLimits the limits
     * @return a copy
     */
    public Upstream limits(DeliveryLimits newLimits) {
        return new Upstream(
                server, plaintextAuth, timeouts, pool, circuit, Objects.requireNonNull(newLimits, "limits"));
    }

    Optional<DeliveryLimits> limits() {
        return Optional.ofNullable(limits)
                .map(wanted -> wanted.withMessagesAtOnce(Math.min(wanted.messagesAtOnce(), pool.max())));
    }

    /** Returns the server with the trust settings in use. */
    Server server() {
        boolean jvms = server.tls() == null && server.security() != Security.NONE;
        return jvms ? tls(jvmTrust()).server : server;
    }

    UpstreamPool connect(String heloName, RelayClock clock, Watchdog watchdog, RelayListener listener) {
        return new UpstreamPool(server(), timeouts, pool, circuit, heloName, clock, watchdog, listener);
    }

    /** Returns scheme, host and port. */
    @Override
    public String toString() {
        String scheme = switch (server.security()) {
            case NONE, STARTTLS_IF_OFFERED -> "smtp";
            case STARTTLS_REQUIRED -> "smtp+starttls";
            case IMPLICIT_TLS -> "smtps";
        };
        return scheme + "://" + Printable.hostAndPort(server.host(), server.port());
    }

    private static SSLContext jvmTrust() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no default TLS; give the upstream a context by tls(...)", e);
        }
    }

    private static String decoded(String text) {
        String decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        if (decoded.indexOf('\ufffd') >= 0) { // octets of another charset: no login would ever succeed
            throw notOne();
        }
        return decoded;
    }

    private static IllegalArgumentException notOne() {
        return new IllegalArgumentException("uri must be like smtp://host:25, smtp+starttls://user:password@host:587 or"
                + " smtps://user:password@host:465, with user and password percent-encoded as UTF-8");
    }
}
