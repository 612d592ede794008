package dev.postern.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolStore;
import dev.postern.testkit.TestMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolMetricsTest {

    @TempDir
    private Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void spoolsOfTwoRelaysInOneRegistry_areToldApart() {
        try (Spool one = spool("one");
                Spool two = spool("two")) {
            SpoolMetrics.of(one).bindTo(registry);
            SpoolMetrics.of(two).withRelay("two").bindTo(registry);
            two.deliver(TestMessage.of("Subject: hello\r\n\r\nhello\r\n").submission());
            assertThat(accepted("postern")).isZero();
            assertThat(accepted("two")).isEqualTo(1);
            assertThat(registry.getMeters())
                    .allSatisfy(
                            meter -> assertThat(meter.getId().getTag("relay")).isIn("postern", "two"));
        }
    }

    @Test
    void relayWithoutAName_isRefused() {
        try (Spool spool = spool("one")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SpoolMetrics.of(spool).withRelay(" "))
                    .withMessageContaining("name");
        }
    }

    private double accepted(String relay) {
        return registry.get("postern.spool.accepted")
                .tag("relay", relay)
                .functionCounter()
                .count();
    }

    private Spool spool(String name) {
        return Spool.builder(SpoolStore.directory(directory.resolve(name)))
                .start(message -> DeliveryResult.deferred("up", Reason.UNREACHABLE, "not there"));
    }
}
