package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.QuotaPlan;
import dev.postern.tools.OnAnyJdk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages beside the endpoints, and events that go on. */
@OnAnyJdk
class PagesTest {

    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final byte[] MUCH = new byte[8 << 20];

    private final AtomicInteger events = new AtomicInteger();
    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .auth(AuthSettings.passwords(Authenticator.of(Map.of("ann@example.org", "secret")))
                    .withPlaintext())
            .quota(QuotaPlan.perDay(1000))
            .delivery(submission -> DeliveryResult.deferred("nobody", Reason.FAILED, "not today"))
            .start();
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore end = new Semaphore(0);
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** Everybody may see /page, who shows the token /events and /much. */
    private final ManagementPages pages = new ManagementPages() {
        @Override
        public Optional<ManagementResponse> open(ManagementRequest request) {
            return request.path().equals("/page")
                    ? Optional.of(ManagementResponse.of(
                                    200,
                                    "text/html",
                                    request.parameters("name")
                                            .getOrDefault("name", "nobody")
                                            .getBytes(StandardCharsets.UTF_8))
                            .with("Content-Security-Policy", "default-src 'self'"))
                    : Optional.empty();
        }

        @Override
        public Optional<ManagementResponse> guarded(ManagementRequest request) {
            return switch (request.path()) {
                case "/events" ->
                    event(("data: " + events.incrementAndGet() + "\n\n").getBytes(StandardCharsets.UTF_8));
                case "/much" -> event(MUCH);
                case "/late" -> late();
                default -> Optional.empty();
            };
        }
    };

    private Optional<ManagementResponse> late() {
        begun.release();
        end.acquireUninterruptibly();
        return Optional.of(ManagementResponse.of(200, "text/plain", new byte[0]));
    }

    private static Optional<ManagementResponse> event(byte[] body) {
        return Optional.of(ManagementResponse.of(200, "text/event-stream", body));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        relay.stop(Duration.ZERO);
    }

    private ManagementServer server(ManagementAccess access) throws IOException {
        return server(access, Duration.ofSeconds(10));
    }

    private ManagementServer server(ManagementAccess access, Duration deadline) throws IOException {
        ManagementServer server = ManagementServer.start(
                "127.0.0.1", 0, Management.of(relay, access).withPages(pages), deadline, Duration.ofMillis(50));
        opened.add(server);
        return server;
    }

