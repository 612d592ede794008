package dev.postern.management;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What an HTTP server has read of a request; there is no body. Immutable when its headers are. */
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
     * Makes a request.
     *
     * @param method for instance {@code GET}
     * @param path the path behind where {@link Management} is mounted, decoded, beginning with a slash: {@code /health}
     * @param query what is behind the question mark, not decoded; empty when there is none
     * @param headers gives the first value of a header, null when there is none; names are asked in lower case
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

    /** {@return for instance {@code GET}, in upper case} */
    public String method() {
        return method;
    }

    /** {@return the path, decoded} */
    public String path() {
        return path;
    }

    /**
     * Reads the query, which has 8192 octets at most.
     *
     * @param known the names that it may have, each once
     * @return values by name, decoded, of those that it has
     * @throws IllegalArgumentException when it has another one; thrown on, it becomes a response 400
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
