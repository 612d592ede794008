package dev.postern.micrometer;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelayBuilder;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.QuotaPlan;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolStore;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard and the rules name metrics that exist. That Prometheus takes them is a test of the quickstart's. */
class MonitoringFilesTest {

    private static final Path RESOURCES = Path.of("src/main/resources/dev/postern/micrometer");
    private static final Pattern METRIC = Pattern.compile("\\bpostern_[a-z_]+");

    @TempDir
    private Path directory;

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
        try (Stand stand = busyRelay();
                Spool spool = spool()) {
            assertThat(stand.relay.connections()).isNotNegative();
            assertThat(spool.figures().waiting()).isZero();
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

    private Spool spool() {
        Spool spool = Spool.builder(SpoolStore.directory(directory.resolve("spool")))
                .start(message -> DeliveryResult.deferred("up", DeliveryResult.Reason.UNREACHABLE, "not there"));
        SpoolMetrics.of(spool).bindTo(registry);
        return spool;
    }

    @ParameterizedTest
    @ValueSource(strings = {"prometheus-rules.yml", "grafana-dashboard.json"})
    void eachMetricThatAFileNamesExists(String file) throws IOException {
        try (Stand stand = busyRelay();
                Spool spool = spool()) {
            assertThat(stand.relay.connections()).isNotNegative();
            assertThat(spool.figures().waiting()).isZero();
            Set<String> named = metricsIn(Files.readString(RESOURCES.resolve(file)));
            assertThat(named).hasSizeGreaterThan(5);
            assertThat(metricsIn(registry.scrape())).containsAll(named);
        }
    }

    @Test
    @Needs(Tool.PROMTOOL)
    void promtoolAcceptsTheRules() throws Exception {
        assertThat(promtool("check", RESOURCES.resolve("prometheus-rules.yml"))).contains("10 rules found");
    }

    @Test
    @Needs(Tool.PROMTOOL)
    void noMessageInFiveMinutesIsAlertedOfThen() throws Exception {
        assertThat(promtool("test", Path.of("src/test/resources/prometheus-rules-test.yml")))
                .contains("SUCCESS");
    }

    private static String promtool(String what, Path file) throws Exception {
        Process check = new ProcessBuilder(Tool.PROMTOOL.path(), what, "rules", file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        return said;
    }
}
