package dev.postern.micrometer;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.postern.SmtpRelayBuilder;
import dev.postern.spi.QuotaPlan;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard and the rules name metrics that exist, and Prometheus takes both. */
class MonitoringFilesTest {

    private static final Path RESOURCES = Path.of("src/main/resources/dev/postern/micrometer");
    private static final Pattern METRIC = Pattern.compile("\\bpostern_[a-z_]+");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private static Set<String> metricsIn(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = METRIC.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    // example
    static SmtpRelayBuilder measured(SmtpRelayBuilder relay, MeterRegistry registry, ObservationRegistry observations) {
        return relay.listener(PosternMetrics.bind(registry).withObservations(observations));
    }
    // end

    @Test
    void theExampleOfThePageIsThisCode() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/postern/micrometer/MonitoringFilesTest.java"));
        String example = source.substring(source.indexOf("// example\n") + 11, source.indexOf("    // end"));
        String page = Files.readString(Path.of("../../docs/metrics.md"));
        assertThat(page).contains("```java\n" + example.stripTrailing().stripIndent() + "\n```");
        try (Stand stand = busyRelay()) {
            assertThat(stand.relay.connections()).isNotNegative();
            registry.getMeters()
                    .forEach(meter ->
                            assertThat(page).contains("`" + meter.getId().getName() + "`"));
        }
    }

    /** A relay that has done what makes every meter. */
    private Stand busyRelay() {
        Stand stand = new Stand(PosternMetrics.bind(registry), builder -> builder.quota(QuotaPlan.perDay(10)));
        try (SmtpProbe probe = stand.alice()) {
            assertThat(Stand.send(probe, Stand.MESSAGE)).hasCode(250);
            assertThat(probe.quit()).hasCode(221);
        }
        Stand.await(() -> registry.find("postern.sessions").timer() != null);
        return stand;
    }

    @ParameterizedTest
    @ValueSource(strings = {"prometheus-rules.yml", "grafana-dashboard.json"})
    void eachMetricThatAFileNamesExists(String file) throws IOException {
        try (Stand stand = busyRelay()) {
            assertThat(stand.relay.connections()).isNotNegative();
            Set<String> named = metricsIn(Files.readString(RESOURCES.resolve(file)));
            assertThat(named).hasSizeGreaterThan(5);
            assertThat(metricsIn(registry.scrape())).containsAll(named);
        }
    }

    @Test
    @Needs(Tool.PROMTOOL)
    void promtoolAcceptsTheRules() throws Exception {
        Process check = new ProcessBuilder(
                        Tool.PROMTOOL.path(),
                        "check",
                        "rules",
                        RESOURCES.resolve("prometheus-rules.yml").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        assertThat(said).contains("7 rules found");
    }

    @Test
    @Needs(Tool.PROMETHEUS)
    void prometheusScrapesARelayAndLoadsTheRules(@TempDir Path directory) throws Exception {
        HttpServer metrics = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metrics.createContext("/metrics", exchange -> {
            byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        metrics.start();
        int port = freePort();
        Process prometheus = null;
        try (Stand stand = busyRelay()) {
            prometheus = start(directory, port, metrics.getAddress().getPort());
            assertThat(awaitAnswer(port, "query?query=postern_messages_seconds_count", "\"relay\":\"postern\""))
                    .contains("\"outcome\":\"accepted\"");
            assertThat(awaitAnswer(port, "rules", "PosternAcceptsNoMessages")).contains("PosternUpstreamCircuitOpen");
            assertThat(stand.relay.connections()).isNotNegative();
        } finally {
            metrics.stop(0);
            if (prometheus != null) {
                prometheus.destroyForcibly();
                assertThat(prometheus.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static Process start(Path directory, int port, int relay) throws IOException {
        Path config = Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 200ms, scrape_timeout: 200ms}
                rule_files: [%s]
                scrape_configs:
                  - job_name: postern
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(
                        RESOURCES.resolve("prometheus-rules.yml").toAbsolutePath(), relay));
        return new ProcessBuilder(
                        Tool.PROMETHEUS.path(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    private static String awaitAnswer(int port, String question, String wanted) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + question))
                .build();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String last = "nothing";
        while (System.nanoTime() - deadline < 0) {
            try {
                last = client.send(request, HttpResponse.BodyHandlers.ofString())
                        .body();
                if (last.contains(wanted)) {
                    return last;
                }
            } catch (IOException e) {
                last = e.toString(); // it has not begun to listen
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        throw new AssertionError("not within a minute: " + wanted + " in " + last);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
