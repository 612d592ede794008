package dev.postern.management;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request as read by an HTTP server, without a body. Immutable if its headers are. */
public final class ManagementRequest {

    private final String method;
    private final String path;
    private final String query;
    private final Function<String, @Nullable String> headers;

    private ManagementRequest(String method, String path, String query, Function<String, @Nullable String> headers) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = headers;
    }

    /**
     * Creates a request.
     *
     * @param method for instance {@code GET}
     * @param path the decoded path relative to where {@link Management} is mounted, beginning with a slash: {@code
     *     /health}
     * @param query the part after the question mark, not decoded; empty when there is none
     * @param headers returns the first value of a header, null when there is none; called with names in lower case
     * @return the request
     */
    public static ManagementRequest of(
            String method, String path, String query, Function<String, @Nullable String> headers) {
        return new ManagementRequest(
                method.toUpperCase(Locale.ROOT),
                path,
                Objects.requireNonNull(query, "query"),
                Objects.requireNonNull(headers, "headers"));
    }

    /** {@return the method in upper case, for instance {@code GET}} */
    public String method() {
        return method;
    }

    /** {@return the decoded path} */
    public String path() {
        return path;
    }

    /**
     * Reads the query, which may have at most 8192 octets.
     *
     * @param known the names allowed, each at most once
     * @return the decoded values by name, of the names present
     * @throws IllegalArgumentException when there is any other name; if passed on, it becomes a response 400
     */
    public Map<String, String> parameters(String... known) {
        return Query.of(this, known).values();
    }

    String query() {
        return query;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.apply(name));
    }

    /** Returns method and path. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
