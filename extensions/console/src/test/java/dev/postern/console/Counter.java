package dev.postern.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A server elsewhere, which counts what is asked of it. Its one page is the hostile mail's HTML as it is. */
final class Counter implements AutoCloseable {

    private static final String PAGE = "/page";

    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer server;

    Counter() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestURI().getPath().equals(PAGE)) {
                byte[] page = Hostile.html(address()).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
                return;
            }
            requests.incrementAndGet();
            exchange.sendResponseHeaders(404, -1);
        }
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String hostilePage() {
        return address() + PAGE;
    }

    int requests() {
        return requests.get();
    }

    void forget() {
        requests.set(0);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
