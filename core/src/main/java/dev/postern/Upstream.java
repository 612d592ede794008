package dev.postern;

import dev.postern.internal.reply.Printable;
import dev.postern.internal.upstream.UpstreamPool;
import dev.postern.internal.upstream.UpstreamPool.Circuit;
import dev.postern.internal.upstream.UpstreamPool.Pooling;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.UpstreamTimeouts;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server that takes the relay's messages, and how to talk with it. Immutable: each method returns a changed copy.
 * {@link #toString()} does not show the password.
 *
 * <p>What the server announces by LIMITS (RFC 9422) is obeyed, and what it takes is learned from its replies: how many
 * messages on a connection, how many connections at a time, how many recipients in a message. So {@link #connections} and
 * {@link #renewAfter} set the most, and there may be fewer.
 */
public final class Upstream {

    // short: an upstream that is back should be found at once, and an attempt a second is no burden to anyone
    private static final Circuit DEFAULT_CIRCUIT = new Circuit(5, Duration.ofMillis(50), Duration.ofSeconds(1));

    private final String host;
    private final int port;
    private final Security security;
    private final boolean plaintextAuth;
    private final String user;
    private final String password;
    private final @Nullable Supplier<String> accessToken;
    private final @Nullable SSLContext tls;
    private final boolean verifyHostName;
    private final UpstreamTimeouts timeouts;
    private final Pooling pooling;
    private final Circuit circuit;
    private final @Nullable DeliveryLimits limits;

    private Upstream(Draft draft) {
        host = draft.host;
        port = draft.port;
        security = draft.security;
        plaintextAuth = draft.plaintextAuth;
        user = draft.user;
        password = draft.password;
        accessToken = draft.accessToken;
        tls = draft.tls;
        verifyHostName = draft.verifyHostName;
        timeouts = draft.timeouts;
        pooling = draft.pooling;
        circuit = draft.circuit;
        limits = draft.limits;
    }

    /**
     * A server in clear. It gets no credentials, unless {@link #allowPlaintextAuth} was called.
     *
     * @param host a name or address
     * @param port 1 to 65535
     * @return the upstream
     * @throws IllegalArgumentException when host is blank or port out of its bounds
     */
    public static Upstream smtp(String host, int port) {
        return new Upstream(new Draft(host, port, Security.NONE));
    }

    /**
     * A server that must offer STARTTLS (RFC 3207): without it nothing is delivered.
     *
     * @param host a name or address, for which the certificate must be
     * @param port 1 to 65535, mostly 587
     * @return the upstream
     * @throws IllegalArgumentException when host is blank or port out of its bounds
     */
    public static Upstream startTls(String host, int port) {
        return new Upstream(new Draft(host, port, Security.STARTTLS_REQUIRED));
    }

    /**
     * A server that may offer STARTTLS (RFC 3207): without it messages go in clear, and so they do when somebody on the way
     * takes the offer away (RFC 7435). Logs in with TLS only. Offered TLS that fails is a failure.
     *
     * @param host a name or address, for which the certificate must be
     * @param port 1 to 65535
     * @return the upstream
     * @throws IllegalArgumentException when host is blank or port out of its bounds
     */
    public static Upstream startTlsIfOffered(String host, int port) {
        return new Upstream(new Draft(host, port, Security.STARTTLS_IF_OFFERED));
    }

    /**
     * A server with TLS from the first octet (RFC 8314 section 3).
     *
     * @param host a name or address, for which the certificate must be
     * @param port 1 to 65535, mostly 465
     * @return the upstream
     * @throws IllegalArgumentException when host is blank or port out of its bounds
     */
    public static Upstream smtps(String host, int port) {
        return new Upstream(new Draft(host, port, Security.IMPLICIT_TLS));
    }

    /**
     * Reads an upstream from a URI: {@code smtp://host:port}, {@code smtp+starttls://user:password@host:port} or {@code
     * smtps://...}. User and password are percent-encoded. Default ports are 25, 587 and 465.
     *
     * @param uri the URI
     * @return the upstream
     * @throws IllegalArgumentException when the URI is none of these, or has a password for {@code smtp://}, where it would go
     *     in clear; the message does not repeat the password
     */
    public static Upstream of(String uri) {
        return read(uri, UnaryOperator.identity());
    }

    /**
     * Reads an upstream from a URI, also one like {@code smtp://user:password@host:port}, whose password goes in clear.
     * Caution: see {@link #allowPlaintextAuth}.
     *
     * @param uri as {@link #of} takes it
     * @return the upstream; {@code smtp+starttls} and {@code smtps} still log in with TLS only
     * @throws IllegalArgumentException when the URI is none; the message does not repeat the password
     */
    public static Upstream ofPlaintextAuth(String uri) {
        return read(uri, Upstream::allowPlaintextAuth);
    }

    private static Upstream read(String uri, UnaryOperator<Upstream> inClear) {
        URI parsed;
        try {
            parsed = URI.create(uri);
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
     * Lets {@link #login} and {@link #oauth} send credentials in clear. Default: they fail for {@link #smtp}. Caution: whoever
     * can read the network on the way has the password then; it is for a server on this machine, or behind a tunnel.
     *
     * @return a copy
     * @throws IllegalStateException when the upstream is not one of {@link #smtp}: the others log in with TLS only
     */
    public Upstream allowPlaintextAuth() {
        if (security != Security.NONE) {
            throw new IllegalStateException(
                    "allowPlaintextAuth() is for smtp(...) only: " + this + " logs in with TLS");
        }
        Draft draft = new Draft(this);
        draft.plaintextAuth = true;
        return new Upstream(draft);
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
        if (newUser.isEmpty() || newPassword.isEmpty()) {
            throw new IllegalArgumentException("user and password must not be empty");
        }
        if (newUser.indexOf('\0') >= 0 || newPassword.indexOf('\0') >= 0) { // separates the two in AUTH PLAIN
            throw new IllegalArgumentException("user and password must be without NUL");
        }
        Draft draft = new Draft(this);
        draft.user = newUser;
        draft.password = newPassword;
        draft.accessToken = null;
        return new Upstream(draft);
    }

    /**
     * Logs in with an OAuth 2.0 access token, by OAUTHBEARER (RFC 7628) or, where that is not offered, XOAUTH2.
     *
     * @param newUser whose mailbox or account it is
     * @param newAccessToken asked at each new connection, on a thread of its own, from several at the same time; answers with
     *     a bearer token of RFC 6750 section 2.1, best from a cache. One that throws, gives none or takes longer than {@link
     *     UpstreamTimeouts#command()} makes the upstream unreachable, and is interrupted
     * @return a copy
     * @throws IllegalArgumentException when user is empty or has a control character, or the token would go in clear: with
     *     {@link #smtp}, call {@link #allowPlaintextAuth} first
     */
    public Upstream oauth(String newUser, Supplier<String> newAccessToken) {
        refuseInClear("accessToken"); // RFC 6750 section 5.3, RFC 7628 section 4
        if (newUser.isEmpty() || newUser.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("user must not be empty, and be without control characters");
        }
        Draft draft = new Draft(this);
        draft.user = newUser;
        draft.password = "";
        draft.accessToken = Objects.requireNonNull(newAccessToken, "accessToken");
        return new Upstream(draft);
    }

    private void refuseInClear(String parameter) {
        if (security == Security.NONE && !plaintextAuth) {
            throw new IllegalArgumentException(parameter + " would go in clear to " + this
                    + ": use startTls(...) or smtps(...), or call allowPlaintextAuth() first");
        }
    }

    /**
     * Trusts what this context trusts, and shows its client certificate. Default: the JVM's trust.
     *
     * @param context the TLS material
     * @return a copy
     */
    public Upstream tls(SSLContext context) {
        Draft draft = new Draft(this);
        draft.tls = Objects.requireNonNull(context, "context");
        return new Upstream(draft);
    }

    /**
     * Takes any certificate that is trusted, whatever host it is for. For tests and servers without a right name.
     *
     * @return a copy
     */
    public Upstream withoutHostNameCheck() {
        Draft draft = new Draft(this);
        draft.verifyHostName = false;
        return new Upstream(draft);
    }

    /**
     * Sets how long to wait, step by step. Default: {@link UpstreamTimeouts#defaults()}.
     *
     * @param newTimeouts for instance {@code UpstreamTimeouts.defaults().withConnect(Duration.ofSeconds(5))}
     * @return a copy
     */
    public Upstream timeouts(UpstreamTimeouts newTimeouts) {
        Draft draft = new Draft(this);
        draft.timeouts = Objects.requireNonNull(newTimeouts, "timeouts");
        return new Upstream(draft);
    }

    /**
     * Sets how many connections there are. A message that finds all of them in use waits, first come first served, and so
     * does one for which the server takes no further connection beside those that are open. Defaults: 0, 100 and 30 s.
     *
     * @param min kept open also when there are no messages, so that none has to wait for a handshake; a thread looks after
     *     them
     * @param max at a time
     * @param maxWait how long a message waits before the client is told {@link
     *     dev.postern.spi.StandardReply#UPSTREAM_UNREACHABLE}; positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when one is out of its bounds
     */
    public Upstream connections(int min, int max, Duration maxWait) {
        if (max < 1) {
            throw new IllegalArgumentException("max must be 1 or more, but is " + max);
        }
        if (min < 0 || min > max) {
            throw new IllegalArgumentException("min must be 0 to max (" + max + "), but is " + min);
        }
        Limits.time("maxWait", maxWait);
        return with(pooling ->
                new Pooling(min, max, maxWait, pooling.maxIdleTime(), pooling.maxMessages(), pooling.maxAge()));
    }

    /**
     * Sets how long a connection above the minimum is kept for the next message. Default: 60 s.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when time is out of its bounds
     */
    public Upstream keepIdle(Duration time) {
        Limits.time("time", time);
        return with(pooling -> new Pooling(
                pooling.min(), pooling.max(), pooling.maxWait(), time, pooling.maxMessages(), pooling.maxAge()));
    }

    /**
     * Sets when a connection has done its share: then a fresh one takes its place, and finds a server that was added or moved
     * meanwhile. Defaults: 1000 messages and 10 min.
     *
     * @param messages 1 or more; 1 for a connection a message
     * @param age positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when one is out of its bounds
     */
    public Upstream renewAfter(int messages, Duration age) {
        if (messages < 1) {
            throw new IllegalArgumentException("messages must be 1 or more, but is " + messages);
        }
        Limits.time("age", age);
        return with(pooling ->
                new Pooling(pooling.min(), pooling.max(), pooling.maxWait(), pooling.maxIdleTime(), messages, age));
    }

    private Upstream with(UnaryOperator<Pooling> change) {
        Draft draft = new Draft(this);
        draft.pooling = change.apply(pooling);
        return new Upstream(draft);
    }

    /**
     * Leaves the upstream alone for a while when it cannot be reached, so that messages need not wait for it and go to
     * another one at once, or are refused at once. After the pause one message tries it, a single one at a time. Default: 5
     * attempts, and pauses of 50 ms that double up to 1 s.
     *
     * @param failures so many attempts to connect, with TLS and login, must have failed in a row; {@link
     *     Integer#MAX_VALUE} for never
     * @param pause positive, a day at most; how long an upstream that is back may be left alone still, so keep it short,
     *     above all for a single upstream. When the login is refused, one attempt is enough and the pause is 10 s at least
     * @return a copy
     * @throws IllegalArgumentException when one is out of its bounds
     */
    public Upstream circuitBreaker(int failures, Duration pause) {
        Limits.time("pause", pause);
        return circuitBreaker(failures, pause, pause);
    }

    /**
     * The same with pauses that grow: an upstream that was only restarted is found again soon, and one that is away for
     * long is seldom tried.
     *
     * @param failures as above
     * @param firstPause positive; until the first message tries the upstream again. Each one that fails doubles the pause
     * @param longestPause the first pause at least, a day at most; how long an upstream that is back may be left alone still
     * @return a copy
     * @throws IllegalArgumentException when one is out of its bounds
     */
    public Upstream circuitBreaker(int failures, Duration firstPause, Duration longestPause) {
        Limits.atLeast("failures", 1, failures);
        Limits.time("firstPause", firstPause);
        Limits.time("longestPause", longestPause);
        if (longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "longestPause must be firstPause (" + firstPause + ") at least, not " + longestPause);
        }
        Draft draft = new Draft(this);
        draft.circuit = new Circuit(failures, firstPause, longestPause);
        return new Upstream(draft);
    }

    /**
     * Keeps the limits that the upstream's provider has set for us. Default: none. No more messages at once than there are
     * connections: one whose turn has come should not wait, and those that wait are sent together later.
     *
     * @param newLimits how much the upstream may be given
     * @return a copy
     */
    public Upstream limits(DeliveryLimits newLimits) {
        Draft draft = new Draft(this);
        draft.limits = Objects.requireNonNull(newLimits, "limits");
        return new Upstream(draft);
    }

    Optional<DeliveryLimits> limits() {
        return Optional.ofNullable(limits)
                .map(wanted -> wanted.withMessagesAtOnce(Math.min(wanted.messagesAtOnce(), pooling.max())));
    }

    UpstreamPool.Settings settings(String heloName) {
        return new UpstreamPool.Settings(
                host,
                port,
                security,
                security == Security.NONE ? null : tls == null ? jvmTrust() : tls,
                verifyHostName,
                user,
                password,
                accessToken,
                timeouts,
                pooling,
                heloName,
                circuit);
    }

    /** Returns scheme, host and port. */
    @Override
    public String toString() {
        String scheme = switch (security) {
            case NONE, STARTTLS_IF_OFFERED -> "smtp";
            case STARTTLS_REQUIRED -> "smtp+starttls";
            case IMPLICIT_TLS -> "smtps";
        };
        return scheme + "://" + Printable.hostAndPort(host, port);
    }

    private static SSLContext jvmTrust() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no default TLS; give the upstream a context by tls(...)", e);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException notOne() {
        return new IllegalArgumentException("uri must be like smtp://host:25, smtp+starttls://user:password@host:587 or"
                + " smtps://user:password@host:465, with user and password percent-encoded");
    }

    /** The values while a copy is made. */
    private static final class Draft {
        private final String host;
        private final int port;
        private final Security security;
        private boolean plaintextAuth;
        private String user = "";
        private String password = "";
        private @Nullable Supplier<String> accessToken;
        private @Nullable SSLContext tls;
        private boolean verifyHostName = true;
        private UpstreamTimeouts timeouts = UpstreamTimeouts.defaults();
        private Pooling pooling =
                new Pooling(0, 100, Duration.ofSeconds(30), Duration.ofSeconds(60), 1000, Duration.ofMinutes(10));
        private Circuit circuit = DEFAULT_CIRCUIT;
        private @Nullable DeliveryLimits limits;

        private Draft(String host, int port, Security security) {
            if (host.isBlank()) {
                throw new IllegalArgumentException("host must not be blank");
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port must be 1 to 65535, not " + port);
            }
            this.host = host;
            this.port = port;
            this.security = security;
        }

        private Draft(Upstream from) {
            this(from.host, from.port, from.security);
            plaintextAuth = from.plaintextAuth;
            user = from.user;
            password = from.password;
            accessToken = from.accessToken;
            tls = from.tls;
            verifyHostName = from.verifyHostName;
            timeouts = from.timeouts;
            pooling = from.pooling;
            circuit = from.circuit;
            limits = from.limits;
        }
    }
}