    private Socket asking(ManagementServer server, String path) throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        opened.add(socket);
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static String lineWith(BufferedReader in, String beginning) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
        }
        throw new AssertionError("the stream ends without " + beginning);
    }

    @Test
    void whatIsNoSecretIsServedBeforeTheToken() throws IOException {
        Client guarded = new Client(server(ManagementAccess.token(TOKEN)).address());
        Client.Answer page = guarded.askUnknown("GET", "/page?name=ann");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.response().body()).isEqualTo("ann");
        assertThat(page.response().headers().map())
                .containsEntry("content-security-policy", List.of("default-src 'self'"))
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsEntry("referrer-policy", List.of("no-referrer"))
                .containsEntry("cross-origin-resource-policy", List.of("same-origin"));
        assertThat(guarded.askUnknown("GET", "/events").status()).isEqualTo(401);
        assertThat(guarded.askUnknown("GET", "/nothing").status()).isEqualTo(401);
        assertThat(guarded.askUnknown("GET", "/nothing", "Authorization", "Bearer " + TOKEN)
                        .status())
                .isEqualTo(404);
        assertThat(guarded.askUnknown("GET", "/page?nam=ann").status()).isEqualTo(400);
        assertThat(events).hasValue(0);
    }

    @Test
    void everyAnswerForbidsWhatABrowserCouldDoWithIt() throws IOException {
        Client client = new Client(server(ManagementAccess.loopback()).address());
        for (String path : List.of("/health", "/sessions", "/nothing", "/quota?account=a")) {
            assertThat(client.askUnknown("GET", path).response().headers().map())
                    .containsEntry("content-security-policy", List.of("default-src 'none'; frame-ancestors 'none'"));
        }
        assertThatThrownBy(() -> ManagementResponse.error(400, "").with("X", "a\r\nY: b"))
                .hasMessageStartingWith("value must");
    }

    @ParameterizedTest
    @CsvSource({
        "cross-site, cors, empty, 403",
        "cross-site, no-cors, empty, 403",
        "same-site, no-cors, script, 403",
        "cross-site, navigate, iframe, 403",
        "cross-site, navigate, document, 200",
        "same-origin, cors, empty, 200",
        "none, navigate, document, 200"
    })
    void anotherSitesPageReadsNothing(String site, String mode, String destination, int status) throws IOException {
        Client client = new Client(server(ManagementAccess.loopback()).address());
        String head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: " + site
                + "\r\nSec-Fetch-Mode: " + mode + "\r\nSec-Fetch-Dest: " + destination + "\r\n\r\n";
        for (String path : List.of("/health", "/sessions", "/page")) {
            assertThat(client.raw("GET " + path + head)).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void aLinkFromElsewhereChangesNothing() throws IOException {
        Client client = new Client(server(ManagementAccess.loopback()).address());
        assertThat(client.raw("POST /pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    void eventsGoOnToManyClientsAndTheNextOneIsTold() throws IOException {
        ManagementServer server = server(ManagementAccess.loopback());
        List<Socket> streams = new ArrayList<>();
        for (int i = 0; i < EventStreams.MOST; i++) {
            Socket socket = asking(server, "/events");
            streams.add(socket);
            assertThat(lineWith(reader(socket), "HTTP/1.1")).contains("200");
        }
        for (Socket socket : streams) {
            BufferedReader in = reader(socket);
            String first = lineWith(in, "data: ");
            assertThat(lineWith(in, "data: ")).isNotEqualTo(first);
        }
        assertThat(lineWith(reader(asking(server, "/events")), "HTTP/1.1")).contains("503");
        Client client = new Client(server.address());
        assertThat(client.askUnknown("HEAD", "/events").status()).isEqualTo(200);
        assertThat(client.ask("GET", "/health").status()).isEqualTo(200);

        streams.get(0).close();
        awaitPlace(server);
    }

    /** A place is free when the next event could not be written. */
    private void awaitPlace(ManagementServer server) throws IOException {
        while (!lineWith(reader(asking(server, "/events")), "HTTP/1.1").contains("200")) {
            assertThat(new Client(server.address()).ask("GET", "/health").status())
                    .isEqualTo(200);
        }
    }

    /** It fills its connection's buffers, and reads none of it. */
    @Test
    void aBrowserThatReadsNothingIsCutAndHoldsNobodyUp() throws IOException {
        ManagementServer server = server(ManagementAccess.loopback(), Duration.ofSeconds(3));
        for (int i = 0; i < EventStreams.MOST; i++) {
            byte[] status = asking(server, i < EventStreams.MOST - 2 ? "/events" : "/much")
                    .getInputStream()
                    .readNBytes("HTTP/1.1 200".length());
            assertThat(new String(status, StandardCharsets.US_ASCII)).endsWith("200");
        }
        assertThat(lineWith(reader(asking(server, "/events")), "HTTP/1.1")).contains("503");
        awaitPlace(server);
    }

    /** The time for a request's header is not that for an event. */
    @Test
    void aBrowserThatReadsAnEventLateGetsAllOfIt() throws Exception {
        Socket socket = asking(server(ManagementAccess.loopback(), Duration.ofSeconds(10)), "/much");
        byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
        assertThat(new String(status, StandardCharsets.US_ASCII)).endsWith("200");
        boolean unused = new CountDownLatch(1).await(2500, TimeUnit.MILLISECONDS); // over a fifth of the time
        assertThat(socket.getInputStream().readNBytes(MUCH.length)).hasSize(MUCH.length);
    }

    @Test
    void tellsAnAccountsQuota() throws IOException {
        Client client = new Client(server(ManagementAccess.loopback()).address());
        Client.Answer quota = client.ask("GET", "/quota?account=Example.ORG");
        assertThat(quota.status()).isEqualTo(200);
        assertThat(quota.json().get("limit").getAsLong()).isEqualTo(1000);
        assertThat(quota.json().get("used").getAsLong()).isZero();
        assertThat(client.ask("GET", "/quota").status()).isEqualTo(400);
        assertThat(client.ask("GET", "/quota?account=").status()).isEqualTo(400);
    }

    /** They stand in memory until they are sent, which slow clients put off; who looks whether the relay lives is not to wait. */
    @Test
    void fewAnswersThatMayBeLargeAreMadeAtATime() throws IOException {
        ManagementServer server = server(ManagementAccess.loopback());
        List<Socket> first = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            first.add(asking(server, "/late"));
        }
        begun.acquireUninterruptibly(4);
        Client client = new Client(server.address());
        Socket fifth = asking(server, "/sessions");
        assertThat(client.ask("GET", "/health").status()).isEqualTo(200);
        assertThat(reader(fifth).readLine()).startsWith("HTTP/1.1 503");
        end.release(4);
        for (Socket each : first) {
            assertThat(reader(each).readLine()).startsWith("HTTP/1.1 200");
        }
        assertThat(client.ask("GET", "/sessions").status()).isEqualTo(200);
    }
}
