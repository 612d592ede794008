package dev.postern.management;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an HTTP server answers. Immutable. */
public final class ManagementResponse {

    private static final Map<String, String> ALWAYS = Map.of(
            "Cache-Control", "no-store",
            "X-Content-Type-Options", "nosniff",
            "Content-Security-Policy", "default-src 'none'");

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private ManagementResponse(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    static ManagementResponse of(int status, String contentType, String text) {
        Map<String, String> headers = new LinkedHashMap<>(ALWAYS);
        headers.put("Content-Type", contentType);
        return new ManagementResponse(status, Map.copyOf(headers), text.getBytes(StandardCharsets.UTF_8));
    }

    ManagementResponse with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new ManagementResponse(status, Map.copyOf(more), body);
    }

    /**
     * Returns the status.
     *
     * @return for instance 200
     */
    public int status() {
        return status;
    }

    /**
     * Returns the headers, all of which a server has to send.
     *
     * @return values by name; without Content-Length
     */
    public Map<String, String> headers() {
        return headers;
    }

    /**
     * Returns the body.
     *
     * @return a copy; not to be sent when the method was HEAD
     */
    public byte[] body() {
        return body.clone();
    }

    /** Returns the status. */
    @Override
    public String toString() {
        return Integer.toString(status);
    }
}
