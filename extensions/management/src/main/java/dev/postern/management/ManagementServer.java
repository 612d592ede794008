package dev.postern.management;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;

/**
 * An HTTP server for {@link Management}: the JDK's own, which needs no further library and is mended with it. Four requests
 * are answered at a time, 64 more wait, and further ones are cut; each has 10 seconds from its first octet to its answer's last
 * one. Requests have no body. How many connections may be open is for the JVM to say, by its system property {@code
 * jdk.httpserver.maxConnections}; one that says nothing is closed after half a minute. In clear: beyond this machine, put
 * it behind TLS. Safe for use by several threads.
 */
public final class ManagementServer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final BoundedExecutor executor;

    private ManagementServer(HttpServer server, BoundedExecutor executor) {
        this.server = server;
        this.executor = executor;
    }

    /**
     * Starts a server.
     *
     * @param host an address or name of this machine; a loopback one, unless {@code management} asks for a token
     * @param port 0 to 65535, 0 for any free one
     * @param management what it answers
     * @return the server, which listens
     * @throws IOException when it cannot listen there
     * @throws IllegalArgumentException when others than this machine could connect, and no token is asked for
     */
    public static ManagementServer start(String host, int port, Management management) throws IOException {
        return start(host, port, management, DEADLINE);
    }

    static ManagementServer start(String host, int port, Management management, Duration deadline) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("there is no address of " + host, e);
        }
        if (!address.isLoopbackAddress() && !management.access().isTokenNeeded()) {
            throw new IllegalArgumentException("host " + host + " can be reached from elsewhere: ask for a token");
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(address, port), BACKLOG);
        BoundedExecutor executor = new BoundedExecutor(deadline);
        server.setExecutor(executor);
        server.createContext("/", exchange -> answer(exchange, management));
        server.start();
        return new ManagementServer(server, executor);
    }

    private static void answer(HttpExchange exchange, Management management) throws IOException {
        try (exchange) {
            Headers asked = exchange.getRequestHeaders();
            ManagementResponse response = hasBody(asked)
                    ? Json.error(413, "a request has no body").with("Connection", "close")
                    : management.answer(request(exchange, asked));
            Headers headers = exchange.getResponseHeaders();
            response.headers().forEach(headers::set);
            byte[] body = response.body();
            if (exchange.getRequestMethod().equals("HEAD")) {
                headers.set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(response.status(), -1);
                return;
            }
            exchange.sendResponseHeaders(response.status(), body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private static boolean hasBody(Headers headers) {
        String length = headers.getFirst("Content-Length");
        return headers.containsKey("Transfer-Encoding") || length != null && !length.equals("0");
    }

    private static ManagementRequest request(HttpExchange exchange, Headers headers) {
        return ManagementRequest.of(
                exchange.getRequestMethod(),
                Objects.requireNonNullElse(exchange.getRequestURI().getPath(), "/"),
                Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), ""),
                headers::getFirst);
    }

    /**
     * Returns where it listens.
     *
     * @return the address, with the real port
     */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Stops listening, and cuts requests that are being answered. */
    @Override
    public void close() {
        server.stop(0);
        executor.close();
    }
}
