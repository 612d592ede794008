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
 * Who may watch and steer a relay. Whatever it is, a request is refused when a browser says that another site's page has made
 * it; but a link may lead here. Immutable; does not show the token.
 */
public final class ManagementAccess {

    /** What a request may do. */
    enum Right {
        ALL,
        /** Ask whether the relay is well, without the reasons. */
        STATUS,
        /** Nothing, before it shows the token. */
        NOTHING,
        /** Nothing, for it was made elsewhere. */
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
     * Lets in whoever can connect, for a server that listens on a loopback address. A request whose Host is no loopback
     * address was sent by a page whose name was made to point here (DNS rebinding), and is refused.
     *
     * @return the access
     */
    public static ManagementAccess loopback() {
        return new ManagementAccess(Kind.LOOPBACK, new byte[0]);
    }

    /**
     * Lets in who shows a token, as {@code Authorization: Bearer TOKEN}. Without it, only {@code GET /health} is answered,
     * by the status alone, for probes.
     *
     * @param token 16 to 1024 printable US-ASCII characters without blanks; best random
     * @return the access
     * @throws IllegalArgumentException when the token is none; the message does not repeat it
     */
    public static ManagementAccess token(String token) {
        if (!TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException(
                    "token must have 16 to 1024 printable US-ASCII characters and no blanks");
        }
        return new ManagementAccess(Kind.TOKEN, hash(token));
    }

    /**
     * Lets every request in, for an application that has looked at it already.
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

    /** Browsers say where a request is from: the newer by Sec-Fetch-Site, all by Origin. Programs say nothing. */
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

    /** Somebody has followed a link: another site's page sees nothing of the answer, and nothing is changed. */
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

    /** Returns the kind alone. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
