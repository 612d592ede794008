package dev.postern.examples.quickstart;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart is watched and steered by HTTP while it works. */
class WatchedRelayTest {

    private static final String ANN = "ann@example.org";
    private static final String BOB = "bob@example.net";

    /** Of "secret", by few rounds. */
    private static final String HASH = "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/"
            + "otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/";

    private static final String ENDED = "421 4.7.0 Session ended by the administrator, closing connection";
    private static final String MONITORING = "/dev/postern/micrometer/";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static FakeUpstream upstream;
    private static RelayProcess relay;
    private static InetSocketAddress listener;
    private static String management;

    @BeforeAll
    static void start() throws Exception {
        Path users = Files.writeString(directory.resolve("users"), ANN + ":" + HASH + "\n" + BOB + ":" + HASH + "\n");
        upstream = FakeUpstream.start();
        Path config = Files.writeString(directory.resolve("postern.yaml"), """
                listen: 127.0.0.1:0
                users: %s
                allow-plaintext-auth: true
                upstream: smtp://127.0.0.1:%d
                limit: {messages: 0, sessions-user: 0, sessions-account: 0, sessions-ip: 0, quota: 1000000/day}
                management: 127.0.0.1:0
                """.formatted(users, upstream.port()));
        relay = RelayProcess.start("--config", config.toString());
        listener = relay.awaitListener("plain");
        String line = relay.nextLine();
        assertThat(line).startsWith("postern: management on http://127.0.0.1:");
        management = line.substring(line.indexOf("http://"));
    }

    @AfterAll
    static void stop() throws Exception {
        relay.terminate();
        assertThat(relay.awaitExit()).isZero();
        relay.close();
        upstream.close();
    }

