package dev.postern.management;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may monitor and control a relay. A request is always refused when a browser reports that another site's page made
 * it, but links are allowed. Immutable; {@link #toString()} does not show the token.
 */
public final class ManagementAccess {

    /** What a request may do. */
    enum Right {
        ALL,
        /** Only ask whether the relay is well, without the reasons. */
        STATUS,
        /** Nothing until it has the token. */
        NOTHING,
        /** Nothing, because it comes from another site. */
        FOREIGN
    }

    private enum Kind {
        LOOPBACK,
        TOKEN,
        APPLICATION
    }

    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{16,1024}");
    private static final Pattern BEARER = Pattern.compile("bearer +(\\S+) *", Pattern.CASE_INSENSITIVE); // RFC 6750
    private static final Pattern HOST = Pattern.compile("(\\[[^\\[\\]]*]|[^:]*)(?::[0-9]+)?");
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final Kind kind;
    private final byte[] tokenHash;

    private ManagementAccess(Kind kind, byte[] tokenHash) {
        this.kind = kind;
        this.tokenHash = tokenHash;
    }

    /**
     * Allows everyone who can connect, for a server that listens on a loopback address. A request whose Host is not a
     * loopback address comes from a page whose name was pointed here (DNS rebinding), and is refused.
     *
     * @return the access
     */
    public static ManagementAccess loopback() {
        return new ManagementAccess(Kind.LOOPBACK, new byte[0]);
    }

    /**
     * Allows requests with a token, as {@code Authorization: Bearer TOKEN}. Without it, only {@code GET /health} is
     * answered, with only the status, for health probes.
     *
     * @param token 16 to 1024 printable US-ASCII characters without blanks; preferably random
     * @return the access
     * @throws IllegalArgumentException when the token has another form; the message does not repeat it
     */
    public static ManagementAccess token(String token) {
        if (!TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException(
                    "token must have 16 to 1024 printable US-ASCII characters and no blanks");
        }
        return new ManagementAccess(Kind.TOKEN, hash(token));
    }

    /**
     * Allows every request, for an application that has already checked it.
     *
     * @return the access
     */
    public static ManagementAccess checkedByApplication() {
        return new ManagementAccess(Kind.APPLICATION, new byte[0]);
    }

    boolean isTokenNeeded() {
        return kind == Kind.TOKEN;
    }

    Right of(ManagementRequest request) {
        if (kind == Kind.LOOPBACK && !isLoopback(request.header("host"))) {
            return Right.FOREIGN;
        }
        if (isOfAnotherSite(request) && !isLink(request)) {
            return Right.FOREIGN;
        }
        if (kind == Kind.TOKEN && !isShown(request)) {
            return READING.contains(request.method()) && request.path().equals("/health")
                    ? Right.STATUS
                    : Right.NOTHING;
        }
        return Right.ALL;
    }

    private static boolean isLoopback(Optional<String> host) {
        Matcher parts = HOST.matcher(host.orElse("").toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return false;
        }
        String name = parts.group(1);
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }

    /** Browsers report where a request comes from: newer ones in Sec-Fetch-Site, all in Origin. Programs do not. */
    private static boolean isOfAnotherSite(ManagementRequest request) {
        String site = request.header("sec-fetch-site").orElse("none");
        if (!site.equals("none") && !site.equals("same-origin")) {
            return true;
        }
        Optional<String> origin = request.header("origin");
        String host = request.header("host").orElse("");
        return origin.isPresent()
                && !origin.get().equalsIgnoreCase("http://" + host)
                && !origin.get().equalsIgnoreCase("https://" + host);
    }

    /** A followed link is harmless: the other site's page cannot see the answer, and nothing is changed. */
    private static boolean isLink(ManagementRequest request) {
        return READING.contains(request.method())
                && request.header("origin").isEmpty() // which a script's request has
                && request.header("sec-fetch-mode").orElse("navigate").equals("navigate")
                && request.header("sec-fetch-dest").orElse("document").equals("document");
    }

    private boolean isShown(ManagementRequest request) {
        Matcher bearer = BEARER.matcher(request.header("authorization").orElse(""));
        // of hashes, so that neither what is right nor how long it is can be timed
        return bearer.matches() && MessageDigest.isEqual(hash(bearer.group(1)), tokenHash);
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Returns only the kind of access. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
