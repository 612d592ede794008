package dev.postern.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A server elsewhere, which counts what is asked of it. Its pages are the hostile mail's HTML and traps, as they are. */
final class Counter implements AutoCloseable {

    private static final String PAGE = "/page";
    private static final String TRAPS = "/traps";
    private static final Pattern TRAP = Pattern.compile("/trap/([0-9]+)");
    private static final Pattern HIT = Pattern.compile("/hit/([0-9]+)(/.*)?");

    private final AtomicInteger requests = new AtomicInteger();
    private final Set<Integer> hits = new ConcurrentSkipListSet<>();
    private final HttpServer server;

    Counter() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Matcher trap = TRAP.matcher(path);
            if (path.equals(PAGE)) {
                page(exchange, Hostile.html(address()));
            } else if (path.equals(TRAPS)) {
                page(
                        exchange,
                        IntStream.range(0, Traps.number())
                                .mapToObj(each -> "<iframe src=/trap/" + each + "></iframe>")
                                .collect(Collectors.joining()));
            } else if (trap.matches()) {
                int number = Integer.parseInt(trap.group(1));
                page(exchange, Traps.html(number, hit(number)));
            } else {
                requests.incrementAndGet();
                Matcher hit = HIT.matcher(path);
                if (hit.matches()) {
                    hits.add(Integer.parseInt(hit.group(1)));
                }
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private static void page(HttpExchange exchange, String html) throws IOException {
        byte[] page = html.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page);
    }

    /** What a trap asks for. */
    String hit(int trap) {
        return address() + "/hit/" + trap;
    }

    /** Traps that have worked. */
    Set<Integer> hits() {
        return hits;
    }

    String traps() {
        return address() + TRAPS;
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
        hits.clear();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