    private static HttpResponse<String> http(String method, String target) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(target))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonObject json(int status, String method, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = http(method, management + path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    private static String scrape() throws IOException, InterruptedException {
        HttpResponse<String> response = http("GET", management + "/metrics");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static SmtpProbe loggedIn(String user) {
        SmtpProbe probe = SmtpProbe.connect(listener);
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).isOk();
        assertThat(probe.authPlain(user, "secret")).hasCode(235);
        return probe;
    }

    private static String content(String user) {
        return "From: " + user + "\r\nSubject: hello\r\n\r\nHow are you?\r\n";
    }

    /** Sends messages until the session is ended; returns how many were accepted. */
    private static int sendUntilEnded(SmtpProbe probe, String user) {
        List<String> message =
                List.of("MAIL FROM:<" + user + ">", "RCPT TO:<carol@dest.test>", "DATA", content(user) + ".");
        for (int accepted = 0; ; accepted++) {
            for (String said : message) {
                ProbeReply reply = probe.send(said);
                if (reply.code() == 421) { // to the content only when nothing of it had come
                    assertThat(reply.toString()).contains(ENDED);
                    probe.assertClosed();
                    probe.close();
                    return accepted;
                }
                assertThat(reply.code()).as(reply.toString()).isLessThan(400);
            }
        }
    }

    @Test
    void managementThatCannotListenEndsWith1AndSaysWhere() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RelayProcess unwatched = RelayProcess.start(
                        "--listen", "127.0.0.1:0", "--management", "127.0.0.1:" + taken.getLocalPort())) {
            assertThat(unwatched.awaitExit()).isEqualTo(1);
            assertThat(unwatched.errors())
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("postern: --management: cannot listen at 127.0.0.1:" + taken.getLocalPort()));
        }
    }

    @Test
    void hasAPageWithoutTheMailThatGoesToAnUpstream() throws Exception {
        assertThat(http("GET", management + "/").body()).contains("<title>Postern</title>");
        assertThat(http("GET", management + "/console/mails").statusCode()).isEqualTo(404);
    }

    @Test
    void isSteeredWhileFiftySessionsSend() throws Exception {
        List<SmtpProbe> probes = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (SmtpProbe halfway = loggedIn(BOB)) {
            assertThat(halfway.mail(BOB)).hasCode(250);
            assertThat(halfway.rcpt("carol@dest.test")).hasCode(250);
            assertThat(halfway.send("DATA")).hasCode(354);
            halfway.write(content(BOB));
            for (int i = 0; i < 49; i++) {
                probes.add(loggedIn(i < 9 ? BOB : ANN));
            }
            List<Future<Integer>> ofBob = probes.subList(0, 9).stream()
                    .map(probe -> threads.submit(() -> sendUntilEnded(probe, BOB)))
                    .toList();
            List<Future<Integer>> ofAnn = probes.subList(9, 49).stream()
                    .map(probe -> threads.submit(() -> sendUntilEnded(probe, ANN)))
                    .toList();

            JsonObject health = json(200, "GET", "/health");
            assertThat(health.get("status").getAsString()).isEqualTo("up");
            assertThat(health.get("connections").getAsInt()).isEqualTo(50);
            JsonObject sessions = json(200, "GET", "/sessions");
            assertThat(sessions.get("count").getAsInt()).isEqualTo(50);
            assertThat(scrape())
                    .contains("postern_connections{relay=\"postern\",state=\"authenticated\"} 50.0\n")
                    .contains("postern_messages_seconds_count{outcome=\"accepted\",relay=\"postern\"}");

            String session = sessionOf(ANN, sessions.getAsJsonArray("sessions"));
            json(202, "DELETE", "/sessions/" + session);
            await(() -> ofAnn.stream().anyMatch(Future::isDone));
            await(() -> json(200, "GET", "/sessions").get("count").getAsInt() == 49);
            assertThat(ofAnn.stream().filter(Future::isDone)).hasSize(1);

            JsonObject revoked = json(200, "POST", "/revoke?user=BOB%40example.net");
            assertThat(revoked.get("sessions").getAsInt()).isEqualTo(10);
            assertThat(revoked.get("everywhere").getAsBoolean()).isTrue();
            int accepted = 1;
            for (Future<Integer> sending : ofBob) {
                accepted += sending.get(20, TimeUnit.SECONDS);
            }
            assertThat(halfway.hasUnread()).isFalse(); // its message is answered first
            assertThat(halfway.send(".")).hasCode(250);
            assertThat(halfway.readReply().toString()).contains(ENDED);
            halfway.assertClosed();
            assertThat(ofAnn.stream().filter(Future::isDone)).hasSize(1);

            assertThat(json(200, "POST", "/revoke?user=" + ANN).get("sessions").getAsInt())
                    .isEqualTo(39);
            for (Future<Integer> sending : ofAnn) {
                accepted += sending.get(20, TimeUnit.SECONDS);
            }
            assertThat(upstream.messages()).hasSize(accepted);
            await(() ->
                    scrape().contains("postern_sessions_seconds_count{end=\"SESSION_ENDED\",relay=\"postern\"} 50\n"));
            assertThat(scrape())
                    .contains(
                            "postern_messages_seconds_count{outcome=\"accepted\",relay=\"postern\"} " + accepted + "\n")
                    .contains("postern_replies_total{relay=\"postern\",reply=\"MESSAGE_ACCEPTED\",stage=\"content\"} "
                            + (double) accepted + "\n");
            for (String file : List.of("prometheus-rules.yml", "grafana-dashboard.json")) {
                Set<String> named = metricsIn(resource(file));
                named.removeIf(metric -> metric.startsWith("postern_spool_")); // this relay has no spool
                assertThat(metricsIn(scrape())).as(file).containsAll(named);
            }
        } finally {
            probes.forEach(SmtpProbe::close);
            threads.shutdownNow();
        }
    }

    private static String sessionOf(String user, JsonArray sessions) {
        for (JsonElement session : sessions) {
            if (session.getAsJsonObject().get("user").getAsString().equals(user)) {
                return session.getAsJsonObject().get("id").getAsString();
            }
        }
        throw new AssertionError(user + " has no session in " + sessions);
    }

    private static Set<String> metricsIn(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = Pattern.compile("\\bpostern_[a-z_]+").matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = WatchedRelayTest.class.getResourceAsStream(MONITORING + name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    @Needs(Tool.PROMETHEUS)
    void prometheusScrapesItAndTakesTheRules() throws Exception {
        try (SmtpProbe probe = loggedIn(ANN)) {
            assertThat(probe.mail(ANN)).hasCode(250);
            assertThat(probe.rcpt("carol@dest.test")).hasCode(250);
            assertThat(probe.data(content(ANN))).hasCode(250);
            assertThat(probe.quit()).hasCode(221);
        }
        String url = "http://127.0.0.1:" + freePort();
        Process prometheus = prometheus(url);
        try {
            await(() -> answers(url, "query?query=postern_messages_seconds_count", "\"outcome\":\"accepted\""));
            await(() -> answers(url, "query?query=up", "\"1\"]"));
            await(() -> answers(url, "rules", "PosternAcceptsNoMessages", "PosternUpstreamCircuitOpen"));
        } finally {
            prometheus.destroyForcibly();
            assertThat(prometheus.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Process prometheus(String url) throws IOException {
        Path rules = Files.writeString(directory.resolve("rules.yml"), resource("prometheus-rules.yml"));
        Path config = Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 200ms, scrape_timeout: 200ms}
                rule_files: [%s]
                scrape_configs:
                  - job_name: postern
                    static_configs: [{targets: ["%s"]}]
                """.formatted(
                        rules, URI.create(management).getAuthority()));
        return new ProcessBuilder(
                        Tool.PROMETHEUS.path(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=" + URI.create(url).getAuthority())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("prometheus.log").toFile())
                .start();
    }

    private static boolean answers(String url, String question, String... wanted) throws InterruptedException {
        try {
            String answer = http("GET", url + "/api/v1/" + question).body();
            return List.of(wanted).stream().allMatch(answer::contains);
        } catch (IOException e) {
            return false; // it has not begun to listen
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private static void await(Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(50);
        while (!condition.holds()) {
            assertThat(System.nanoTime() - deadline).as("in time").isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
