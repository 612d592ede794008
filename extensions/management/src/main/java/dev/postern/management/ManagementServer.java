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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP server for {@link Management}: the JDK's own, which needs no other library and is updated with the JDK. It
 * answers 16 requests at a time; 64 more wait, and further ones are cut. Each has 2 seconds for its header, and from
 * there 10 to the response's last octet. Lists and pages are answered four at a time; a request that waits for a second
 * gets 503. Requests have no body. {@link ManagementPages Events} go to at most 64 clients, one event a second; a
 * client that does not take one within 10 seconds is cut. The JVM's system property {@code
 * jdk.httpserver.maxConnections} limits open connections; a silent one is closed after half a minute. There is no TLS:
 * to use it from other machines, put it behind a TLS proxy. Thread-safe.
 */
public final class ManagementServer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final String EVENTS = "text/event-stream";
    private static final int BACKLOG = 64;
    private static final int LARGE = 4;
    private static final long LARGE_WAIT_MILLIS = 1000;

    private final HttpServer server;
    private final BoundedExecutor executor;
    private final EventStreams streams;
    private final Semaphore large = new Semaphore(LARGE, true);
    private final Management management;

    private ManagementServer(HttpServer server, Management management, Duration deadline, Duration interval) {
        this.server = server;
        this.management = management;
        executor = new BoundedExecutor(deadline);
        streams = new EventStreams(interval, deadline);
    }

    /**
     * Starts a server.
     *
     * @param host an address or name of this machine; must be a loopback one unless {@code management} requires a token
     * @param port 0 to 65535, 0 for any free one
     * @param management answers the requests
     * @return the listening server
     * @throws IOException when it cannot listen there
     * @throws IllegalArgumentException when other machines could connect and no token is required
     */
    public static ManagementServer start(String host, int port, Management management) throws IOException {
        return start(host, port, management, DEADLINE, INTERVAL);
    }

    static ManagementServer start(String host, int port, Management management, Duration deadline, Duration interval)
            throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(Objects.requireNonNull(host, "host")); // of null it is the loopback address
        } catch (UnknownHostException e) {
            throw new IOException("there is no address of " + host, e);
        }
        if (!address.isLoopbackAddress() && !management.access().isTokenNeeded()) {
            throw new IllegalArgumentException("host " + host + " can be reached from elsewhere: ask for a token");
        }
        HttpServer http = HttpServer.create(new InetSocketAddress(address, port), BACKLOG);
        ManagementServer server = new ManagementServer(http, management, deadline, interval);
        http.setExecutor(server.executor);
        http.createContext("/", server::answer);
        http.start();
        return server;
    }

    private void answer(HttpExchange exchange) throws IOException {
        executor.begun();
        Headers asked = exchange.getRequestHeaders();
        if (hasBody(asked)) {
            send(exchange, Json.error(413, "a request has no body").with("Connection", "close"));
            return;
        }
        ManagementRequest request = request(exchange, asked);
        if (!management.mayBeLarge(request)) {
            answer(exchange, request);
        } else if (takeLarge()) {
            try {
                answer(exchange, request);
            } finally {
                large.release();
            }
        } else {
            send(
                    exchange,
                    Json.error(503, "others ask for much just now: ask again").with("Retry-After", "1"));
        }
    }

    /** Large responses are held in memory, which the relay needs, until they are sent: so only few at a time. */
    private boolean takeLarge() throws IOException {
        try {
            return large.tryAcquire(LARGE_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("closed while it waited", e);
        }
    }

    private void answer(HttpExchange exchange, ManagementRequest request) throws IOException {
        ManagementResponse response = management.answer(request);
        boolean isStream = EVENTS.equals(response.headers().get("Content-Type")) && !isHead(exchange);
        if (!isStream) {
            send(exchange, response);
            return;
        }
        response.headers().forEach(exchange.getResponseHeaders()::set);
        if (!streams.take(exchange, response, () -> management.answer(request))) {
            send(exchange, Json.error(503, "there are " + EventStreams.MOST + " streams of events already"));
        }
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private static void send(HttpExchange exchange, ManagementResponse response) throws IOException {
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            response.headers().forEach(headers::set);
            byte[] body = response.octets();
            if (isHead(exchange)) {
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
     * @return the address, with the actual port
     */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Stops listening, and cuts running requests. */
    @Override
    public void close() {
        server.stop(0);
        executor.close();
        streams.close();
    }
}
