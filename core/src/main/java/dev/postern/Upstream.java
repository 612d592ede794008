package dev.postern;

import dev.postern.internal.upstream.UpstreamPool;
import dev.postern.internal.upstream.UpstreamPool.Security;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server that takes the relay's messages, and how to talk with it. Immutable: each method returns a changed copy.
 * {@link #toString()} does not show the password.
 */
public final class Upstream {

    private static final Duration DEFAULT_CONNECT = Duration.ofSeconds(30);
    private static final Duration DEFAULT_COMMAND = Duration.ofMinutes(2);
    // shorter than the ten minutes that a client waits for us (RFC 5321 section 4.5.3.2.6)
    private static final Duration DEFAULT_DATA = Duration.ofMinutes(5);

    private final String host;
    private final int port;
    private final Security security;
    private final String user;
    private final String password;
    private final @Nullable SSLContext tls;
    private final boolean verifyHostName;
    private final Duration connectTimeout;
    private final Duration commandTimeout;
    private final Duration dataTimeout;
    private final int maxIdleConnections;
    private final Duration maxIdleTime;

    private Upstream(Draft draft) {
        host = draft.host;
        port = draft.port;
        security = draft.security;
        user = draft.user;
        password = draft.password;
        tls = draft.tls;
        verifyHostName = draft.verifyHostName;
        connectTimeout = draft.connectTimeout;
        commandTimeout = draft.commandTimeout;
        dataTimeout = draft.dataTimeout;
        maxIdleConnections = draft.maxIdleConnections;
        maxIdleTime = draft.maxIdleTime;
    }

    /**
     * A server in clear, credentials included.
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
     * @throws IllegalArgumentException when the URI is none of these; the message does not repeat the password
     */
    public static Upstream of(String uri) {
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
            case "smtp" -> smtp(host, port < 0 ? 25 : port);
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
     * Logs in with AUTH PLAIN or LOGIN.
     *
     * @param newUser the name
     * @param newPassword the password
     * @return a copy
     * @throws IllegalArgumentException when one is empty
     */
    public Upstream login(String newUser, String newPassword) {
        if (newUser.isEmpty() || newPassword.isEmpty()) {
            throw new IllegalArgumentException("user and password must not be empty");
        }
        if (newUser.indexOf('\0') >= 0 || newPassword.indexOf('\0') >= 0) { // separates the two in AUTH PLAIN
            throw new IllegalArgumentException("user and password must be without NUL");
        }
        Draft draft = new Draft(this);
        draft.user = newUser;
        draft.password = newPassword;
        return new Upstream(draft);
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
     * Sets how long to wait. Defaults: 30 s, 2 min, 5 min; a client waits ten minutes for the relay (RFC 5321 section
     * 4.5.3.2.6).
     *
     * @param connect for each of connecting, TLS handshake, greeting, EHLO and login
     * @param command for each of MAIL, RCPT and DATA
     * @param data for the content, and again for the reply to its end
     * @return a copy
     * @throws IllegalArgumentException when one is not positive or over a day
     */
    public Upstream timeouts(Duration connect, Duration command, Duration data) {
        Draft draft = new Draft(this);
        draft.connectTimeout = Limits.time("connect", connect);
        draft.commandTimeout = Limits.time("command", command);
        draft.dataTimeout = Limits.time("data", data);
        return new Upstream(draft);
    }

    /**
     * Sets how many connections are kept for the next messages, and how long. Defaults: 50 and 60 s.
     *
     * @param connections 0 for none
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when connections is negative or time out of its bounds
     */
    public Upstream keepIdle(int connections, Duration time) {
        if (connections < 0) {
            throw new IllegalArgumentException("connections must not be negative, but is " + connections);
        }
        Draft draft = new Draft(this);
        draft.maxIdleConnections = connections;
        draft.maxIdleTime = Limits.time("time", time);
        return new Upstream(draft);
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
                connectTimeout,
                commandTimeout,
                dataTimeout,
                maxIdleConnections,
                maxIdleTime,
                heloName);
    }

    /** Returns scheme, host and port. */
    @Override
    public String toString() {
        String scheme = switch (security) {
            case NONE, STARTTLS_IF_OFFERED -> "smtp";
            case STARTTLS_REQUIRED -> "smtp+starttls";
            case IMPLICIT_TLS -> "smtps";
        };
        return scheme + "://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
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
        private String user = "";
        private String password = "";
        private @Nullable SSLContext tls;
        private boolean verifyHostName = true;
        private Duration connectTimeout = DEFAULT_CONNECT;
        private Duration commandTimeout = DEFAULT_COMMAND;
        private Duration dataTimeout = DEFAULT_DATA;
        private int maxIdleConnections = 50;
        private Duration maxIdleTime = Duration.ofSeconds(60);

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
            user = from.user;
            password = from.password;
            tls = from.tls;
            verifyHostName = from.verifyHostName;
            connectTimeout = from.connectTimeout;
            commandTimeout = from.commandTimeout;
            dataTimeout = from.dataTimeout;
            maxIdleConnections = from.maxIdleConnections;
            maxIdleTime = from.maxIdleTime;
        }
    }
}
