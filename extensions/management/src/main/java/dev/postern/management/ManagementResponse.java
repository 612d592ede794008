package dev.postern.management;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The response for an HTTP server to send. Immutable. */
public final class ManagementResponse {

    private static final Map<String, String> ALWAYS = Map.of(
            "Cache-Control", "no-store",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private ManagementResponse(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /**
     * Creates a response with headers that forbid browsers to cache, sniff, frame or run it, or to show it to another
     * site; {@link #with} can relax that.
     *
     * @param status for instance 200
     * @param contentType the type of the body, with its charset
     * @param body the body; copied
     * @return the response
     */
    public static ManagementResponse of(int status, String contentType, byte[] body) {
        return own(status, contentType, body.clone());
    }

    static ManagementResponse of(int status, String contentType, String text) {
        return own(status, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Takes over a body that no one else holds. */
    static ManagementResponse own(int status, String contentType, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>(ALWAYS);
        headers.put("Content-Type", contentType);
        return new ManagementResponse(status, Map.copyOf(headers), body);
    }

    /**
     * Creates an error response in this endpoint's form: a JSON object with the member {@code error}.
     *
     * @param status for instance 404
     * @param says what is wrong, for people
     * @return the response
     */
    public static ManagementResponse error(int status, String says) {
        return Json.error(status, says);
    }

    /**
     * Sets a header; replaces one with the same spelling.
     *
     * @param header the header's name
     * @param value the header's value, without line breaks
     * @return a copy
     * @throws IllegalArgumentException when the value has a control character
     */
    public ManagementResponse with(String header, String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new IllegalArgumentException("value must have no control character");
        }
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
     * Returns the headers, all of which a server must send.
     *
     * @return values by name; without Content-Length
     */
    public Map<String, String> headers() {
        return headers;
    }

    /**
     * Returns the body.
     *
     * @return a copy; must not be sent when the method was HEAD
     */
    public byte[] body() {
        return body.clone();
    }

    /** Returns what {@link #body} copies, so that many clients can share one body. Must not be changed. */
    byte[] octets() {
        return body;
    }

    /** Returns the status. */
    @Override
    public String toString() {
        return Integer.toString(status);
    }
}
