package dev.postern.management;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.postern.RelayState;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.Needs;
import dev.postern.tools.OnAnyJdk;
import dev.postern.tools.Tool;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints, asked by HTTP while sessions run. */
@Execution(ExecutionMode.CONCURRENT)
class ManagementTest {

    private static final String ANN = "ann@example.org";
    private static final String BOB = "bob@example.net";
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    private final FakeUpstream upstream = FakeUpstream.start();
    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .auth(AuthSettings.passwords(Authenticator.of(Map.of(ANN, "secret", BOB, "secret")))
                    .withPlaintext())
            .sessions(SessionLimits.defaults()
                    .withPerUser(100)
                    .withPerAccount(100)
                    .withPerAddress(1000))
            .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
            .start();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Client client = new Client(relay.addresses().get(0));

    @BeforeEach
    void start() throws IOException {
        client = new Client(
                server(Management.of(relay, ManagementAccess.loopback())).address());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        relay.stop(Duration.ZERO);
        upstream.close();
    }

    private ManagementServer server(Management management) throws IOException {
        ManagementServer server = ManagementServer.start("127.0.0.1", 0, management);
        opened.add(server);
        return server;
    }

    private SmtpProbe session(String user) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        opened.add(probe);
        assertThat(probe.readReply()).hasCode(220);
        probe.ehlo();
        assertThat(probe.authPlain(user, "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        return probe;
    }

    private List<JsonObject> sessions() {
        List<JsonObject> sessions = new ArrayList<>();
        client.ask("GET", "/sessions")
                .json()
                .getAsJsonArray("sessions")
                .forEach(each -> sessions.add(each.getAsJsonObject()));
        return sessions;
    }

    @OnAnyJdk
    @Test
    void theFileIsOpenApiAndHasTheEndpointsThatThereAre() {
        SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(OpenApi.text());
        assertThat(parsed.getMessages()).isEmpty();
        Map<String, List<String>> methods = new TreeMap<>();
        OpenApi.paths().properties().forEach(path -> {
            List<String> names = new ArrayList<>();
            path.getValue().fieldNames().forEachRemaining(name -> names.add(name.toUpperCase(Locale.ROOT)));
            names.sort(null);
            methods.put(path.getKey(), names);
        });
        assertThat(methods)
                .isEqualTo(Management.of(relay, ManagementAccess.loopback()).methods());
    }

    @Test
    void pausesAndResumesAndTheHealthSaysSo() {
        assertThat(client.ask("GET", "/health").status()).isEqualTo(200);
        assertThat(client.ask("GET", "/health").text("status")).isEqualTo("up");
        SmtpProbe before = session(ANN);

        Client.Answer paused = client.ask("POST", "/pause?reason=new%20disk");
        assertThat(paused.status()).isEqualTo(200);
        assertThat(paused.text("status")).isEqualTo("paused");
        Client.Answer health = client.ask("GET", "/health");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.json()
                        .getAsJsonArray("reasons")
                        .get(0)
                        .getAsJsonObject()
                        .get("detail")
                        .getAsString())
                .contains("new disk");
        try (SmtpProbe refused = SmtpProbe.connect("127.0.0.1", relay.port())) {
            assertThat(refused.readReply()).isStandardReply(StandardReply.SERVER_BUSY);
        }
        assertThat(before.mail(ANN)).isStandardReply(StandardReply.SENDER_OK);

        assertThat(client.ask("POST", "/resume").text("state")).isEqualTo("running");
        assertThat(client.ask("GET", "/health").status()).isEqualTo(200);
        session(BOB);
    }

    @Test
    void aStoppedRelayIsDown() {
        relay.stop(Duration.ZERO);
        Client.Answer health = client.ask("GET", "/health");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.text("status")).isEqualTo("down");
    }

    @Test
    void listsSessionsTheOldestFirst() {
        try (SmtpProbe stranger = SmtpProbe.connect("127.0.0.1", relay.port())) {
            assertThat(stranger.readReply()).hasCode(220);
            SmtpProbe ann = session(ANN);
            assertThat(ann.mail(ANN)).isStandardReply(StandardReply.SENDER_OK);
            List<JsonObject> all = sessions();
            assertThat(all).hasSize(2);
            assertThat(all.get(0).has("user")).isFalse();
            JsonObject session = all.get(1);
            assertThat(session.get("user").getAsString()).isEqualTo(ANN);
            assertThat(session.get("account").getAsString()).isEqualTo("example.org");
            assertThat(session.get("phase").getAsString()).isEqualTo("envelope");
            assertThat(session.get("port").getAsInt()).isEqualTo(ann.localPort());
            JsonObject one = client.ask("GET", "/sessions?limit=1").json();
            assertThat(one.get("count").getAsInt()).isEqualTo(2);
            assertThat(one.getAsJsonArray("sessions")).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?now=false", "?now=true"})
    void endsASession(String query) {
        SmtpProbe ann = session(ANN);
        String id = sessions().get(0).get("id").getAsString();
        assertThat(client.ask("DELETE", "/sessions/" + id + query).status()).isEqualTo(202);
        if (query.endsWith("true")) {
            assertThatThrownBy(ann::readReply).hasMessageContaining("closed by the server");
        } else {
            assertThat(ann.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
        }
        assertThat(client.ask("DELETE", "/sessions/nobody" + query).status()).isEqualTo(404);
    }

    @Test
    void revokesAUserAndAnAccountAndNobodyElse() {
        SmtpProbe first = session(ANN);
        SmtpProbe second = session(ANN);
        SmtpProbe bob = session(BOB);
        Client.Answer revoked = client.ask("POST", "/revoke?user=ANN%40example.org");
        assertThat(revoked.json().get("sessions").getAsInt()).isEqualTo(2);
        assertThat(revoked.json().get("everywhere").getAsBoolean()).isTrue();
        assertThat(first.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
        assertThat(second.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
        assertThat(bob.mail(BOB)).isStandardReply(StandardReply.SENDER_OK);
        assertThat(client.ask("POST", "/revoke?account=example.net")
                        .json()
                        .get("sessions")
                        .getAsInt())
                .isEqualTo(1);
        assertThat(bob.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
    }

    @Test
    void metricsAreWhatTheSupplierGives() throws IOException {
        assertThat(client.ask("GET", "/metrics").status()).isEqualTo(404);
        Management management = Management.of(relay, ManagementAccess.loopback());
        Client with = new Client(
                server(management.withMetrics(() -> "postern_connections 3\n")).address());
        Client.Answer metrics = with.ask("GET", "/metrics");
        assertThat(metrics.response().body()).isEqualTo("postern_connections 3\n");
        assertThat(metrics.response().headers().firstValue("Content-Type"))
                .contains("text/plain; version=0.0.4; charset=utf-8");
        Client failing = new Client(server(management.withMetrics(() -> {
                    throw new IllegalStateException("no metrics today");
                }))
                .address());
        assertThat(failing.askUnknown("GET", "/metrics").status()).isEqualTo(500);
        Client large = new Client(server(management.withMetrics(() -> "x".repeat((16 << 20) + 1)))
                .address());
        assertThat(large.askUnknown("GET", "/metrics").status()).isEqualTo(500);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, 404",
        "GET, /nothing, 404",
        "GET, /health/, 404",
        "GET, /sessions/, 404",
        "POST, /health, 405",
        "GET, /revoke?user=ann%40example.org, 405",
        "GET, /pause, 405",
        "GET, /resume, 405",
        "HEAD, /pause, 405",
        "GET, /sessions/x, 405",
        "PATCH, /sessions/x, 405",
        "DELETE, /sessions, 405",
        "POST, /revoke, 400",
        "POST, /revoke?user=, 400",
        "POST, /revoke?user=a&account=b, 400",
        "POST, /revoke?user=a&user=b, 400",
        "POST, /revoke?name=a, 400",
        "POST, /pause?why=x, 400",
        "GET, /sessions?limit=0, 400",
        "GET, /sessions?limit=10001, 400",
        "GET, /sessions?limit=x, 400",
        "DELETE, /sessions/x?now=yes, 400"
    })
    void refusesWhatThereIsNotAndChangesNothing(String method, String target, int status) {
        SmtpProbe ann = session(ANN);
        Client.Answer answer = client.askUnknown(method, target);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.response().headers().firstValue("Allow").isPresent()).isEqualTo(status == 405);
        if (!method.equals("HEAD")) {
            assertThat(answer.text("error")).isNotEmpty();
        }
        assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
        assertThat(ann.mail(ANN)).isStandardReply(StandardReply.SENDER_OK);
    }

    @Test
    void aQueryThatIsNoneIsRefused() {
        Management management = Management.of(relay, ManagementAccess.checkedByApplication());
        for (String query : List.of("user=%2x", "user=%", "user", "&", "user=a&", "user=" + "a".repeat(9000))) {
            assertThat(management
                            .answer(ManagementRequest.of("POST", "/revoke", query, name -> null))
                            .status())
                    .as(query)
                    .isEqualTo(400);
        }
    }

    @Test
    void headIsGetWithoutTheBody() {
        Client.Answer head = client.askUnknown("HEAD", "/health");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.response().body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: evil.example:9925",
                "Host: 127.0.0.1.evil.example",
                "Host: localhost.evil.example",
                "Host: 192.0.2.1",
                "Host: [::2]:80",
                "Host:",
                "X-Host: localhost"
            })
    void aNameThatWasMadeToPointHereIsRefused(String header) throws IOException {
        for (String request : List.of("GET /health", "GET /sessions", "POST /pause")) {
            assertThat(client.raw(request + " HTTP/1.1\r\n" + header + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403 ");
        }
        assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: http://evil.example",
                "Origin: null",
                "Origin: http://localhost:1",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void anotherSitesPageChangesNothing(String header) throws IOException {
        ManagementServer withToken = server(Management.of(relay, ManagementAccess.token(TOKEN)));
        for (Client each : List.of(client, new Client(withToken.address()))) {
            assertThat(each.raw("POST /pause HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN + "\r\n"
                            + header + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403 ");
        }
        assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "http://localhost:1"})
    void anotherSitesScriptReadsNothing(String origin) throws IOException {
        assertThat(client.raw("GET /sessions HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin
                        + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: localhost", "Host: LOCALHOST:80", "Host: 127.0.0.2:9925", "Host: [::1]:9925"})
    void thisMachinesOwnPageMay(String host) throws IOException {
        String origin = host.replace("Host: ", "Origin: http://");
        assertThat(client.raw("POST /pause HTTP/1.1\r\n" + host + "\r\n" + origin
                        + "\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(relay.state()).isEqualTo(RelayState.PAUSED);
    }

    @Test
    void withATokenOnlyTheStatusIsToldWithoutIt() throws IOException {
        Client guarded = new Client(
                server(Management.of(relay, ManagementAccess.token(TOKEN))).address());
        JsonObject status = guarded.ask("GET", "/health").json();
        assertThat(status.keySet()).containsExactly("status");
        for (String wrong : List.of("Bearer " + TOKEN + "x", "Bearer x", "Basic " + TOKEN, TOKEN, "Bearer ")) {
            Client.Answer answer = guarded.ask("GET", "/sessions", "Authorization", wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(401);
            assertThat(answer.response().headers().firstValue("WWW-Authenticate"))
                    .contains("Bearer");
            assertThat(guarded.ask("POST", "/pause", "Authorization", wrong).status())
                    .isEqualTo(401);
        }
        assertThat(guarded.ask("POST", "/revoke?user=x").status()).isEqualTo(401);
        assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
        assertThat(guarded.ask("GET", "/health", "Authorization", "Bearer " + TOKEN)
                        .json()
                        .has("state"))
                .isTrue();
        assertThat(guarded.ask("POST", "/pause", "Authorization", "bearer " + TOKEN)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void othersThanThisMachineNeedAToken() throws IOException {
        for (ManagementAccess access : List.of(ManagementAccess.loopback(), ManagementAccess.checkedByApplication())) {
            assertThatThrownBy(() -> ManagementServer.start("0.0.0.0", 0, Management.of(relay, access)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("token");
        }
        opened.add(ManagementServer.start("0.0.0.0", 0, Management.of(relay, ManagementAccess.token(TOKEN))));
        for (String bad : List.of("", "short", "with a blank in it", "\u00fcbersetzung-0123456789")) {
            assertThatThrownBy(() -> ManagementAccess.token(bad)).hasMessageStartingWith("token must");
        }
        assertThat(ManagementAccess.token(TOKEN)).hasToString("token");
    }

    @Test
    void anApplicationsOwnServerAsksDirectly() {
        Management management = Management.of(relay, ManagementAccess.checkedByApplication());
        ManagementResponse response = management.answer(ManagementRequest.of("get", "/health", "", name -> null));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers()).containsEntry("Content-Type", "application/json");
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("\"up\"");
    }

    @Test
    void aRequestWithABodyIsRefused() throws IOException {
        ManagementServer server = ManagementServer.start(
                "127.0.0.1",
                0,
                Management.of(relay, ManagementAccess.loopback()),
                Duration.ofSeconds(1), // after which the connection ends, with a body that never came
                Duration.ofSeconds(1));
        opened.add(server);
        Client client = new Client(server.address());
        assertThat(client.raw("POST /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(client.raw("POST /pause HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
    }

    /** More than there are threads, each with a request that does not end, or with an answer that it does not read. */
    @Test
    void slowClientsAreCutAndOthersAnswered() throws IOException {
        String much = "x".repeat(16 << 20);
        ManagementServer server = ManagementServer.start(
                "127.0.0.1",
                0,
                Management.of(relay, ManagementAccess.loopback()).withMetrics(() -> much),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1));
        opened.add(server);
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slow.add(asking(server, i % 2 == 0 ? "" : "\r\n"));
        }
        assertThat(new Client(server.address()).ask("GET", "/health").status()).isEqualTo(200);
        for (int i = 0; i < 7; i++) { // each is cut after a fifth of the time: then all of it is over for the others
            readToTheEnd(asking(server, "").getInputStream());
        }
        for (Socket each : slow) {
            assertThat(readToTheEnd(each.getInputStream())).isLessThan(much.length());
        }
    }

    private Socket asking(ManagementServer server, String endOfHeader) throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        opened.add(socket);
        String request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + endOfHeader;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static long readToTheEnd(InputStream in) {
        long octets = 0;
        try {
            byte[] block = new byte[65536];
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                octets += n;
            }
        } catch (IOException e) {
            return octets; // reset: cut as well
        }
        return octets;
    }

    @Test
    void answersWhile50SessionsSendMail() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(50);
        try {
            List<Future<Integer>> senders = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                SmtpProbe probe = session(ANN);
                senders.add(threads.submit(() -> {
                    int sent = 0;
                    for (; sent < 10; sent++) {
                        probe.mail(ANN);
                        probe.rcpt("bob@example.net");
                        assertThat(probe.data("From: " + ANN + "\r\n\r\nhello\r\n"))
                                .isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                    }
                    return sent;
                }));
            }
            SmtpProbe bob = session(BOB);
            for (int i = 0; i < 20; i++) {
                assertThat(client.ask("GET", "/health").status()).isEqualTo(200);
                assertThat(client.ask("GET", "/sessions").json().get("count").getAsInt())
                        .isEqualTo(51);
            }
            client.ask("POST", "/revoke?user=" + BOB.replace("@", "%40"));
            assertThat(bob.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
            for (Future<Integer> sender : senders) {
                assertThat(sender.get(40, TimeUnit.SECONDS)).isEqualTo(10);
            }
            assertThat(upstream.messages()).hasSize(500);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @Needs(Tool.CURL)
    void curlPauses() throws Exception {
        ManagementServer server = server(Management.of(relay, ManagementAccess.token(TOKEN)));
        String url = "http://127.0.0.1:" + server.address().getPort();
        Process curl = new ProcessBuilder(
                        Tool.CURL.path(),
                        "-sS",
                        "-f",
                        "-X",
                        "POST",
                        "-H",
                        "Authorization: Bearer " + TOKEN,
                        url + "/pause")
                .start();
        assertThat(new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("\"paused\"");
        assertThat(curl.waitFor()).isZero();
        assertThat(relay.state()).isEqualTo(RelayState.PAUSED);
    }
}
